"""Stores with backups, and what is read from copies of them."""

from pathlib import Path

from reev_flow.sessions.backups import Backup
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.journal import JournalEntry
from reev_flow.stores.sqlite.sessions import SqliteSessionStore
from reev_flow.stores.urls import open_session_store
from support.sessions import SetClock, is_unbroken


def open_store(folder: Path, clock: SetClock | None = None) -> SqliteSessionStore:
    store = open_session_store(folder, clock=clock)
    assert isinstance(store, SqliteSessionStore)
    return store


def made(backup: Backup | None) -> Path:
    """Where the copy is that was made just now."""
    assert backup is not None
    return Path(backup.location)


def in_copy(copy: Path, session_id: str = "s-1") -> tuple[SessionData, tuple[JournalEntry, ...]]:
    """A copy can be opened like any store; everything in it is sound."""
    store = SqliteSessionStore(copy)
    try:
        assert store.damaged().result() == ()
        session, journal = store.load(session_id).result(), store.read_journal(session_id).result()
    finally:
        store.close()
    assert is_unbroken(session, journal)
    return session, journal


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
