"""Runs that are kept in the store: `runs`, `analyze`, `check` and `diagram` take their ids where no file is named."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from support.command import recorded, reev_flow
from support.journals import Story, killed_and_resumed
from support.mermaid_parser import MermaidParser
from support.session_stores import DAMAGES, change
from support.shopping import STORE, Shopping

COMMANDS = ("analyze", "check", "diagram", "runs show", "runs list")


@pytest.fixture
def shopping(tmp_path: Path) -> Shopping:
    return Shopping(tmp_path)


@pytest.fixture
def kept(shopping: Shopping) -> Shopping:
    """One run that was killed and resumed, and one of another flow."""
    shopping.keep(killed_and_resumed(), Story("loan-1", flow="loan", trace_id="8" * 32).run(0).end(1))
    return shopping


def runs(shopping: Shopping, *arguments: str) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = shopping.document(*arguments)["runs"]
    return told


@pytest.mark.parametrize("wanted", ["s-1", "swap_then_lend", "swap", "7777777"])
def test_a_run_is_found_by_session_flow_or_trace_and_by_their_beginnings(wanted: str, kept: Shopping):
    (run,) = runs(kept, "analyze", wanted)
    assert (run["source"], run["run"]["trace_id"]) == (kept.location, "7" * 32)


def test_a_killed_run_is_one_trace_that_tells_when_it_was_down(kept: Shopping):
    out = kept.call("runs", "show", "s-1").out
    assert ("interrupted" in out, "down" in out) == (True, True)


def test_a_run_of_the_store_is_checked(kept: Shopping):
    done = kept.call("check", "s-1")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("1 run checked")


def test_a_run_of_the_store_is_drawn(kept: Shopping, mermaid: MermaidParser):
    assert mermaid.parse(kept.call("diagram", "s-1").out).edges


def test_all_runs_of_the_store_are_listed_when_none_is_named(kept: Shopping):
    assert [run["run"]["name"] for run in runs(kept, "runs", "list")] == ["swap_then_lend", "loan"]


def test_only_the_newest_are_listed_when_so_many_are_wanted(shopping: Shopping):
    shopping.keep(
        *(
            Story(
                f"s-{age}", flow=f"flow-{age}", created_ns=1_700_000_000_000_000_000 - age, trace_id=f"{age:032x}"
            ).run(0)
            for age in (1, 2, 3)
        )
    )
    named = {run["run"]["name"] for run in runs(shopping, "runs", "list", "--limit", "2")}
    assert named == {"flow-1", "flow-2"}


def test_runs_of_files_and_of_the_store_are_told_together(kept: Shopping):
    both = runs(kept, "runs", "list", str(recorded("pydantic_ai_clean")), "loan-1")
    assert {run["source"] for run in both} == {str(recorded("pydantic_ai_clean")), kept.location}


def test_a_file_goes_before_a_session_of_the_same_name(kept: Shopping):
    shutil.copy(recorded("pydantic_ai_clean"), kept.folder / "s-1")
    assert runs(kept, "runs", "list", "s-1")[0]["source"] == "s-1"


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_neither_file_nor_run_is_told_with_the_store_that_was_searched(command: str, kept: Shopping):
    done = kept.call(*command.split(), "nothing")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert f"nothing: does not exist, nor is it the id of a session or run in {kept.location}" in done.err


@pytest.mark.parametrize("command", COMMANDS)
def test_without_a_store_that_is_said_and_none_is_made(command: str, tmp_path: Path):
    done = reev_flow(*command.split(), "nothing", cwd=tmp_path)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert f"there is no store at {STORE / 'sessions.db'} yet" in done.err
    assert list(tmp_path.iterdir()) == []


def test_the_runs_of_no_store_are_none(tmp_path: Path):
    done = reev_flow("runs", "list", "--json", cwd=tmp_path)
    assert (done.code, json.loads(done.out)["runs"], "no store at" in done.err) == (0, [], True)


def test_an_unknown_run_does_not_keep_the_others_from_being_told(kept: Shopping):
    done = kept.call("check", "nothing", "s-1")
    assert done.code == 2
    assert done.out.startswith("1 run checked")


def test_several_runs_with_that_beginning_are_listed(shopping: Shopping):
    shopping.keep(Story("s-1", flow="a").run(0), Story("s-2", flow="b").run(0))
    done = shopping.call("analyze", "s-")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "s-1, s-2" in done.err


def test_a_damaged_session_is_told_and_the_others_are_listed(kept: Shopping):
    change(kept.folder / STORE / "sessions.db", DAMAGES["its contents"], "loan-1")
    assert "session 'loan-1' is damaged" in kept.call("analyze", "loan-1").err
    assert [run["run"]["name"] for run in runs(kept, "runs", "list")] == ["swap_then_lend"]


def test_another_store_can_be_named(kept: Shopping):
    (kept.folder / "logs").rename(kept.folder / "elsewhere")
    (run,) = runs(kept, "analyze", "s-1", "--store", "elsewhere/sessions")
    assert run["source"] == str(Path("elsewhere", "sessions", "sessions.db"))


def test_reading_files_asks_no_store(shopping: Shopping):
    done = shopping.call("check", recorded("pydantic_ai_clean"), REEV_SESSION_STORE_PATH="postgresql://nowhere/at-all")
    assert (done.code, done.err) == (0, "")
