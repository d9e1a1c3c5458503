"""How an SQLite session store is made and opened, and what it refuses to open."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from reev_flow.errors import NewerSchema, StoreError
from reev_flow.sessions.store import SessionStore
from reev_flow.stores.sqlite.sessions import SqliteSessionStore
from reev_flow.stores.urls import open_session_store
from support.processes import environment
from support.session_stores import change, writer_connection
from support.sessions import Run, new_session

POSIX_ONLY = pytest.mark.skipif(sys.platform == "win32", reason="permissions are POSIX's")


def filled(folder: Path, steps: int = 3) -> Path:
    """The database of a closed store with one session."""
    store = open_session_store(folder)
    run = Run(store)
    for _ in range(steps):
        run.step(b"x")
    store.close()
    return folder / "sessions.db"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@POSIX_ONLY
def test_its_files_and_new_folders_are_for_their_owner_only(tmp_path: Path):
    store = open_session_store(tmp_path / "new" / "folder")
    Run(store)
    files = {path.name: mode(path) for path in (tmp_path / "new" / "folder").iterdir()}
    store.close()
    assert files == dict.fromkeys(("sessions.db", "sessions.db-wal", "sessions.db-shm", "sessions.high-water"), 0o600)
    assert {mode(tmp_path / "new"), mode(tmp_path / "new" / "folder")} == {0o700}


@POSIX_ONLY
def test_a_folder_that_was_there_keeps_its_permissions(tmp_path: Path):
    tmp_path.chmod(0o755)
    open_session_store(tmp_path).close()
    assert mode(tmp_path) == 0o755


def test_its_writes_wait_for_the_disk(tmp_path: Path):
    store = open_session_store(tmp_path)
    Run(store)
    connection = writer_connection(store)
    assert (connection.pragma("journal_mode"), connection.pragma("synchronous"), connection.pragma("auto_vacuum")) == (
        "wal",
        2,
        2,
    )
    store.close()


def test_many_may_make_the_same_new_store_at_once(tmp_path: Path):
    errors: list[Exception] = []
    threads = [threading.Thread(target=_open_and_write, args=(tmp_path, f"s-{number}", errors)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def _open_and_write(folder: Path, name: str, errors: list[Exception]) -> None:
    try:
        store = open_session_store(folder)
        Run(store, new_session(name)).step(b"x")
        store.close()
    except Exception as error:  # noqa: BLE001 - shown by the test
        errors.append(error)


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path):
    (tmp_path / "sessions.db").write_bytes(b"notes " * 1_000)
    with pytest.raises(StoreError, match=r"not a store of this kind .*; name another path"):
        open_session_store(tmp_path)
    assert (tmp_path / "sessions.db").read_bytes() == b"notes " * 1_000


def test_a_database_of_something_else_is_refused(tmp_path: Path):
    connection = apsw.Connection(str(tmp_path / "sessions.db"))
    connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.close()
    with pytest.raises(StoreError, match="a database of something else; name another path"):
        open_session_store(tmp_path)


def test_a_database_of_something_else_with_a_version_of_its_own_is_refused(tmp_path: Path):
    connection = apsw.Connection(str(tmp_path / "sessions.db"))
    connection.execute("CREATE TABLE recipes (name TEXT); PRAGMA user_version = 1")
    connection.close()
    with pytest.raises(StoreError, match="its tables are not those of a store of this kind"):
        open_session_store(tmp_path)


def test_a_store_of_a_newer_release_is_refused(tmp_path: Path):
    change(filled(tmp_path), "PRAGMA user_version = 7")
    with pytest.raises(NewerSchema, match=r"newer release \(schema 7, this one knows 3\); upgrade reev-flow"):
        open_session_store(tmp_path)


def test_a_store_of_a_newer_release_is_left_as_it_is(tmp_path: Path):
    database = filled(tmp_path)
    change(database, "PRAGMA user_version = 7")
    before = database.read_bytes()
    with pytest.raises(NewerSchema):
        open_session_store(tmp_path)
    assert database.read_bytes() == before


def test_a_store_that_became_a_newer_releases_while_open_is_written_to_no_more(tmp_path: Path):
    store = open_session_store(tmp_path)
    run = Run(store)
    change(tmp_path / "sessions.db", "PRAGMA user_version = 7; UPDATE store SET commit_number = commit_number + 1")
    with pytest.raises(NewerSchema):
        run.step(b"x")
    store.close()


# Another store is opened first: afterwards not even Python's own files can be read.
OPEN_AS_NOBODY = """
import os, sys
from reev_flow.errors import StoreError
from reev_flow.stores.urls import open_session_store
open_session_store(sys.argv[2]).close()
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    open_session_store(sys.argv[1])
except StoreError as error:
    print(error)
