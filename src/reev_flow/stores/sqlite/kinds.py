"""Whether a database is one of sessions, of a schema that this release knows."""

import apsw

from reev_flow.errors import StoreError
from reev_flow.stores.sqlite.database import read_commit
from reev_flow.stores.sqlite.migrations import migrations_of, refuse_newer

TABLES = ("store", "sessions", "contents", "journal")
THERE = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN (?, ?, ?, ?)"


def refuse_other_kinds(connection: apsw.Connection, location: str) -> None:
    """Raises `StoreError`, or SQLite's own error when it cannot be read."""
    if connection.execute(THERE, TABLES).get != len(TABLES):
        details = "not a store of sessions, nor a copy of one (its tables are others)"
        raise StoreError(location, details, "name another file, or restore a backup")
    refuse_newer(connection, location, migrations_of("sessions")[-1].number)
    read_commit(connection)


def is_new(connection: apsw.Connection) -> bool:
    """Made, and nothing in it yet."""
    return connection.execute("SELECT 1 FROM sqlite_schema").fetchone() is None
