"""`reev-flow worker`, as installed: whatever nobody works on is taken up by somebody who does."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from reev_flow.sessions.state import SessionState
from reev_flow.values.tagged import encode
from support.journals import Story
from support.serving import eventually
from support.workshop import APPS, Workshop

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no such signals")

ORDER = encode([["it"], {}])
NOTHING = encode([[], {}])


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def interrupted(session_id: str, flow: str, arguments: bytes = NOTHING) -> Story:
    story = Story(session_id, flow=flow, arguments=arguments, definition=b"", entry_point=f"orders:{flow}").run(0)
    story.become(SessionState.INTERRUPTED, 1)
    return story


def test_a_run_that_was_killed_is_finished_by_a_worker(shop: Workshop):
    shop.killed_while_packing("s-1")
    shop.open_up()
    with shop.worker():
        begun = shop.heard("begun", "s-1")
        ended = shop.heard("ended", "s-1")
    assert (begun["flow"], begun["detail"]) == ("order", "its worker is gone")
    assert ended["state"] == "completed"
    assert shop.tally() == ["pack it", "pack it", "send it"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_worker_that_is_asked_to_stop_hands_over_at_once(shop: Workshop, number: signal.Signals, code: int):
    shop.keep(interrupted("s-1", "order", ORDER))
    with shop.worker(name="first") as first:
        shop.did("pack it")
        first.send_signal(number)
        assert first.wait(30) == code
        assert shop.heard("left", "s-1", "first")["state"] == "interrupted"
    shop.open_up()
    with shop.worker(name="second"):
        assert shop.heard("begun", "s-1", "second")["detail"] == "it was interrupted"
        shop.heard("ended", "s-1", "second")


def test_a_worker_that_is_killed_is_succeeded_by_the_one_beside_it(shop: Workshop):
    shop.keep(interrupted("s-1", "order", ORDER))
    with shop.worker(name="first") as first:
        shop.did("pack it")
        with shop.worker(name="second"):
            first.kill()
            assert shop.heard("begun", "s-1", "second")["detail"] == "its worker is gone"
            shop.open_up()
            shop.heard("ended", "s-1", "second")


def test_a_session_goes_on_when_its_question_was_answered(shop: Workshop):
    shop.call("run", "--app", "orders:order_if_wanted", "--arg", "what=it", "--session-id", "s-1")
    with shop.worker():
        shop.call("sessions", "answer", "s-1", "true")
        assert shop.heard("begun", "s-1")["detail"] == "it has an answer, or its deadline passed"
        shop.heard("ended", "s-1")
    assert shop.tally() == ["send it"]


def test_a_session_that_asks_something_is_left_until_it_is_answered(shop: Workshop):
    shop.keep(interrupted("s-1", "order_if_wanted", ORDER))
    with shop.worker():
        assert shop.heard("waiting", "s-1")["state"] == "waiting"
        shop.call("sessions", "answer", "s-1", "false")
        assert shop.heard("ended", "s-1")["state"] == "completed"


def test_cancelling_reaches_a_step_that_a_worker_runs(shop: Workshop):
    shop.keep(interrupted("s-1", "order", ORDER))
    with shop.worker():
        shop.did("pack it")
        shop.call("sessions", "cancel", "s-1", "--reason", "no longer wanted")
        ended = shop.heard("ended", "s-1")
    assert ended["state"] == "cancelled"
    assert "no longer wanted" in ended["detail"]
    assert shop.tally() == ["pack it"]


def test_sessions_of_other_flows_are_left_alone_and_told_of_once(shop: Workshop):
    strange = [interrupted(f"x-{number}", "trip") for number in range(3)]
    shop.keep(*strange, interrupted("s-1", "order", ORDER))
    shop.open_up()
    with shop.worker():
        shop.heard("ended", "s-1")
        shop.keep(interrupted("s-2", "order", ORDER))
        shop.heard("ended", "s-2")
    assert [one["flow"] for one in shop.events() if one["event"] == "unknown"] == ["trip"]
    assert {shop.states()[f"x-{number}"] for number in range(3)} == {"interrupted"}


def test_code_that_does_not_fit_is_tried_less_and_less_and_the_others_go_on(shop: Workshop):
    with shop.started("run", "--app", "orders:misfit", "--session-id", "bad") as run:
        shop.did("pack it")
        run.kill()
        run.wait()
    shop.open_up()
    shop.keep(interrupted("s-1", "order", ORDER))
    with shop.worker():
        put_off = shop.heard("put_off", "bad")
        shop.heard("ended", "s-1")
        longer = eventually(lambda: [one for one in shop.events() if one.get("seconds", 0) > 1.5], shop.events)
    assert "send[now]" in put_off["detail"]
    assert {(one["event"], one["session_id"]) for one in longer} == {("put_off", "bad")}
    assert shop.states()["bad"] == "interrupted"


def test_a_session_in_which_every_worker_dies_is_left_longer_each_time_so_that_the_others_go_on(shop: Workshop):
    shop.keep(interrupted("bad", "poisoned"))

    def is_put_off() -> bool:
        return any(one["event"] == "put_off" for one in shop.events())

    while not is_put_off():
        with shop.worker() as mortal:
            eventually(lambda: is_put_off() or mortal.poll() is not None, shop.events)
    shop.keep(interrupted("s-1", "order", ORDER))
    shop.open_up()
    with shop.worker():
        shop.heard("ended", "s-1")
        shop.heard("ended", "bad")
    assert shop.tally().count("dies") >= 2


def test_with_once_it_ends_when_nothing_is_left_to_take_up(shop: Workshop):
    shop.open_up()
    shop.keep(*(interrupted(f"s-{number}", "order", ORDER) for number in range(5)))
    done = shop.call("worker", *APPS, "--once", "--concurrent", "2")
    assert done.code == 0
    assert set(shop.states().values()) == {"completed"}
    assert done.out == ""
    lines = done.err.splitlines()
    assert lines[0].startswith("reev-flow: taking up sessions of order, order_if_wanted, block_the_loop, ")
    assert lines[0].endswith("up to 2 at once, in logs/sessions/sessions.db; Ctrl-C stops")
    assert sum("taken up: it was interrupted" in line for line in lines) == 5
    assert lines[-1] == "reev-flow: stopped; 5 completed"


def test_a_worker_may_begin_before_there_is_a_store(shop: Workshop):
    with shop.worker():
        eventually((shop.store / "sessions.db").exists, shop.events)
        shop.keep(interrupted("s-1", "order", ORDER))
        shop.open_up()
        shop.heard("ended", "s-1")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "nothing says whose sessions to take up"),
        (["--app", "orders:TALLY"], "is no code to run"),
        (["--app", "orders:nothing"], "orders has no nothing"),
        ([*APPS, "--store", "memory:"], "keeps sessions only while their process lives"),
        ([*APPS, "--poll", "0"], "--poll"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(shop: Workshop, arguments: list[str], told: str):
    done = shop.call("worker", *arguments)
    assert done.code == 2
    assert told in done.err
    assert len(done.err.splitlines()) == 1


def test_each_line_of_json_is_a_document(shop: Workshop):
    shop.open_up()
    shop.keep(interrupted("s-1", "order", ORDER))
    done = shop.call("worker", *APPS, "--once", "--json")
    begun, ended = map(json.loads, done.out.splitlines())
    assert (begun["event"], begun["session_id"], begun["flow"]) == ("begun", "s-1", "order")
    assert (ended["event"], ended["state"]) == ("ended", "completed")
    assert done.err == ""


def test_a_plan_is_gone_on_with_by_what_runs_its_steps(shop: Workshop):
    (shop.folder / "plan.yaml").write_text("flow_id: trip\non_interrupt: rerun\nsteps: [{step_id: one}]")
    with shop.started("run", "plan.yaml", "--app", "orders:run_step", "--session-id", "s-1") as run:
        shop.did("pack one")
        run.kill()
        run.wait()
    shop.open_up()
    done = shop.call("worker", "--app", "orders:run_step", "--once")
    assert (done.code, shop.states()) == (0, {"s-1": "completed"})
    assert "taking up sessions of plans" in done.err
    assert shop.tally() == ["pack one", "pack one"]


def test_a_flow_that_fails_makes_once_end_with_one(shop: Workshop):
    shop.keep(interrupted("s-1", "poisoned", ORDER))
    done = shop.call("worker", *APPS, "--once")
    assert (done.code, shop.states()) == (1, {"s-1": "failed"})
    assert "session s-1 failed after" in done.err
    assert "`reev-flow sessions show s-1` shows where" in done.err


def test_a_flow_that_ends_the_program_is_let_rest_so_that_it_keeps_no_worker_from_the_others(shop: Workshop):
    shop.keep(interrupted("bad", "quits"))
    told = [shop.call("worker", *APPS, "--once").err for _ in range(6)]  # the pauses grow longer than it takes to begin
    assert "a step ended the program (exit code 3)" in told[0]
    assert any("session bad left alone for" in one and "stopped; no session ended" in one for one in told)


@pytest.mark.parametrize(("stream", "options"), [("stdout", ["--json"]), ("stderr", [])])
def test_a_worker_whose_lines_nobody_takes_goes_on_working(shop: Workshop, stream: str, options: list[str]):
    """The pipe is full from the beginning."""
    shop.open_up()
    shop.keep(*(interrupted(f"s-{number}", "order", ORDER) for number in range(3)))
    with full_pipe() as full, shop.started("worker", *APPS, "--once", *options, **{stream: full}) as process:
        process.wait(60)
    assert set(shop.states().values()) == {"completed"}


@contextmanager
def full_pipe() -> Iterator[int]:
    """One that nobody reads and that takes nothing any more."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writer, bytes(4_096))
    os.set_blocking(writer, True)
    try:
        yield writer
    finally:
        os.close(reader)
        os.close(writer)


def test_a_worker_whose_lines_nobody_reads_goes_on_working(shop: Workshop):
    shop.open_up()
    shop.keep(*(interrupted(f"s-{number}", "order", ORDER) for number in range(3)))
    with shop.started("worker", *APPS, "--json", "--once") as process:
        assert process.stdout is not None
        process.stdout.close()
        process.wait(60)
    assert set(shop.states().values()) == {"completed"}
