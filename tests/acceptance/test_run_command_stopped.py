"""A flow that is stopped or killed in the middle of a step, and goes on in another process."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from support.shopping import Shopping, outcome_of

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no such signals")

STUCK = ("stick_in_a_thread", "stick_in_the_loop", "stick_by_will")


@pytest.fixture
def shopping(tmp_path: Path) -> Shopping:
    return Shopping(tmp_path)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_flow_is_interrupted_and_says_how_to_go_on(number: signal.Signals, code: int, shopping: Shopping):
    with shopping.caught_in("buy", "--arg", "amount=2") as process:
        process.send_signal(number)
        done = outcome_of(process)
    assert (done.code, done.out) == (code, "")
    assert done.err.endswith("reev-flow: session buy was interrupted; `reev-flow resume buy` goes on with it\n")
    assert shopping.state("buy") == "interrupted"


def test_a_step_that_ends_soon_may_end_and_is_not_in_doubt(shopping: Shopping):
    with shopping.caught_in("buy_slowly") as process:
        process.send_signal(signal.SIGTERM)
        done = outcome_of(process)
    assert done == (
        143,
        "",
        "reev-flow: session buy_slowly was interrupted; `reev-flow resume buy_slowly` goes on with it\n",
    )
    assert shopping.document("sessions", "show", "buy_slowly")["in_doubt"] == []
    assert shopping.call("resume", "buy_slowly").out == "thanks\n"
    assert shopping.tally() == ["pay", "thank"]


@pytest.mark.parametrize("name", STUCK)
def test_a_step_that_does_not_end_does_not_keep_the_command(name: str, shopping: Shopping):
    with shopping.caught_in(name) as process:
        process.send_signal(signal.SIGTERM)
        done = outcome_of(process)
    assert done.code == 143
    assert f"`reev-flow resume {name}` goes on with it" in done.err
    assert "did it happen?" in shopping.call("resume", name).out


def test_a_second_signal_ends_the_command_at_once(shopping: Shopping):
    with shopping.caught_in("stick_in_the_loop") as process:
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        done = outcome_of(process)
    assert done.code in (130, 143)
    assert "`reev-flow resume stick_in_the_loop` goes on with it" in done.err


def test_what_is_told_about_a_stopped_flow_is_told_as_json_too(shopping: Shopping):
    with shopping.started("run", "--app", "shop:buy", "--arg", "amount=2", "--json") as process:
        assert process.stderr is not None
        process.stderr.readline()  # which session
        assert process.stderr.readline() == "paying\n"
        process.send_signal(signal.SIGINT)
        done = outcome_of(process)
    assert done.code == 130
    assert '"state": "interrupted"' in done.out


def test_who_waits_for_an_answer_may_be_stopped_and_the_question_stays(shopping: Shopping):
    with shopping.started(
        "run", "--app", "shop:approve", "--arg", "amount=3", "--session-id", "a", "--wait"
    ) as process:
        assert process.stderr is not None
        process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        done = outcome_of(process)
    assert (done.code, "session a waits for an answer" in done.err) == (143, True)
    assert shopping.call("sessions", "answer", "a", "false").code == 0
    assert shopping.call("resume", "a").out == "left\n"


@pytest.fixture
def killed(shopping: Shopping) -> Shopping:
    """Somebody bought something, and was killed while paying."""
    with shopping.caught_in("buy", "--arg", "amount=2") as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    return shopping


def test_a_killed_flow_asks_what_became_of_the_step_and_goes_on_with_the_answer(killed: Shopping):
    asked = killed.call("resume", "buy")
    answered = killed.call("sessions", "answer", "buy", "--happened", "--result", '"paid 4"', "--by", "ann")
    resumed = killed.call("resume", "buy")
    assert (asked.code, answered.code, resumed.code) == (4, 0, 0)
    assert resumed.out == '{\n  "receipt": "paid 4"\n}\n'
    assert killed.tally() == ["quote", "pay"]


def test_a_step_that_did_not_happen_runs_again(killed: Shopping):
    killed.open_up()
    killed.call("resume", "buy")
    killed.call("sessions", "answer", "buy", "--not-happened")
    assert killed.call("resume", "buy").out == 'paying\n{\n  "receipt": "paid 4"\n}\n'
    assert killed.tally() == ["quote", "pay", "pay"]


def test_a_killed_plan_runs_again_what_may_be_run_again(shopping: Shopping):
    shopping.write_plan(
        "flow_id: trip\non_interrupt: rerun\nsteps: [{step_id: search}, {step_id: wait, depends_on: [search]}]"
    )
    with shopping.started("run", "plan.yaml", "--app", "shop:run_step", "--session-id", "trip") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "paying\n"
        process.send_signal(signal.SIGKILL)
        process.wait()
    shopping.open_up()
    assert shopping.call("resume", "trip").out == "paying\npaid 1\n"
    assert shopping.tally().count("search") == 1


def test_a_session_whose_worker_lives_is_left_to_it(shopping: Shopping):
    with shopping.caught_in("buy", "--arg", "amount=2"):
        done = shopping.call("resume", "buy")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "session 'buy' belongs to worker" in done.err


def test_a_signal_that_was_ignored_by_who_started_the_command_stays_ignored(shopping: Shopping):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with shopping.caught_in("buy", "--arg", "amount=2") as process:
        process.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
