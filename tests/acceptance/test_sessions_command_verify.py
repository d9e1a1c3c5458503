"""`reev-flow sessions verify`, as installed."""

import json
from pathlib import Path

import pytest

from support.journals import Story
from support.session_stores import DAMAGES, change
from support.shopping import STORE, Shopping


@pytest.fixture
def shopping(tmp_path: Path) -> Shopping:
    shopping = Shopping(tmp_path)
    shopping.keep(Story("s-1").run(0).end(1), Story("s-2").run(0))
    return shopping


def test_a_sound_store_is_said_to_be(shopping):
    done = shopping.call("sessions", "verify")
    assert (done.code, done.out) == (0, "")
    assert "logs/sessions/sessions.db is sound: 2 sessions with 3 entries read" in done.err


def test_a_damaged_session_is_named_with_what_to_do(shopping):
    shopping.call("sessions", "backup")
    change(shopping.folder / STORE / "sessions.db", DAMAGES["its contents"], "s-1")
    done = shopping.call("sessions", "verify")
    assert done.code == 1
    assert done.out.count("\n") == 1
    assert "`reev-flow sessions restore --latest s-1` brings it back" in done.out


def test_json_tells_everything(shopping):
    change(shopping.folder / STORE / "sessions.db", DAMAGES["its contents"], "s-1")
    done = shopping.call("sessions", "verify", "--json")
    told = json.loads(done.out)
    assert (done.code, told["is_sound"], told["problems"]) == (1, False, [])
    assert [(one["session_id"], one["backup_available"]) for one in told["damaged"]] == [("s-1", False)]


def test_a_backup_can_be_verified_too(shopping):
    shopping.call("sessions", "backup", "--to", "copy.db")
    assert shopping.call("sessions", "verify", "copy.db").code == 0
    (shopping.folder / "copy.db").write_bytes(b"nonsense" * 100)
    done = shopping.call("sessions", "verify", "copy.db")
    assert (done.code, "not an SQLite database" in done.out) == (1, True)


def test_a_store_that_is_gone_is_told_and_not_made(shopping):
    (shopping.folder / STORE / "sessions.db").unlink()
    done = shopping.call("sessions", "verify")
    assert (done.code, "the database is gone" in done.out) == (1, True)
    assert not (shopping.folder / STORE / "sessions.db").exists()


def test_without_a_store_there_is_nothing_to_verify(tmp_path):
    assert Shopping(tmp_path).call("sessions", "verify").code == 2
