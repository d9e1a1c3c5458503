"""`reev-flow resume`, as installed: of sessions that are over, that are not there, and whose code has moved."""

from pathlib import Path

import pytest

from reev_flow.sessions.state import SessionState
from support.journals import Story
from support.shopping import Shopping


@pytest.fixture
def shopping(tmp_path: Path) -> Shopping:
    return Shopping(tmp_path)


def left(session_id: str = "s-1", **facts: str) -> Story:
    """A session that was interrupted after its first step."""
    story = Story(session_id, definition=b"", **facts).run(0)
    story.do("quote#1", 1, 2, result=4)
    story.become(SessionState.INTERRUPTED, 3)
    return story


def test_the_result_of_a_session_that_is_over_is_given_again_without_its_code(shopping: Shopping):
    shopping.keep(Story("s-1").run(0).end(1, result={"paid": 4}))
    done = shopping.call("resume", "s-1")
    assert (done.code, done.out) == (0, '{\n  "paid": 4\n}\n')
    assert done.err == "reev-flow: session s-1 completed before; this is its result\n"


def test_a_session_that_failed_exits_with_one_again(shopping: Shopping):
    shopping.keep(Story("s-1").run(0).end(1, SessionState.FAILED, error="ValueError: no luck"))
    done = shopping.call("resume", "s-1")
    assert (done.code, done.out) == (1, "")
    assert "session s-1 failed before: ValueError: no luck" in done.err


def test_the_beginning_of_an_id_is_enough(shopping: Shopping):
    shopping.keep(Story("trip-1").run(0).end(1, result="there"), Story("other").run(0))
    assert shopping.call("resume", "tr").out == "there\n"


def test_an_id_that_is_the_beginning_of_another_one_is_that_id(shopping: Shopping):
    shopping.keep(Story("trip").run(0).end(1, result="short"), Story("trip-1").run(0).end(1, result="long"))
    assert shopping.call("resume", "trip").out == "short\n"


def test_several_sessions_with_that_beginning_are_listed(shopping: Shopping):
    shopping.keep(Story("trip-1").run(0), Story("trip-2").run(0))
    done = shopping.call("resume", "tri")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "2 sessions have ids that start with 'tri' (trip-1, trip-2)" in done.err


def test_an_unknown_id_names_the_store_that_was_searched(shopping: Shopping):
    shopping.keep(Story("trip-1").run(0))
    done = shopping.call("resume", "nothing")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"reev-flow: no session 'nothing' in {shopping.location}; ")


def test_without_a_store_none_is_made(shopping: Shopping):
    done = shopping.call("resume", "nothing")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert f"no store at {shopping.location} yet" in done.err
    assert not (shopping.folder / "logs").exists()


def test_code_that_has_moved_is_named_with_app(shopping: Shopping):
    shopping.keep(left(flow="greet", entry_point="gone:greet"))
    lost = shopping.call("resume", "s-1")
    assert (lost.code, lost.err.count("\n")) == (2, 1)
    assert "No module named 'gone'" in lost.err
    assert "--app" in lost.err


def test_a_session_whose_steps_were_called_by_hand_says_so(shopping: Shopping):
    shopping.keep(left())
    done = shopping.call("resume", "s-1")
    assert (done.code, "called by hand" in done.err) == (2, True)


def test_a_flow_goes_on_with_code_that_is_elsewhere_now(shopping: Shopping):
    asked = shopping.run("approve", "--arg", "amount=3")
    (shopping.folder / "shop.py").rename(shopping.folder / "market.py")
    shopping.call("sessions", "answer", "approve", "true")
    done = shopping.call("resume", "approve", "--app", "market:approve")
    assert (asked.code, done.code, done.out) == (4, 0, "bought\n")