"""


def a_read_only_folder(folder: Path) -> Path:
    folder.chmod(0o555)
    return folder


def a_read_only_file(folder: Path) -> Path:
    (folder / "sessions.db").chmod(0o444)
    folder.chmod(0o777)
    return folder


def a_new_folder_in_a_read_only_one(folder: Path) -> Path:
    folder.chmod(0o555)
    return folder / "new"


def a_folder_of_somebody_else(folder: Path) -> Path:
    folder.chmod(0o000)
    return folder


@POSIX_ONLY
@pytest.mark.parametrize(
    "place", [a_read_only_folder, a_read_only_file, a_new_folder_in_a_read_only_one, a_folder_of_somebody_else]
)
def test_what_may_not_be_written_is_refused_in_one_line(place: Callable[[Path], Path], tmp_path: Path):
    with tempfile.TemporaryDirectory() as outer:  # pytest's own folders are closed to other users
        Path(outer).chmod(0o755)
        folder = Path(outer) / "store"
        filled(folder)
        command = [sys.executable, "-c", OPEN_AS_NOBODY, str(place(folder)), str(tmp_path)]
        done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
        folder.chmod(0o755)
    assert done.stdout.count("\n") == 1
    assert "check the permissions" in done.stdout


# A store that went back behind what it acknowledged


def test_a_database_that_went_back_is_refused_and_says_by_how_much(tmp_path: Path):
    database = filled(tmp_path)
    shutil.copy(database, tmp_path / "earlier")
    store = open_session_store(tmp_path)
    Run(store, new_session("s-2")).step(b"x")
    store.close()
    shutil.copy(tmp_path / "earlier", database)
    with pytest.raises(
        StoreError, match=r"3 acknowledged commits are gone \(the last was 8, found 5\); restore a backup; to go on .*"
    ):
        open_session_store(tmp_path)


def test_a_log_that_is_cut_off_is_noticed(tmp_path: Path):
    folder = killed(tmp_path)
    log = folder / "sessions.db-wal"
    os.truncate(log, log.stat().st_size // 2)
    with pytest.raises(StoreError, match="acknowledged commits are gone"):
        open_session_store(folder)


@pytest.mark.parametrize("missing_bytes", [1, 4_096, 3 * 4_096 + 5])
def test_a_database_that_is_cut_off_is_noticed_though_the_last_commit_is_there(tmp_path: Path, missing_bytes: int):
    database = filled(tmp_path)
    os.truncate(database, database.stat().st_size - missing_bytes)
    with pytest.raises(StoreError, match=r"the file is damaged .*; restore a backup"):
        open_session_store(tmp_path)


def test_a_database_that_is_cut_off_is_noticed_beside_a_log_that_has_other_pages(tmp_path: Path):
    folder = killed(tmp_path)
    database = folder / "sessions.db"
    os.truncate(database, 4_096)
    with pytest.raises(StoreError):
        open_session_store(folder)


def test_a_database_that_grew_is_opened_while_what_it_grew_by_is_in_the_log(tmp_path: Path):
    store = open_session_store(tmp_path)
    run = Run(store)
    run.step(b"x" * 1_000_000)
    assert (tmp_path / "sessions.db").stat().st_size < 1_000_000
    other = open_session_store(tmp_path)
    assert other.load("s-1").result() == run.session
    other.close()
    store.close()


def test_a_refused_database_keeps_its_log(tmp_path: Path):
    folder = killed(tmp_path)
    log = folder / "sessions.db-wal"
    content = bytearray(log.read_bytes())
    content[len(content) // 2] ^= 1
    log.write_bytes(content)
    with pytest.raises(StoreError):
        open_session_store(folder)
    assert log.read_bytes() == content


def killed(folder: Path) -> Path:
    """A store as a killed process leaves it."""
    store = open_session_store(folder / "live")
    run = Run(store)
    for _ in range(5):
        run.step(b"x" * 100)
    subprocess.run(
        ["cp", "-r", str(folder / "live"), str(folder / "left")], check=True
    )  # another process: reading here would drop locks
    store.close()
    return folder / "left"


def test_a_database_that_went_back_is_opened_when_that_is_accepted(tmp_path: Path):
    database = filled(tmp_path)
    shutil.copy(database, tmp_path / "earlier")
    store = open_session_store(tmp_path)
    Run(store, new_session("s-2"))
    store.close()
    shutil.copy(tmp_path / "earlier", database)
    store = open_session_store(tmp_path, accept_rollback=True)
    assert len(store.read_journal("s-1").result()) == 3
    store.close()


def test_what_was_accepted_once_is_no_question_the_next_time(tmp_path: Path):
    database = filled(tmp_path)
    shutil.copy(database, tmp_path / "earlier")
    filled(tmp_path / "more")
    store = open_session_store(tmp_path)
    Run(store, new_session("s-2"))
    store.close()
    shutil.copy(tmp_path / "earlier", database)
    open_session_store(tmp_path, accept_rollback=True).close()
    open_session_store(tmp_path).close()


def test_a_database_that_is_gone_is_not_quietly_made_anew(tmp_path: Path):
    filled(tmp_path).unlink()
    with pytest.raises(StoreError, match="the database is gone, with 5 acknowledged commits"):
        open_session_store(tmp_path)
    assert not (tmp_path / "sessions.db").exists()


def test_a_database_that_was_emptied_is_not_quietly_filled_anew(tmp_path: Path):
    database = filled(tmp_path)
    os.truncate(database, 0)
    with pytest.raises(StoreError, match="the database is gone"):
        open_session_store(tmp_path)
    assert database.stat().st_size == 0


def test_another_database_in_its_place_is_noticed(tmp_path: Path):
    shutil.copy(filled(tmp_path / "other", steps=9), filled(tmp_path / "mine"))
    with pytest.raises(StoreError, match="not the database that was here before"):
        open_session_store(tmp_path / "mine")


def test_a_store_without_its_mark_gets_a_new_one(tmp_path: Path):
    filled(tmp_path)
    (tmp_path / "sessions.high-water").unlink()
    open_session_store(tmp_path).close()
    assert (tmp_path / "sessions.high-water").read_text().split()[1] == "00000000000000000005"


def test_a_damaged_mark_is_refused_with_advice(tmp_path: Path):
    filled(tmp_path)
    (tmp_path / "sessions.high-water").write_text("nonsense")
    with pytest.raises(StoreError, match=r"the high-water mark is damaged; .* remove that file"):
        open_session_store(tmp_path)


def test_a_commit_that_the_mark_does_not_know_yet_is_no_alarm(tmp_path: Path):
    database = filled(tmp_path)
    change(database, "UPDATE store SET commit_number = commit_number + 1")
    open_session_store(tmp_path).close()


def test_a_store_that_is_opened_and_closed_changes_nothing(tmp_path: Path):
    database = filled(tmp_path)
    before = database.read_bytes()
    open_session_store(tmp_path).close()
    assert database.read_bytes() == before


def test_both_kinds_are_session_stores(tmp_path: Path):
    stores: list[SessionStore] = [SqliteSessionStore(tmp_path / "sessions.db"), open_session_store("memory:")]
    for store in stores:
        store.close()
