"""Brings sessions back from backups: a whole store, or what is damaged of it."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from reev_flow.clock import Clock
from reev_flow.errors import StoreError
from reev_flow.sessions.backups import Backup
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.store import SessionStore
from reev_flow.stores.sqlite.backup_files import BackupFolder
from reev_flow.stores.sqlite.backups import first_sound
from reev_flow.stores.sqlite.copying import is_sound
from reev_flow.stores.sqlite.restoring import Restored, restore_session, restore_store
from reev_flow.stores.sqlite.sessions import SqliteSessionStore
from reev_flow.stores.sqlite.sessions_of_backups import read_copy
from reev_flow.stores.urls import session_file


def backups_at(place: str) -> Sequence[Backup]:
    """The newest first, whether or not there is still a store."""
    return BackupFolder(session_file(place)).newest_first()


def restore_place(place: str, backup: Path | None, clock: Clock) -> tuple[Restored, Path]:
    """From that file, else from the newest backup that can be read; which one it was. Raises `StoreError`."""
    chosen = newest_sound(place) if backup is None else backup
    return restore_store(chosen, session_file(place), clock), chosen


def newest_sound(place: str) -> Path:
    found = first_sound(backups_at(place), is_sound)
    if found is None:
        folder = BackupFolder(session_file(place)).path
        raise StoreError(str(folder), "no backup that can be read", "name a file: `reev-flow sessions restore FILE`")
    return Path(found.location)


def backup_with(place: str, session_id: str) -> bool:
    """Whether there is a backup that has that session sound, as far as anybody may look."""
    with suppress(StoreError):
        return first_sound(backups_at(place), lambda copy: read_copy(copy, place, session_id)) is not None
    return False


def restore_one(store: SessionStore, backup: Path | None, session_id: str) -> tuple[SessionData, Path]:
    """One session of a store that can be opened; the others stay as they are, and may be worked on."""
    if not isinstance(store, SqliteSessionStore):
        raise StoreError(store.location, "has no backups", "they are kept beside SQLite files")
    found = [Path(one.location) for one in store.backups().result()] if backup is None else [backup]
    return restore_session(found, store, session_id)
