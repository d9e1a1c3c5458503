"""How a store of an older release becomes one of this release."""

import stat
from pathlib import Path

import apsw
import pytest

from reev_flow.errors import SessionCorruption, SessionForgotten, StoreError
from reev_flow.stores.sqlite.digests import digest_of
from reev_flow.stores.sqlite.forgotten import REMEMBER
from reev_flow.stores.sqlite.migrations import Migration, migrations_of
from reev_flow.stores.sqlite.restoring import restore_session
from reev_flow.stores.sqlite.sessions import SqliteSessionStore
from support.older_stores import as_of_schema_2
from support.sessions import Run, is_unbroken, new_session

NOW = migrations_of("sessions")
NEWEST = NOW[-1].number
NEXT = (*NOW, Migration(NEWEST + 1, "CREATE TABLE notes (note TEXT) STRICT; INSERT INTO notes VALUES ('new');"))
BROKEN = (*NOW, Migration(NEWEST + 1, "CREATE TABLE notes (note TEXT) STRICT; INSERT INTO nowhere VALUES (1);"))


def old_store(path: Path) -> Run:
    store = SqliteSessionStore(path)
    run = Run(store)
    run.step(b"x")
    store.close()
    return run


def query(path: Path, statement: str) -> object:
    connection = apsw.Connection(str(path))
    try:
        return connection.execute(statement).get
    finally:
        connection.close()


def test_the_files_are_numbered_without_gaps():
    assert [migration.number for migration in NOW] == list(range(1, len(NOW) + 1))


def test_sessions_outlive_a_migration(tmp_path: Path):
    run = old_store(tmp_path / "a.db")
    store = SqliteSessionStore(tmp_path / "a.db", migrations=NEXT)
    assert is_unbroken(run.session, store.read_journal("s-1").result())
    store.close()


def test_a_migration_is_run_once(tmp_path: Path):
    old_store(tmp_path / "a.db")
    for _ in range(2):
        SqliteSessionStore(tmp_path / "a.db", migrations=NEXT).close()
    assert query(tmp_path / "a.db", "SELECT count(*) FROM notes") == 1


def test_what_was_there_before_a_migration_is_kept_beside_it(tmp_path: Path):
    old_store(tmp_path / "a.db")
    SqliteSessionStore(tmp_path / "a.db", migrations=NEXT).close()
    assert query(tmp_path / f"a.db.schema-{NEWEST}", "SELECT count(*) FROM journal") == 1
    assert query(tmp_path / f"a.db.schema-{NEWEST}", "PRAGMA user_version") == NEWEST


def test_the_kept_copy_is_for_its_owner_only(tmp_path: Path):
    old_store(tmp_path / "a.db")
    SqliteSessionStore(tmp_path / "a.db", migrations=NEXT).close()
    assert stat.S_IMODE((tmp_path / f"a.db.schema-{NEWEST}").stat().st_mode) == 0o600


def test_a_new_store_needs_no_copy(tmp_path: Path):
    SqliteSessionStore(tmp_path / "a.db", migrations=NEXT).close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.db", "a.high-water"]


def test_a_migration_that_fails_changes_nothing(tmp_path: Path):
    run = old_store(tmp_path / "a.db")
    with pytest.raises(StoreError):
        SqliteSessionStore(tmp_path / "a.db", migrations=BROKEN)
    store = SqliteSessionStore(tmp_path / "a.db")
    assert is_unbroken(run.session, store.read_journal("s-1").result())
    store.close()


def test_a_migration_can_be_tried_again_after_it_failed(tmp_path: Path):
    old_store(tmp_path / "a.db")
    with pytest.raises(StoreError):
        SqliteSessionStore(tmp_path / "a.db", migrations=BROKEN)
    SqliteSessionStore(tmp_path / "a.db", migrations=NEXT).close()
    assert query(tmp_path / "a.db", "PRAGMA user_version") == NEWEST + 1


def test_what_an_older_release_forgot_is_still_not_run_again(tmp_path: Path):
    """Its names are kept twice from now on."""
    SqliteSessionStore(tmp_path / "a.db", migrations=NOW[:1]).close()
    told = SessionForgotten("s-1", "pay", "completed", 1, 2)
    connection = apsw.Connection(str(tmp_path / "a.db"))
    connection.execute(REMEMBER, (*told.args, digest_of(told.args)))
    connection.close()
    store = SqliteSessionStore(tmp_path / "a.db")
    assert isinstance(store.create(new_session()).exception(), SessionForgotten)
    assert store.damaged().result() == ()
    store.close()


def test_a_session_of_an_older_release_goes_on_where_it_was(tmp_path: Path):
    run = old_store(tmp_path / "a.db")
    as_of_schema_2(tmp_path / "a.db")
    store = SqliteSessionStore(tmp_path / "a.db")
    assert is_unbroken(run.session, store.read_journal("s-1").result())
    run.store = store
    run.step(b"y")
    assert is_unbroken(run.session, store.read_journal("s-1").result())
    assert store.damaged().result() == ()
    store.close()


def test_a_session_comes_back_from_a_backup_of_an_older_release(tmp_path: Path):
    run = old_store(tmp_path / "backup.db")
    as_of_schema_2(tmp_path / "backup.db")
    store = SqliteSessionStore(tmp_path / "sessions.db")
    session, _ = restore_session([tmp_path / "backup.db"], store, "s-1")
    assert session.entries > run.session.entries
    assert is_unbroken(session, store.read_journal("s-1").result())
    store.close()


def test_how_far_a_session_of_an_older_release_had_come_is_proved_by_its_record(tmp_path: Path):
    old_store(tmp_path / "a.db")
    as_of_schema_2(tmp_path / "a.db")
    SqliteSessionStore(tmp_path / "a.db").close()
    query(tmp_path / "a.db", "UPDATE progress SET entries = 0, last_entry = 0, chain = zeroblob(16)")
    store = SqliteSessionStore(tmp_path / "a.db")
    assert isinstance(store.load("s-1").exception(), SessionCorruption)
    store.close()
