"""`reev-flow sessions free`, as installed."""

from pathlib import Path

import pytest

from support.journals import Story
from support.shopping import Shopping


@pytest.fixture
def shopping(tmp_path: Path) -> Shopping:
    """One session was forgotten, another one goes on."""
    shopping = Shopping(tmp_path)
    shopping.keep(Story("s-1").run(0).end(1), Story("s-2").run(0))
    shopping.call("sessions", "prune")
    return shopping


def run_again(shopping: Shopping):
    return shopping.call("run", "--app", "shop:greet", "--session-id", "s-1", "--arg", "name=Ann")


def test_a_forgotten_session_is_not_run_again(shopping: Shopping):
    done = run_again(shopping)
    assert (done.code != 0, done.out, done.err.count("\n")) == (True, "", 1)
    assert "`reev-flow sessions free s-1`" in done.err


def test_it_is_run_again_once_its_id_is_free(shopping: Shopping):
    freed = shopping.call("sessions", "free", "s-1")
    assert (freed.code, freed.out, freed.err) == (0, "", "reev-flow: session s-1 may be run again\n")
    assert run_again(shopping).code == 0


def test_json_tells_the_id(shopping: Shopping):
    assert shopping.document("sessions", "free", "s-1")["freed"] == "s-1"


@pytest.mark.parametrize("session_id", ["s-2", "nobody", "s"])
def test_an_id_that_was_not_forgotten_is_refused(session_id: str, shopping: Shopping):
    done = shopping.call("sessions", "free", session_id)
    assert (done.code != 0, done.err.count("\n"), "nothing to free" in done.err) == (True, 1, True)


def test_without_a_store_there_is_nothing_to_free(tmp_path: Path):
    done = Shopping(tmp_path).call("sessions", "free", "s-1", "--store", "elsewhere")
    assert (done.code != 0, done.err.count("\n")) == (True, 1)
