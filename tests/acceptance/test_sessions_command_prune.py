"""`reev-flow sessions prune`, as installed."""

from pathlib import Path

import pytest

from support.journals import Story
from support.sessions import START_NS
from support.shopping import Shopping


@pytest.fixture
def shopping(tmp_path: Path) -> Shopping:
    """One session ended in 2023, another one did not."""
    shopping = Shopping(tmp_path)
    shopping.keep(Story("s-1").run(0).end(1), Story("s-2").run(0))
    return shopping


def listed(shopping: Shopping) -> list[str]:
    return [session["session_id"] for session in shopping.document("sessions", "list")["sessions"]]


def test_sessions_that_ended_before_the_retention_are_forgotten(shopping: Shopping):
    done = shopping.call("sessions", "prune")
    assert (done.code, done.out, done.err.count("\n")) == (0, "s-1\n", 1)
    assert listed(shopping) == ["s-2"]


def test_sessions_that_ended_later_stay(shopping: Shopping):
    assert shopping.call("sessions", "prune", "--older-than", "20000").out == ""
    assert listed(shopping) == ["s-1", "s-2"]


def test_the_setting_says_how_long_they_stay(shopping: Shopping):
    assert shopping.call("sessions", "prune", REEV_SESSION_RETENTION_DAYS="20000").out == ""


def test_a_dry_run_only_says_what_would_be_forgotten(shopping: Shopping):
    done = shopping.call("sessions", "prune", "--dry-run")
    assert (done.code, done.out, "would be forgotten" in done.err) == (0, "s-1\n", True)
    assert listed(shopping) == ["s-1", "s-2"]


def test_json_tells_the_ids_and_the_moment(shopping: Shopping):
    told = shopping.document("sessions", "prune", "--older-than", "1")
    assert (told["forgotten"], told["dry_run"]) == (["s-1"], False)
    assert int(told["ended_before_ns"]) > START_NS


@pytest.mark.parametrize("days", ["-1", "soon"])
def test_days_that_are_none_are_refused(days: str, shopping: Shopping):
    done = shopping.call("sessions", "prune", "--older-than", days)
    assert (done.code, done.err.count("\n")) == (2, 1)


def test_without_a_store_there_is_nothing_to_forget(tmp_path: Path):
    done = Shopping(tmp_path).call("sessions", "prune", "--store", "elsewhere", "--json")
    assert (done.code, '"forgotten": []' in done.out) == (0, True)
    assert not (tmp_path / "elsewhere").exists()
