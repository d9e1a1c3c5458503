"""`reev-flow sessions cancel`, as installed."""

from pathlib import Path

import pytest

from reev_flow.sessions.state import SessionState
from support.journals import Story
from support.shopping import Shopping, outcome_of


@pytest.fixture
def shopping(tmp_path: Path) -> Shopping:
    return Shopping(tmp_path)


def test_a_session_that_nobody_works_on_is_cancelled_at_once(shopping: Shopping):
    shopping.run("approve", "--arg", "amount=3")
    done = shopping.call("sessions", "cancel", "approve", "--reason", "too dear")
    assert (done.code, done.err) == (0, "reev-flow: session approve is cancelled\n")
    assert shopping.state("approve") == "cancelled"
    assert "too dear" in shopping.call("resume", "approve").err


def test_the_worker_of_a_session_is_told_to_cancel_it(shopping: Shopping):
    with shopping.caught_in("buy", "--arg", "amount=2") as process:
        told = shopping.call("sessions", "cancel", "buy", "--reason", "too dear")
        done = outcome_of(process)
    assert (told.code, told.err) == (0, "reev-flow: session buy: its worker was told to cancel it\n")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "was cancelled: too dear" in done.err


def test_a_session_that_was_cancelled_stays_so(shopping: Shopping):
    shopping.keep(Story("s-1").run(0).end(1, SessionState.CANCELLED))
    assert shopping.call("sessions", "cancel", "s-1").code == 0


def test_a_session_that_completed_cannot_be_cancelled(shopping: Shopping):
    shopping.keep(Story("s-1").run(0).end(1))
    done = shopping.call("sessions", "cancel", "s-1")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "completed and cannot be cancelled" in done.err


def test_an_unknown_id_names_the_store_that_was_searched(shopping: Shopping):
    shopping.keep(Story("s-1").run(0))
    assert shopping.location in shopping.call("sessions", "cancel", "nothing").err
