"""Stores of sessions as releases before this one left them."""

from pathlib import Path

import apsw

from reev_flow.stores.sqlite.loading import ALL_IDS, load_stored, name_of
from reev_flow.stores.sqlite.rows import SESSION_COLUMNS, session_row

COLUMNS = ", ".join(f"{name} = ?" for name in SESSION_COLUMNS)
ON_ITS_OWN = "DROP TABLE progress; PRAGMA user_version = 2"
ONLY_ONCE = "DROP TABLE forgotten_names; PRAGMA user_version = 1"


def as_of_schema_2(path: Path) -> None:
    """How far a session has come was written with the rest of its record."""
    connection = apsw.Connection(str(path))
    for name in [name_of(row[0]) for row in connection.execute(ALL_IDS)]:
        stored = load_stored(connection, "", name)
        record = session_row(stored.kept, stored.last_entry)
        connection.execute(f"UPDATE sessions SET {COLUMNS} WHERE id = ?", (*record, stored.row))
    connection.execute(ON_ITS_OWN)
    connection.close()


def as_of_schema_1(path: Path) -> None:
    """The ids of forgotten sessions were kept once."""
    as_of_schema_2(path)
    connection = apsw.Connection(str(path))
    connection.execute(ONLY_ONCE)
    connection.close()
