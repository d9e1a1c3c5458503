"""`reev-flow sessions list`, as installed."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from reev_flow.sessions.state import SessionState
from support.command import COMMAND
from support.journals import Story
from support.session_stores import DAMAGES, change
from support.shopping import STORE, Shopping

HOSTILE = "\x1b[2J\u202eevil"


@pytest.fixture
def shopping(tmp_path: Path) -> Shopping:
    return Shopping(tmp_path)


@pytest.fixture
def kept(shopping: Shopping) -> Shopping:
    """Three sessions of two flows; the oldest first."""
    shopping.keep(
        Story("trip-1", flow="trip", created_ns=1_700_000_000_000_000_000).run(0).end(1),
        Story("trip-2", flow="trip", created_ns=1_700_000_100_000_000_000).run(0),
        Story("loan-1", flow="loan", created_ns=1_700_000_200_000_000_000).run(0).end(1, SessionState.FAILED),
    )
    shopping.hold("trip-2")
    return shopping


def listed(shopping: Shopping, *arguments: str) -> list[str]:
    return [session["session_id"] for session in shopping.document("sessions", "list", *arguments)["sessions"]]


def test_sessions_are_listed_a_line_each_the_newest_first(kept: Shopping):
    done = kept.call("sessions", "list")
    assert [line.split()[:2] for line in done.out.splitlines()] == [
        ["session", "state"],
        ["loan-1", "failed"],
        ["trip-2", "running"],
        ["trip-1", "completed"],
    ]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--state", "running"], ["trip-2"]),
        (["--state", "failed", "--state", "completed"], ["loan-1", "trip-1"]),
        (["--flow", "trip"], ["trip-2", "trip-1"]),
        (["--flow", "nothing"], []),
        (["--limit", "1"], ["loan-1"]),
    ],
)
def test_sessions_are_chosen(arguments: list[str], found: list[str], kept: Shopping):
    assert listed(kept, *arguments) == found


@pytest.fixture
def left(kept: Shopping) -> Shopping:
    """Besides, two that are recorded as running and have no worker."""
    kept.keep(Story("left-1", created_ns=1_800_000_000_000_000_000).run(0))
    kept.keep(Story("left-2", created_ns=1_800_000_100_000_000_000).run(0))
    return kept


def test_a_session_whose_worker_is_gone_is_interrupted(left: Shopping):
    lines = left.call("sessions", "list").out.splitlines()
    assert "left-2   interrupted (worker gone)  " in lines[1]
    assert "trip-2   running  " in lines[4]


def test_json_tells_whose_worker_is_gone(left: Shopping):
    told = {one["session_id"]: one for one in left.document("sessions", "list")["sessions"]}
    assert {name: (one["state"], one["is_worker_gone"]) for name, one in told.items()} == {
        "left-2": ("interrupted", True),
        "left-1": ("interrupted", True),
        "loan-1": ("failed", False),
        "trip-2": ("running", False),
        "trip-1": ("completed", False),
    }


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--state", "interrupted"], ["left-2", "left-1"]),
        (["--state", "interrupted", "--limit", "1"], ["left-2"]),
        (["--state", "running"], ["trip-2"]),
        (["--state", "running", "--limit", "1"], ["trip-2"]),
        (["--state", "running", "--state", "interrupted", "--limit", "2"], ["left-2", "left-1"]),
    ],
)
def test_sessions_are_chosen_by_the_state_they_are_listed_with(arguments: list[str], found: list[str], left: Shopping):
    assert listed(left, *arguments) == found


@pytest.mark.parametrize("width", ["24", "40", "60", "80"])
def test_ids_stay_whole_on_any_terminal(width: str, shopping: Shopping):
    name = "swap_then_lend-0123456789abcdef"
    shopping.keep(Story(name).run(0))
    assert name in shopping.call("sessions", "list", COLUMNS=width).out.split()


def test_a_list_of_nothing_says_so(kept: Shopping):
    done = kept.call("sessions", "list", "--flow", "nothing")
    assert (done.code, done.out, done.err) == (0, "", f"reev-flow: no such session in {kept.location}\n")


def test_an_empty_store_is_told_as_one(shopping: Shopping):
    shopping.keep()
    assert shopping.call("sessions", "list").err == f"reev-flow: no session in {shopping.location}\n"
    assert shopping.document("sessions", "list")["sessions"] == []


def test_an_unknown_state_is_refused_with_the_known_ones(kept: Shopping):
    done = kept.call("sessions", "list", "--state", "asleep")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "interrupted" in done.err


def test_times_are_local_with_their_offset(kept: Shopping):
    out = kept.call("sessions", "list", TZ="Asia/Kolkata").out
    assert re.search(r"trip-1 .* 2023-11-15 03:43 \+05:30 ", out)


def test_times_in_json_are_decimal_strings(kept: Shopping):
    session = kept.document("sessions", "list")["sessions"][-1]
    assert (session["created_ns"], session["ended_ns"]) == ("1700000000000000000", "1700000001000000000")


def test_without_a_store_that_is_said_and_none_is_made(shopping: Shopping):
    done = shopping.call("sessions", "list", "--json")
    assert (done.code, json.loads(done.out)["sessions"]) == (0, [])
    assert f"no store at {shopping.location} yet" in done.err
    assert not (shopping.folder / "logs").exists()


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_session_is_named_and_the_others_are_listed(damage: str, kept: Shopping):
    change(kept.folder / STORE / "sessions.db", DAMAGES[damage], "trip-1")
    done = kept.call("sessions", "list")
    assert done.code == 0
    assert "session 'trip-1' is damaged" in done.err
    assert {"loan-1", "trip-2"} <= {line.split()[0] for line in done.out.splitlines()}


def test_a_damaged_journal_is_named_too(kept: Shopping):
    change(kept.folder / STORE / "sessions.db", "DELETE FROM journal WHERE number = 1")
    assert kept.document("sessions", "list")["damaged"] == ["loan-1", "trip-1", "trip-2"]


def test_a_store_of_a_newer_release_is_refused_and_left_alone(kept: Shopping):
    path = kept.folder / STORE / "sessions.db"
    change(path, "PRAGMA user_version = 99")
    before = path.read_bytes()
    done = kept.call("sessions", "list")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "newer release" in done.err
    assert path.read_bytes() == before


def test_something_else_than_a_store_is_refused(shopping: Shopping):
    (shopping.folder / STORE).mkdir(parents=True)
    (shopping.folder / STORE / "sessions.db").write_text("a letter to a friend, which is not to be lost")
    done = shopping.call("sessions", "list")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "not a store of this kind" in done.err


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root writes everywhere, Windows has other rights")
def test_a_folder_that_may_only_be_read_is_told_in_one_line(kept: Shopping):
    for path in (kept.folder / STORE).iterdir():
        path.chmod(0o400)
    (kept.folder / STORE).chmod(0o500)
    done = kept.call("sessions", "list")
    (kept.folder / STORE).chmod(0o700)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert kept.location in done.err


@pytest.mark.parametrize("width", ["24", "40", "60", "80", "200"])
def test_no_line_is_wider_than_the_terminal(width: str, kept: Shopping):
    done = kept.call("sessions", "list", COLUMNS=width)
    assert max(map(len, done.out.splitlines())) <= int(width)
    assert "loan-1" in done.out


def test_no_name_or_id_reaches_the_terminal_as_a_command(shopping: Shopping):
    shopping.keep(Story(f"s-{HOSTILE}", flow=HOSTILE).run(0).end(1, SessionState.FAILED, error=HOSTILE))
    for command in (["list"], ["show", "s-"], ["show", "s-", "--journal"], ["prune", "--older-than", "0"]):
        done = shopping.call("sessions", *command)
        assert done.code == 0
        assert not set("\x1b\u202e") & set(done.out + done.err)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_text_is_written_in_any_encoding(encoding: str, shopping: Shopping):
    shopping.keep(Story("s-\N{SNOWMAN}", flow="schnee\N{SNOWMAN}" * 30).run(0))
    for command in (["list"], ["show", "s-"], ["show", "s-", "--journal"]):
        done = shopping.call("sessions", *command, PYTHONUTF8="0", PYTHONIOENCODING=encoding)
        assert (done.code, done.err) == (0, "")


@pytest.mark.skipif(os.name == "nt", reason="no pipes of this kind")
def test_a_reader_that_stops_reading_is_no_error(shopping: Shopping):
    shopping.keep(*(Story(f"trip-{number}").run(0) for number in range(200)))
    done = subprocess.run(
        f"{COMMAND} sessions list --limit 200 --json | head -c 10",
        shell=True,
        cwd=shopping.folder,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == b""


def test_a_list_is_read_without_what_runs_flows_or_explains_them(kept: Shopping):
    code = (
        "import sys; from reev_flow.cli import run; run(['sessions', 'list']);"
        "rooms = ('reev_flow.analysis.', 'reev_flow.runtime.', 'reev_flow.flows', 'reev_flow.pipeline', 'opentelemetry');"
        "settings = {'calls', 'calls.prices', 'rules', 'rules.wishes'};"  # what can be set of them
        "known = {'reev_flow.runtime.workers', *(f'reev_flow.analysis.{name}' for name in settings)};"
        "print([name for name in sys.modules if name.startswith(rooms) and name not in known])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=kept.folder, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("\n[]\n")
