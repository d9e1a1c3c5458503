"""How a store is made anew from a backup, and how one damaged session comes back."""

import os
import pickle
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from reev_flow.errors import (
    LeaseLost,
    SessionConflict,
    SessionCorruption,
    SessionError,
    SessionForgotten,
    SessionNotFound,
    StoreError,
)
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.store import SessionQuery
from reev_flow.stores.sqlite.backup_files import BackupFolder
from reev_flow.stores.sqlite.restoring import restore_session, restore_store
from reev_flow.stores.sqlite.sessions import SqliteSessionStore
from reev_flow.stores.sqlite.traces import SqliteTraceStore
from reev_flow.stores.urls import open_session_store
from support.backed_up import made, names_in, open_store
from support.session_stores import DAMAGES, JOURNAL_DAMAGES, MESSAGE_DAMAGES, change
from support.sessions import Run, SetClock, answer, entry, is_unbroken, new_session, write_after

CLOCK = SetClock(500)
DAMAGED = {
    **DAMAGES,
    **{name: JOURNAL_DAMAGES[name] for name in ("an entry", "a chain", "an entry, gone")},
    **MESSAGE_DAMAGES,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def backup(folder: Path) -> Path:
    """Of one session in the middle, one that ended and one that was only created; since then all have moved on."""
    store = open_store(folder, SetClock())
    going_on, over = Run(store), Run(store, new_session("over"))
    store.create(new_session("created")).result()
    for _ in range(3):
        going_on.step(b"x")
    store.send(answer("yes")).result()
    over.end(result=b"done")
    copy = made(store.back_up().result())
    going_on.step(b"after the backup")
    Run(store, new_session("new"))
    store.close()
    return copy


def make_half(path: Path, backup: Path) -> None:
    content = backup.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def make_newer(path: Path, backup: Path) -> None:
    shutil.copy(backup, path)
    change(path, "PRAGMA user_version = 99")


WRONG: dict[str, Callable[[Path, Path], object]] = {
    "nonsense": lambda path, _: path.write_bytes(b"nonsense" * 1_000),
    "recipes": lambda path, _: change(path, "CREATE TABLE recipes (name TEXT)"),
    "half": make_half,
    "newer": make_newer,
    "folder": lambda path, _: path.mkdir(),
    "traces": lambda path, _: SqliteTraceStore(path, clock=CLOCK).close(),
}


def reopened(folder: Path) -> SqliteSessionStore:
    return open_store(folder, CLOCK)


def test_what_the_backup_knows_is_there_again(folder, backup):
    restored = restore_store(backup, folder / "sessions.db", CLOCK)
    store = reopened(folder)
    assert (sorted(restored.interrupted), restored.ended, restored.damaged) == (["created", "s-1"], 1, ())
    assert sorted(one.session_id for one in store.find(SessionQuery()).result()) == ["created", "over", "s-1"]
    assert [message.value for message in store.messages("s-1").result()] == [b"yes"]
    assert store.damaged().result() == ()
    store.close()


@pytest.mark.parametrize("name", ["s-1", "created"])
def test_sessions_that_had_not_ended_are_interrupted(folder, backup, name):
    restore_store(backup, folder / "sessions.db", CLOCK)
    store = reopened(folder)
    session, journal = store.load(name).result(), store.read_journal(name).result()
    store.close()
    assert (session.state, session.restored_from) == (SessionState.INTERRUPTED, backup.name)
    assert is_unbroken(session, journal)


def test_sessions_that_had_ended_are_as_they_were(folder, backup):
    restore_store(backup, folder / "sessions.db", CLOCK)
    store = reopened(folder)
    session = store.load("over").result()
    store.close()
    assert (session.state, session.result, session.restored_from) == (SessionState.COMPLETED, b"done", "")


def test_a_worker_of_the_time_before_cannot_write_any_more(folder, backup):
    store = open_store(folder, SetClock())
    lease = store.claim("s-1", "before", 60).result()
    before = store.load("s-1").result()
    store.close()
    restore_store(backup, folder / "sessions.db", CLOCK)
    store = reopened(folder)
    assert isinstance(store.append(write_after(before, entry(1))).exception(), SessionConflict)
    assert isinstance(store.renew(lease, 60).exception(), LeaseLost)
    store.close()


def test_what_was_there_before_is_put_aside(folder, backup):
    restored = restore_store(backup, folder / "sessions.db", CLOCK)
    aside = SqliteSessionStore(Path(restored.kept_as))
    assert len(aside.read_journal("s-1").result()) == 4
    aside.close()


def test_the_restored_store_is_a_store_like_any_other(folder, backup):
    restore_store(backup, folder / "sessions.db", CLOCK)
    store = reopened(folder)
    Run(store, new_session("later")).step(b"x")
    store.close()
    reopened(folder).close()
    assert {"sessions.backups", "sessions.db", "sessions.high-water"} <= set(names_in(folder))
    assert [name for name in names_in(folder) if "restoring" in name] == []


def test_a_store_can_be_restored_from_a_store_that_was_not_closed(folder, backup, tmp_path):
    """The file somebody copied with all that is beside it."""
    other = open_store(tmp_path / "other")
    Run(other).step(b"in the log")
    restore_store(tmp_path / "other" / "sessions.db", folder / "sessions.db", CLOCK)
    other.close()
    store = reopened(folder)
    assert [one.value for one in store.read_journal("s-1").result()][:1] == [b"in the log"]
    store.close()


def test_a_store_of_which_only_backups_are_left_is_not_begun_anew_unasked(folder, backup):
    """Sessions with the same ids would run again, and with them what they did outside."""
    for path in folder.glob("sessions.*"):
        if path.is_file():
            path.unlink()
    with pytest.raises(
        StoreError, match="gone, and its backups are still there; restore a backup; to begin anew, move"
    ):
        open_store(folder)
    assert names_in(folder) == ["sessions.backups"]
    open_session_store(folder, accept_rollback=True).close()


def test_a_folder_of_backups_without_any_is_no_reason_not_to_begin(folder):
    (folder / "sessions.backups").mkdir(parents=True)
    (folder / "sessions.backups" / "lock").touch()
    open_store(folder).close()


def test_a_store_that_is_gone_is_made_anew(folder, backup):
    for path in folder.glob("sessions.*"):
        if path.is_file():
            path.unlink()
    restored = restore_store(backup, folder / "sessions.db", CLOCK)
    assert restored.kept_as == ""
    reopened(folder).close()


@pytest.mark.parametrize("content", [b"nonsense" * 1_000, b""], ids=["nonsense", "empty"])
def test_a_store_that_cannot_be_opened_is_put_aside_too(folder, backup, content):
    (folder / "sessions.db").write_bytes(content)
    restored = restore_store(backup, folder / "sessions.db", CLOCK)
    assert Path(restored.kept_as).read_bytes() == content
    reopened(folder).close()


def test_a_store_that_somebody_uses_is_not_restored(folder, backup):
    store = reopened(folder)
    Run(store, new_session("s-9"))
    with pytest.raises(StoreError, match="in use by another process; end the processes that use it"):
        restore_store(backup, folder / "sessions.db", CLOCK)
    Run(store, new_session("s-10")).step(b"nothing happened")
    store.close()


def test_what_is_no_backup_is_refused_and_nothing_changes(folder, backup, tmp_path):
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    nonsense = tmp_path / "nonsense.db"
    nonsense.write_bytes(b"nonsense" * 1_000)
    change(tmp_path / "recipes.db", "CREATE TABLE recipes (name TEXT)")
    for wrong in (nonsense, tmp_path / "recipes.db", tmp_path / "nowhere.db"):
        with pytest.raises(StoreError):
            restore_store(wrong, folder / "sessions.db", CLOCK)
    after = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert {name: content for name, content in after.items() if name in before} == before


def test_what_was_damaged_in_the_backup_already_is_told(folder, backup):
    change(backup, DAMAGES["its contents"], "s-1")
    change(backup, "PRAGMA journal_mode = WAL")
    restored = restore_store(backup, folder / "sessions.db", CLOCK)
    assert (restored.damaged, restored.interrupted) == (("s-1",), ("created",))


def test_a_session_that_began_after_the_backup_is_not_run_again_unasked(folder, backup):
    restored = restore_store(backup, folder / "sessions.db", CLOCK)
    store = reopened(folder)
    assert restored.lost == ("new",)
    assert isinstance(store.create(new_session("new")).exception(), SessionForgotten)
    store.free("new").result()
    store.create(new_session("new")).result()
    assert store.damaged().result() == ()
    store.close()


def test_what_ran_is_still_known_when_a_restore_was_killed_before_its_last_move(folder, backup):
    """What was there before is put aside by then, and nothing is in its place."""
    aside = folder / "sessions.before-restore-20260101T000000Z.db"
    (folder / "sessions.db").rename(aside)
    assert restore_store(backup, folder / "sessions.db", CLOCK).lost == ("new",)
    store = reopened(folder)
    assert isinstance(store.create(new_session("new")).exception(), SessionForgotten)
    store.close()
    assert aside.exists()


def test_a_session_without_a_chosen_id_that_began_after_the_backup_leaves_nothing(folder, backup):
    store = reopened(folder)
    Run(store, new_session("nobody-chose-it", is_named=False))
    store.close()
    assert restore_store(backup, folder / "sessions.db", CLOCK).lost == ("new",)


def test_a_session_that_began_and_was_forgotten_after_the_backup_is_not_run_again_unasked(folder, backup):
    store = reopened(folder)
    Run(store, new_session("brief")).end()
    store.prune(2**62).result()
    store.close()
    assert "brief" in restore_store(backup, folder / "sessions.db", CLOCK).lost
    store = reopened(folder)
    assert isinstance(store.create(new_session("brief")).exception(), SessionForgotten)
    assert store.damaged().result() == ()
    store.close()


def test_what_was_forgotten_is_known_by_its_name_alone_when_the_rest_is_damaged(folder, backup):
    store = reopened(folder)
    Run(store, new_session("brief")).end()
    store.prune(2**62).result()
    store.close()
    change(folder / "sessions.db", "DELETE FROM forgotten WHERE session_id = ?", "brief")
    assert "brief" in restore_store(backup, folder / "sessions.db", CLOCK).lost
    store = reopened(folder)
    assert isinstance(store.create(new_session("brief")).exception(), SessionForgotten)
    store.close()


def test_restoring_twice_in_a_second_keeps_what_was_there_both_times(folder, backup):
    first = restore_store(backup, folder / "sessions.db", CLOCK)
    second = restore_store(backup, folder / "sessions.db", CLOCK)
    aside = SqliteSessionStore(Path(first.kept_as))
    assert len(aside.read_journal("s-1").result()) == 4
    aside.close()
    assert first.kept_as != second.kept_as


@pytest.mark.parametrize("is_gone", [False, True], ids=["there", "gone"])
def test_two_do_not_restore_at_once(folder, backup, is_gone):
    if is_gone:
        (folder / "sessions.db").unlink()
    before = names_in(folder)
    with BackupFolder(folder / "sessions.db").locked(), pytest.raises(StoreError, match="makes or restores a backup"):
        restore_store(backup, folder / "sessions.db", CLOCK)
    assert names_in(folder) == before


def test_a_store_that_may_not_be_written_is_not_replaced(folder, backup, monkeypatch):
    """SQLite could not say whether somebody else has it open."""
    monkeypatch.setattr("reev_flow.stores.sqlite.replacing.os.access", lambda *_: False)
    with pytest.raises(StoreError, match="it may not be written"):
        restore_store(backup, folder / "sessions.db", CLOCK)


def test_a_store_is_not_restored_from_itself(folder, backup):
    before = names_in(folder)
    with pytest.raises(StoreError, match="that is the store itself"):
        restore_store(folder / "sessions.db", folder / "sessions.db", CLOCK)
    assert names_in(folder) == before


def test_a_restore_that_is_refused_leaves_nothing_behind(folder, backup):
    store = reopened(folder)
    Run(store, new_session("s-9"))
    with pytest.raises(StoreError):
        restore_store(backup, folder / "sessions.db", CLOCK)
    assert [name for name in names_in(folder) if "restoring" in name] == []
    store.close()


def test_a_restore_that_fails_at_its_last_move_leaves_the_store_as_it_was(folder, backup, monkeypatch):
    def refuse(self: Path, target: Path) -> Path:
        if "restoring" in self.name:
            raise OSError(5, "no more")
        return move(self, target)

    move = Path.replace
    monkeypatch.setattr(Path, "replace", refuse)
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    with pytest.raises(StoreError):
        restore_store(backup, folder / "sessions.db", CLOCK)
    after = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert {name: after[name] for name in before} == before
    store = reopened(folder)
    assert len(store.read_journal("s-1").result()) == 4
    store.close()


@pytest.mark.parametrize("wrong", ["nonsense", "recipes", "half", "newer", "folder", "traces"])
def test_the_error_names_the_file_that_is_no_backup(folder, backup, tmp_path, wrong):
    path = tmp_path / f"{wrong}.db"
    WRONG[wrong](path, backup)
    with pytest.raises(StoreError) as refused:
        restore_store(path, folder / "sessions.db", CLOCK)
    assert refused.value.location == str(path)


# One session


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_session_comes_back(folder, backup, damage):
    change(folder / "sessions.db", DAMAGED[damage], "s-1")
    store = reopened(folder)
    session, chosen = restore_session([backup], store, "s-1")
    stored, journal = store.load("s-1").result(), store.read_journal("s-1").result()
    assert (stored, chosen) == (session, backup)
    assert (stored.state, stored.restored_from) == (SessionState.INTERRUPTED, backup.name)
    assert is_unbroken(stored, journal)
    assert [message.value for message in store.messages("s-1").result()] == [b"yes"]
    assert store.damaged().result() == ()
    store.close()


def test_the_others_stay_as_they_are(folder, backup):
    change(folder / "sessions.db", DAMAGES["its record"], "s-1")
    store = reopened(folder)
    before = [store.load(name).result() for name in ("over", "created", "new")]
    restore_session([backup], store, "s-1")
    assert [store.load(name).result() for name in ("over", "created", "new")] == before
    store.close()


def test_a_session_that_came_back_goes_on(folder, backup):
    change(folder / "sessions.db", DAMAGES["its record"], "s-1")
    store = reopened(folder)
    restore_session([backup], store, "s-1")
    run = Run.__new__(Run)
    run.store, run.session = store, store.load("s-1").result()
    run.append(state=SessionState.RUNNING).result()
    run.step(b"after")
    assert is_unbroken(run.session, store.read_journal("s-1").result())
    store.close()


def test_a_sound_session_is_not_put_back_to_what_it_was(folder, backup):
    store = reopened(folder)
    with pytest.raises(SessionError, match=r"'s-1' is sound .*: nothing was restored"):
        restore_session([backup], store, "s-1")
    assert len(store.read_journal("s-1").result()) == 4
    store.close()


def test_a_session_that_is_only_in_a_backup_comes_back(folder, backup):
    for statement in (DAMAGES["its record, gone"], DAMAGES["its contents, gone"]):
        change(folder / "sessions.db", statement, "s-1")
    store = reopened(folder)
    restore_session([backup], store, "s-1")
    assert len(store.read_journal("s-1").result()) == 4
    store.close()


def test_the_newest_backup_that_has_it_sound_is_taken(folder, backup):
    store = reopened(folder)
    change(folder / "sessions.db", DAMAGES["its record"], "s-1")
    damaged = made(store.back_up().result())
    assert restore_session([damaged, backup], store, "s-1")[1] == backup
    store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such pipes")
def test_a_session_is_not_looked_for_in_a_pipe(folder, backup, tmp_path):
    """Which would be waited for without end."""
    os.mkfifo(tmp_path / "pipe.db")
    store = reopened(folder)
    with pytest.raises(StoreError, match="not a file"):
        restore_session([tmp_path / "pipe.db"], store, "s-1")
    store.close()


def test_a_session_that_no_backup_has_is_told(folder, backup):
    store = reopened(folder)
    with pytest.raises(SessionNotFound):
        restore_session([backup], store, "s-77")
    store.close()


def test_a_session_that_is_damaged_in_every_backup_is_told(folder, backup):
    store = reopened(folder)
    change(folder / "sessions.db", DAMAGES["its record"], "s-1")
    damaged = made(store.back_up().result())
    with pytest.raises(SessionCorruption):
        restore_session([damaged], store, "s-1")
    store.close()


def test_a_session_that_was_forgotten_on_purpose_does_not_come_back(folder, backup):
    store = reopened(folder)
    store.prune(2**62).result()
    with pytest.raises(SessionForgotten):
        restore_session([backup], store, "over")
    store.close()


def test_a_neighbour_that_a_damaged_row_points_to_is_not_touched(folder, backup):
    change(folder / "sessions.db", "UPDATE contents SET session_id = 'x' || session_id WHERE session_id = ?", "s-1")
    change(folder / "sessions.db", "UPDATE contents SET session_id = 's-1' WHERE session_id = ?", "over")
    store = reopened(folder)
    restore_session([backup], store, "s-1")
    assert store.load("s-1").result().state is SessionState.INTERRUPTED
    assert isinstance(store.load("over").exception(), SessionCorruption), "it was damaged before, and is still there"
    store.close()


def test_the_store_of_a_backup_that_came_back_is_opened_like_any(folder, backup):
    restore_store(backup, folder / "sessions.db", CLOCK)
    open_session_store(folder).close()


# Whether there is a backup


def damage_of(asked: Future[Any]) -> SessionCorruption:
    error = asked.exception()
    assert isinstance(error, SessionCorruption)
    return error


@pytest.mark.parametrize("ask", ["load", "read_journal", "messages"])
def test_who_reads_a_damaged_session_is_told_that_there_is_a_backup(folder, backup, ask):
    change(folder / "sessions.db", DAMAGES["its contents"], "s-1")
    store = reopened(folder)
    error = damage_of(getattr(store, ask)("s-1"))
    store.close()
    assert error.backup_available
    assert "`reev-flow sessions restore --latest s-1` brings it back from a backup" in str(error)


def test_who_writes_to_a_damaged_session_is_told_that_there_is_a_backup(folder, backup):
    change(folder / "sessions.db", DAMAGES["its contents"], "s-1")
    store = reopened(folder)
    assert damage_of(store.claim("s-1", "worker", 60)).backup_available
    store.close()


def test_a_backup_that_does_not_know_it_or_has_it_damaged_is_none(folder, backup):
    for damaged in (folder / "sessions.db", backup):
        change(damaged, DAMAGES["its contents"], "over")
    change(folder / "sessions.db", DAMAGES["its contents"], "new")
    store = reopened(folder)
    assert [damage_of(store.load(name)).backup_available for name in ("new", "over")] == [False, False]
    store.close()


def test_what_was_told_of_a_backup_is_still_known_in_another_process(folder, backup):
    change(folder / "sessions.db", DAMAGES["its contents"], "s-1")
    store = reopened(folder)
    assert pickle.loads(pickle.dumps(damage_of(store.load("s-1")))).backup_available
    store.close()
