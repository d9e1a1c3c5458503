"""The session stores that every promise is tested with, and what tests do to them from behind."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import apsw

from reev_flow.sessions.store import SessionStore
from reev_flow.stores.urls import open_session_store
from support.sessions import SetClock

DAMAGES = {
    "its record": "UPDATE sessions SET updated_ns = updated_ns + 1 WHERE session_id = ?",
    "its state": "UPDATE sessions SET state = 'sleeping' WHERE session_id = ?",
    "its name": "UPDATE sessions SET session_id = 'other' WHERE session_id = ?",
    "text that is none": "UPDATE sessions SET flow = CAST(x'41ff' AS TEXT) WHERE session_id = ?",
    "its record, gone": "DELETE FROM sessions WHERE session_id = ?",
    "how far it has come": "UPDATE progress SET updated_ns = updated_ns + 1 WHERE id = (SELECT id FROM sessions WHERE session_id = ?)",
    "how far it has come, gone": "DELETE FROM progress WHERE id = (SELECT id FROM sessions WHERE session_id = ?)",
    "its contents": "UPDATE contents SET result = x'00' WHERE session_id = ?",
    "its contents, gone": "DELETE FROM contents WHERE session_id = ?",
}
JOURNAL_DAMAGES = {
    "an entry": "UPDATE journal SET entry = x'80' WHERE number = 2 AND session = (SELECT id FROM sessions WHERE session_id = ?)",
    "a chain": "UPDATE journal SET chain = x'80' WHERE number = 2 AND session = (SELECT id FROM sessions WHERE session_id = ?)",
    "an entry, gone": "DELETE FROM journal WHERE number = 2 AND session = (SELECT id FROM sessions WHERE session_id = ?)",
    "the last entry, gone": "DELETE FROM journal WHERE number = 3 AND session = (SELECT id FROM sessions WHERE session_id = ?)",
    "a number": "UPDATE journal SET number = 9 WHERE number = 2 AND session = (SELECT id FROM sessions WHERE session_id = ?)",
}
MESSAGE_DAMAGES = {
    "a message": "UPDATE messages SET message = x'80' WHERE session = (SELECT id FROM sessions WHERE session_id = ?)",
    "a message, gone": "DELETE FROM messages WHERE session = (SELECT id FROM sessions WHERE session_id = ?)",
}
FORGOTTEN_DAMAGES = {
    "when it ended": "UPDATE forgotten SET ended_ns = ended_ns + 1 WHERE session_id = ?",
    "its name, gone": "DELETE FROM forgotten WHERE session_id = ?",
    "its name": "UPDATE forgotten SET session_id = session_id || 'x' WHERE session_id = ?",
    "text that is none": "UPDATE forgotten SET flow = CAST(x'41ff' AS TEXT) WHERE session_id = ?",
}
OF_A_NEWER_RELEASE = "UPDATE sessions SET schema_version = 99 WHERE session_id = ?"


class Backend(Protocol):
    """One kind of store, at one place."""

    clock: SetClock

    def open(self) -> SessionStore:
        """Opens it once more; the caller closes it."""

    def meddle(self, statement: str, session_id: str) -> None:
        """What no store would do to a session."""


class Memory:
    """Each `open` is a store of its own."""

    def __init__(self, _: Path) -> None:
        self.clock = SetClock()

    def open(self) -> SessionStore:
        return open_session_store("memory:", clock=self.clock)

    def meddle(self, statement: str, session_id: str) -> None:
        raise NotImplementedError


class Sqlite:
    def __init__(self, folder: Path) -> None:
        self.clock = SetClock()
        self.folder = folder / "store"

    def open(self) -> SessionStore:
        return open_session_store(self.folder, clock=self.clock)

    def meddle(self, statement: str, session_id: str) -> None:
        change(self.folder / "sessions.db", statement, session_id)


BACKENDS: dict[str, Callable[[Path], Backend]] = {"memory": Memory, "sqlite": Sqlite}


def writer_connection(store: Any) -> apsw.Connection:
    """The one that an SQLite store writes with."""
    connection: apsw.Connection = store._lanes.writer._work.__self__._link.connection()
    return connection


def change(path: Path, statement: str, *values: Any) -> None:
    """With a commit that the store does not notice: that is what damage is like."""
    connection = apsw.Connection(str(path))
    connection.execute(statement, values)
    connection.close()


def lead_twice(path: Path, index: str, table: str, column: str) -> None:
    """Damages an index: it leads to each row by the right key and by another one. The rows are sound."""
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA writable_schema = 1")
    found = connection.execute("SELECT * FROM sqlite_schema WHERE name = ?", (index,)).fetchone()
    assert found is not None
    for statement, values in (
        (f"UPDATE {table} SET {column} = {column} + 1", ()),
        ("DELETE FROM sqlite_schema WHERE name = ?", (index,)),
        (f"UPDATE {table} SET {column} = {column} - 1", ()),
        ("INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)", found),
        (f"UPDATE {table} SET {column} = {column} + 0", ()),
    ):
        connection.execute(statement, values)
        connection.execute("PRAGMA writable_schema = RESET; PRAGMA writable_schema = 1")
    connection.close()
