"""`reev-flow sessions recover`, as installed: everything that was left in the middle, taken up in one go."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from reev_flow.sessions.journal import EntryKind
from reev_flow.sessions.records import Question
from reev_flow.sessions.state import SessionState
from reev_flow.values.tagged import encode
from support.journals import Story
from support.shopping import Shopping, outcome_of

NONE = encode([[], {}])
SECOND_NS = 1_000_000_000

posix = pytest.mark.skipif(os.name == "nt", reason="no such signals")


@pytest.fixture
def shopping(tmp_path: Path) -> Shopping:
    return Shopping(tmp_path)


def interrupted(session_id: str, flow: str, entry_point: str) -> Story:
    story = Story(session_id, flow=flow, arguments=NONE, definition=b"", entry_point=entry_point).run(0)
    story.become(SessionState.INTERRUPTED, 1)
    return story


def states(shopping: Shopping) -> dict[str, str]:
    return {one["session_id"]: one["state"] for one in shopping.document("sessions", "list")["sessions"]}


def recovered(out: str) -> dict[str, str]:
    """The rows of the table; what flows print stands above it."""
    _, _, rows = out.partition("session ")
    return {line.split()[0]: line.split()[1] for line in rows.splitlines()[1:]}


@posix
def test_whatever_was_killed_goes_on_and_whoever_lives_is_left_alone(shopping: Shopping):
    with shopping.caught_in("buy", "--arg", "amount=2") as killed:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    shopping.run("approve", "--arg", "amount=3")
    shopping.call("sessions", "answer", "approve", "true")
    shopping.run("choose")
    with shopping.caught_in("stick_by_will"):
        done = shopping.call("sessions", "recover")
    assert done.code == 0
    assert recovered(done.out) == {"buy": "waiting", "approve": "completed", "stick_by_will": "running"}
    assert "`reev-flow sessions show buy` shows what it asks" in done.out


def test_a_flow_that_fails_then_exits_with_one(shopping: Shopping):
    shopping.keep(
        interrupted("s-1", "fail", entry_point="shop:talk"), interrupted("s-2", "talk", entry_point="shop:talk")
    )
    done = shopping.call("sessions", "recover", "--app", "shop:fail")
    assert (done.code, recovered(done.out)) == (1, {"s-1": "failed", "s-2": "completed"})
    assert "ValueError: no\\nluck \\x1b[2J" in done.out


def test_code_that_is_not_found_exits_with_two_and_the_others_go_on(shopping: Shopping):
    shopping.keep(
        interrupted("s-1", "lost", entry_point="gone:lost"), interrupted("s-2", "talk", entry_point="shop:talk")
    )
    done = shopping.call("sessions", "recover")
    assert (done.code, recovered(done.out)) == (2, {"s-1": "interrupted", "s-2": "completed"})
    assert "No module named 'gone'" in done.out


def test_what_runs_steps_is_given_to_plans_alone(shopping: Shopping):
    shopping.write_plan("flow_id: trip\non_interrupt: rerun\nsteps: [{step_id: wait}]")
    with shopping.started("run", "plan.yaml", "--app", "shop:run_step", "--session-id", "trip") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
        process.wait()
    shopping.open_up()
    (shopping.folder / "shop.py").rename(shopping.folder / "market.py")
    shopping.keep(interrupted("s-1", "talk", entry_point="market:talk"))
    done = shopping.call("sessions", "recover", "--app", "market:run_step", "--json")
    assert (done.code, states(shopping)) == (0, {"trip": "completed", "s-1": "completed"})
    assert [one["state"] for one in json.loads(done.out)["sessions"]] == ["completed", "completed"]


def test_a_session_whose_deadline_has_passed_need_not_wait_any_longer(shopping: Shopping):
    story = Story("s-1", flow="approve", arguments=encode([[3.0], {}]), definition=b"", entry_point="shop:approve").run(
        0
    )
    deadline_ns = time.time_ns() - SECOND_NS
    story.note(EntryKind.ASKED, Question(text="Spend 3?", deadline_ns=deadline_ns), 1, ("ask[spend]", 1))
    story.become(SessionState.WAITING, 2)
    shopping.keep(story)
    done = shopping.call("sessions", "recover")
    assert (done.code, recovered(done.out)) == (1, {"s-1": "failed"})
    assert "QuestionExpired" in done.out


def test_sessions_that_wait_or_are_over_are_left_alone(shopping: Shopping):
    shopping.run("choose")
    shopping.run("talk")
    done = shopping.call("sessions", "recover")
    assert (done.code, done.out, done.err) == (0, "", "reev-flow: no session was left in the middle\n")


@posix
def test_recovering_may_be_stopped_like_any_flow(shopping: Shopping):
    shopping.keep(interrupted("s-1", "stick_by_will", entry_point="shop:stick_by_will"))
    with shopping.started("sessions", "recover") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        done = outcome_of(process)
    assert done.code == 143
    assert "`reev-flow sessions recover` goes on with what was left" in done.err
    assert states(shopping) == {"s-1": "interrupted"}


def test_without_a_store_there_is_nothing_to_recover(shopping: Shopping):
    done = shopping.call("sessions", "recover", "--json")
    assert (done.code, json.loads(done.out)["sessions"]) == (0, [])
    assert not (shopping.folder / "logs").exists()
