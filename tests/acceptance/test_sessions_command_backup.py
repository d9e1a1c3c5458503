"""`reev-flow sessions backup` and `restore`, as installed."""

import json
from pathlib import Path

import pytest

from support.command import Outcome
from support.session_stores import DAMAGES, change
from support.shopping import STORE, Shopping


@pytest.fixture
def shopping(tmp_path: Path) -> Shopping:
    """Somebody bought, and it was the end of it."""
    shopping = Shopping(tmp_path)
    shopping.open_up()
    assert shopping.run("buy", "--arg", "amount=3").code == 0
    return shopping


@pytest.fixture
def waiting(tmp_path: Path) -> Shopping:
    """Somebody is asked whether to buy."""
    shopping = Shopping(tmp_path)
    assert shopping.run("approve", "--arg", "amount=3").code == 4
    return shopping


def one_line(done: Outcome) -> str:
    assert done.err.count("\n") == 1, done.err
    return done.err


def test_a_backup_is_made_beside_the_store_and_its_path_printed(shopping):
    done = shopping.call("sessions", "backup", "--to", "copy.db")
    assert (done.code, done.out) == (0, f"{shopping.folder / 'copy.db'}\n")
    assert "bytes copied; `reev-flow sessions restore FILE` brings them back" in one_line(done)


def test_nothing_is_copied_twice(shopping):
    first = shopping.call("sessions", "backup")
    done = shopping.call("sessions", "backup")
    assert (done.code, "nothing was written since" in one_line(done)) == (0, True)
    assert first.out in {done.out, first.out}


def test_json_tells_the_backup(shopping):
    told = json.loads(shopping.call("sessions", "backup", "--to", "copy.db", "--json").out)
    assert (told["is_new"], told["backup"]["size_bytes"]) == (True, (shopping.folder / "copy.db").stat().st_size)


def test_without_a_store_there_is_nothing_to_copy(tmp_path):
    done = Shopping(tmp_path).call("sessions", "backup")
    assert (done.code, "no store at" in one_line(done)) == (2, True)
    assert not (tmp_path / "logs").exists()


def test_sessions_come_back_interrupted_and_go_on(waiting):
    waiting.call("sessions", "backup", "--to", "copy.db")
    waiting.call("sessions", "answer", "approve", "true")
    waiting.call("resume", "approve", "--app", "shop:approve")
    assert waiting.state("approve") == "completed"
    done = waiting.call("sessions", "restore", "copy.db")
    assert (done.code, done.out) == (0, "approve\n")
    assert "1 sessions are interrupted, 0 had ended" in done.err
    assert waiting.state("approve") == "interrupted"
    assert waiting.call("resume", "approve", "--app", "shop:approve").code == 4


def test_show_says_where_a_session_came_from(waiting):
    waiting.call("sessions", "backup", "--to", "copy.db")
    waiting.call("sessions", "restore", "copy.db")
    assert "restored     copy.db" in waiting.call("sessions", "show", "approve").out


def test_the_newest_backup_brings_a_store_back_that_is_gone(shopping):
    shopping.call("sessions", "backup")
    (shopping.folder / STORE / "sessions.db").unlink()
    assert shopping.call("sessions", "list").code == 2
    done = shopping.call("sessions", "restore", "--latest", "--json")
    assert (done.code, json.loads(done.out)["ended"]) == (0, 1)
    assert shopping.state("buy") == "completed"


@pytest.mark.parametrize("content", [b"", b"nonsense" * 1_000], ids=["empty", "nonsense"])
def test_the_newest_backup_that_is_one_is_taken(shopping, content):
    shopping.call("sessions", "backup")
    (sound,) = (shopping.folder / STORE / "sessions.backups").glob("*.db")
    (sound.parent / "sessions-000009-20990101T000000000Z.db").write_bytes(content)
    (shopping.folder / STORE / "sessions.db").unlink()
    done = shopping.call("sessions", "restore", "--latest", "--json")
    assert (done.code, Path(json.loads(done.out)["backup"]).name) == (0, sound.name)


def test_nothing_runs_again_while_only_backups_of_it_are_left(shopping):
    shopping.call("sessions", "backup")
    for path in (shopping.folder / STORE).glob("sessions.*"):
        if path.is_file():
            path.unlink()
    before = shopping.tally()
    done = shopping.run("buy", "--arg", "amount=3")
    assert (done.code, "its backups are still there" in one_line(done)) == (2, True)
    assert shopping.tally() == before


def test_one_damaged_session_comes_back_alone(shopping):
    shopping.run("greet", "--arg", "name=ann")
    shopping.call("sessions", "backup")
    change(shopping.folder / STORE / "sessions.db", DAMAGES["its contents"], "buy")
    assert "`reev-flow sessions restore --latest buy` brings it back" in one_line(
        shopping.call("sessions", "show", "buy")
    )
    done = shopping.call("sessions", "restore", "--latest", "buy")
    assert (done.code, done.out) == (0, "buy\n")
    assert "it had ended" in one_line(done)
    assert (shopping.state("buy"), shopping.state("greet")) == ("completed", "completed")


def test_a_sound_session_is_left_alone(shopping):
    shopping.call("sessions", "backup")
    done = shopping.call("sessions", "restore", "--latest", "buy")
    assert (done.code, "is sound" in one_line(done)) == (2, True)


@pytest.mark.parametrize("words", [[], ["a.db", "one", "two"], ["--latest", "one", "two"]])
def test_what_does_not_say_what_is_to_come_back_is_refused(shopping, words):
    done = shopping.call("sessions", "restore", *words)
    assert (done.code, "say which backup" in one_line(done)) == (2, True)


def test_without_a_backup_there_is_nothing_to_restore(shopping):
    for path in (shopping.folder / STORE).rglob("sessions-*.db"):
        path.unlink()
    done = shopping.call("sessions", "restore", "--latest")
    assert (done.code, "no backup that can be read" in one_line(done)) == (2, True)
