"""`reev-flow sessions fork`, as installed."""

from pathlib import Path

import pytest

from support.journals import Story
from support.shopping import Shopping


@pytest.fixture
def shopping(tmp_path: Path) -> Shopping:
    return Shopping(tmp_path)


def bought(name: str = "s-1") -> Story:
    story = Story(name, entry_point="shop:nothing").run(0)
    story.do("search#1", 1, 2, result="a lamp")
    story.do("pay#1", 3, 4, result="paid")
    return story.end(5)


def test_the_new_session_is_printed_and_what_goes_on_with_it(shopping: Shopping):
    shopping.keep(bought())
    done = shopping.call("sessions", "fork", "s-1", "--from", "pay#1", "--as", "s-2")
    assert (done.code, done.out) == (0, "s-2\n")
    told = "session s-2 begins with a step of s-1; `reev-flow resume s-2` does the rest anew"
    assert done.err == f"reev-flow: {told}\n"


def test_show_says_where_it_comes_from_and_what_it_was_given(shopping: Shopping):
    shopping.keep(bought())
    shopping.call("sessions", "fork", "s-1", "--from", "pay", "--as", "s-2")
    shown = shopping.call("sessions", "show", "s-2").out
    assert "forked     from s-1 before pay#1" in shown
    assert "search#1       kept                  a lamp" in shown
    document = shopping.document("sessions", "show", "s-2")
    assert {name: document["forked_from"][name] for name in ("session_id", "step")} == {
        "session_id": "s-1",
        "step": "pay#1",
    }
    assert ([kept["step"] for kept in document["kept"]], document["steps"]) == (["search#1"], [])


def test_it_is_told_as_json_too(shopping: Shopping):
    shopping.keep(bought())
    document = shopping.document("sessions", "fork", "s-1", "--from", "pay#1")
    assert (document["forked_from"], document["kept_steps"]) == ("s-1", ["search#1"])
    assert document["session"]["state"] == "interrupted"
    assert document["next"] == f"reev-flow resume {document['session']['session_id']}"


def test_asked_for_again_it_is_the_same_one(shopping: Shopping):
    shopping.keep(bought())
    first, second = (shopping.call("sessions", "fork", "s-1", "--from", "pay#1", "--as", "s-2") for _ in range(2))
    assert first == second
    assert len(shopping.document("sessions", "list")["sessions"]) == 2


def test_a_step_that_is_not_there_names_those_that_are(shopping: Shopping):
    shopping.keep(bought())
    done = shopping.call("sessions", "fork", "s-1", "--from", "refund")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "has no step 'refund'; name one of search#1, pay#1" in done.err


def test_an_id_that_is_taken_is_refused(shopping: Shopping):
    shopping.keep(bought(), bought("s-2"))
    done = shopping.call("sessions", "fork", "s-1", "--from", "pay#1", "--as", "s-2")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "exists already" in done.err


def test_a_session_without_a_fork_says_nothing_of_one(shopping: Shopping):
    shopping.keep(bought())
    assert "forked" not in shopping.call("sessions", "show", "s-1").out
    assert shopping.document("sessions", "show", "s-1")["forked_from"] is None


def test_the_list_says_what_is_a_fork(shopping: Shopping):
    shopping.keep(bought())
    shopping.call("sessions", "fork", "s-1", "--from", "pay#1", "--as", "s-2")
    told = {line.split()[0]: line for line in shopping.call("sessions", "list").out.splitlines()}
    assert told["s-2"].endswith("  swap_then_lend, forked from s-1")
    assert told["s-1"].endswith("  swap_then_lend")
    listed = shopping.document("sessions", "list")["sessions"]
    assert {one["session_id"]: one["forked_from"] for one in listed} == {"s-1": None, "s-2": "s-1"}


@pytest.mark.parametrize("width", ["24", "40", "60", "80"])
def test_a_fork_makes_the_list_no_wider_than_the_terminal(width: str, shopping: Shopping):
    shopping.keep(bought())
    shopping.call("sessions", "fork", "s-1", "--from", "pay#1", "--as", "s-2")
    lines = shopping.call("sessions", "list", COLUMNS=width).out.splitlines()
    assert max(map(len, lines)) <= int(width)
    assert "s-2" in {line.split()[0] for line in lines}
