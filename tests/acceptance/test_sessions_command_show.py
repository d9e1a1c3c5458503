"""`reev-flow sessions show`, as installed."""

import json
import os
from pathlib import Path

import pytest

from reev_flow.sessions.state import SessionState
from support.journals import Story
from support.session_stores import DAMAGES, JOURNAL_DAMAGES, OF_A_NEWER_RELEASE, change
from support.shopping import STORE, Shopping


@pytest.fixture
def shopping(tmp_path: Path) -> Shopping:
    return Shopping(tmp_path)


def killed() -> Story:
    """A quote is there, and its worker was killed while it paid."""
    story = Story("s-1").run(0)
    story.do("quote#1", 1, 2, 250, result=4)
    story.start("pay#1", 3, 4)
    return story


def test_a_session_is_told_with_its_steps_and_what_to_do_next(shopping: Shopping):
    story = killed()
    story.take_over(9, "pay#1", heard=5)
    story.ask("pay#1", 10, "did it happen?", in_doubt=True)
    story.become(SessionState.WAITING, 10)
    shopping.keep(story)
    done = shopping.call("sessions", "show", "s-1")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("session      s-1\n")
    assert [line.strip() for line in done.out.splitlines() if "reev-flow" in line] == [
        "reev-flow sessions answer s-1 --happened --result JSON",
        "reev-flow sessions answer s-1 --not-happened",
        "reev-flow resume s-1",
    ]


def test_json_tells_everything_that_is_known(shopping: Shopping):
    story = killed()
    story.next_worker()
    story.become(SessionState.INTERRUPTED, 9, reason="its worker is gone")
    shopping.keep(story)
    told = shopping.document("sessions", "show", "s-1")
    assert told["session"]["state"] == "interrupted"
    assert [(step["step"], step["outcome"], step["result"]) for step in told["steps"]] == [
        ("quote#1", "finished", 4),
        ("pay#1", "interrupted", None),
    ]
    assert told["in_doubt"] == [{"step": "pay#1", "effect": "ask"}]
    assert told["next"] == [{"when": "go on with it", "command": "reev-flow resume s-1"}]
    assert "journal" not in told


def test_a_step_of_a_session_that_runs_is_not_in_doubt(shopping: Shopping):
    shopping.keep(killed())
    shopping.hold("s-1")
    assert shopping.document("sessions", "show", "s-1")["in_doubt"] == []


def test_who_works_on_a_session_is_shown(shopping: Shopping):
    shopping.keep(killed())
    shopping.hold("s-1")
    assert f"\nworker     process {os.getpid()} of this machine\n" in shopping.call("sessions", "show", "s-1").out


def test_a_step_whose_worker_is_gone_is_in_doubt(shopping: Shopping):
    shopping.keep(killed())
    told = shopping.document("sessions", "show", "s-1")
    assert (told["session"]["state"], told["session"]["is_worker_gone"]) == ("interrupted", True)
    assert told["in_doubt"] == [{"step": "pay#1", "effect": "ask"}]
    assert told["next"] == [{"when": "go on with it", "command": "reev-flow resume s-1"}]
    assert told["steps"][-1]["outcome"] == "interrupted"


def test_a_step_of_a_session_that_ended_is_in_doubt_for_ever(shopping: Shopping):
    shopping.keep(killed().end(5, SessionState.CANCELLED))
    assert "in doubt: nobody knows whether it happened" in shopping.call("sessions", "show", "s-1").out


def test_the_journal_is_shown_when_it_is_asked_for(shopping: Shopping):
    shopping.keep(killed())
    journal = shopping.call("sessions", "show", "s-1", "--journal").out.rpartition("\n\n")[2]
    assert [line.split()[3] for line in journal.splitlines()[1:]] == ["state", "started", "finished", "started"]


def test_the_journal_is_told_as_json_too(shopping: Shopping):
    shopping.keep(killed())
    told = json.loads(shopping.call("sessions", "show", "s-1", "--journal", "--json").out)["journal"]
    assert [(entry["number"], entry["kind"]) for entry in told] == [
        (1, "state"),
        (2, "started"),
        (3, "finished"),
        (4, "started"),
    ]
    assert told[1]["value"]["arguments"] == [250]
    assert told[2]["value"] == 4


def test_the_journal_needs_no_code_of_the_user(shopping: Shopping):
    shopping.run("greet", "--arg", "name=ann")
    (shopping.folder / "shop.py").unlink()
    assert shopping.document("sessions", "show", "greet")["session"]["result"] == "hello ann"


@pytest.mark.parametrize("damage", [*DAMAGES.values(), *JOURNAL_DAMAGES.values()])
def test_what_is_wrong_with_a_damaged_session_is_told_in_one_line(damage: str, shopping: Shopping):
    story = killed()
    shopping.keep(story)
    change(shopping.folder / STORE / "sessions.db", damage, "s-1")
    done = shopping.call("sessions", "show", "s-1")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)


def test_the_beginning_of_a_damaged_session_finds_it(shopping: Shopping):
    shopping.keep(killed())
    change(shopping.folder / STORE / "sessions.db", DAMAGES["its record"], "s-1")
    assert "session 's-1' is damaged" in shopping.call("sessions", "show", "s").err


def test_a_session_of_a_newer_release_says_so(shopping: Shopping):
    shopping.keep(killed())
    change(shopping.folder / STORE / "sessions.db", OF_A_NEWER_RELEASE, "s-1")
    done = shopping.call("sessions", "show", "s-1")
    assert (done.code, done.err.count("\n")) == (2, 1)


@pytest.mark.parametrize("wanted", ["", "nothing", "\x1b[2J"])
def test_an_unknown_id_names_the_store_that_was_searched(wanted: str, shopping: Shopping):
    shopping.keep(killed())
    done = shopping.call("sessions", "show", wanted)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert shopping.location in done.err


def test_other_stores_can_be_named(shopping: Shopping):
    shopping.keep(killed())
    (shopping.folder / "logs").rename(shopping.folder / "elsewhere")
    done = shopping.call("sessions", "show", "s-1", "--store", "elsewhere/sessions")
    assert "reev-flow resume s-1 --store elsewhere/sessions\n" in done.out


@pytest.mark.parametrize("width", ["24", "40", "80"])
def test_steps_and_journal_are_blocks_where_columns_do_not_fit(width: str, shopping: Shopping):
    shopping.keep(killed())
    done = shopping.call("sessions", "show", "s-1", "--journal", COLUMNS=width)
    steps = done.out.split("\n\n", 1)[1]
    lines = [line for line in steps.splitlines() if not line.startswith("  reev-flow")]
    assert max(map(len, lines)) <= int(width)
