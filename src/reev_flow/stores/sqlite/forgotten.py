"""Which sessions were forgotten: their ids are kept, so that none of them is run again unasked.

They are kept twice, in two tables: an id that damage made unreadable in one of them is still found in the other.
"""

import apsw

from reev_flow.errors import SessionCorruption, SessionForgotten
from reev_flow.stores.sqlite.digests import Row, digest_of

COLUMNS = "CAST(session_id AS BLOB), CAST(flow AS BLOB), CAST(state AS BLOB), ended_ns, forgotten_ns, digest"
REMEMBER = "INSERT OR REPLACE INTO forgotten VALUES (?, ?, ?, ?, ?, ?)"
ONE = f"SELECT {COLUMNS} FROM forgotten WHERE session_id = ?"  # noqa: S608 - our own names
ALL = f"SELECT {COLUMNS} FROM forgotten"  # noqa: S608 - our own names
REMEMBER_NAME = "INSERT OR REPLACE INTO forgotten_names VALUES (?)"
NAME = "SELECT 1 FROM forgotten_names WHERE session_id = ?"
FREE = ("DELETE FROM forgotten WHERE session_id = ?", "DELETE FROM forgotten_names WHERE session_id = ?")
ONLY_ONCE = """
SELECT CAST(session_id AS BLOB) FROM (
    SELECT session_id FROM forgotten UNION ALL SELECT session_id FROM forgotten_names
) GROUP BY session_id HAVING count(*) < 2
"""


def remember(connection: apsw.Connection, told: SessionForgotten) -> None:
    columns = (told.session_id, told.flow, told.state, told.ended_ns, told.forgotten_ns)
    connection.execute(REMEMBER, (*columns, digest_of(columns)))
    connection.execute(REMEMBER_NAME, columns[:1])


def refuse_forgotten(connection: apsw.Connection, session_id: str) -> None:
    """Also when what is kept of it was damaged: that it was run is known all the same."""
    row = connection.execute(ONE, (session_id,)).fetchone()
    if row is None and connection.execute(NAME, (session_id,)).fetchone() is None:
        return
    columns = None if row is None else _sound(row)
    if columns is None or columns[0] != session_id:
        raise SessionCorruption(
            session_id, "it was run and forgotten, and what was kept about that is not what was written"
        )
    raise SessionForgotten(*columns)


def free(connection: apsw.Connection, session_id: str) -> bool:
    """Whether it had been remembered."""
    before = connection.total_changes()
    for statement in FREE:
        connection.execute(statement, (session_id,))
    return connection.total_changes() > before


def damaged_ids(connection: apsw.Connection) -> list[str]:
    unsound = [row[0] for row in connection.execute(ALL) if _sound(row) is None]
    only_once = [row[0] for row in connection.execute(ONLY_ONCE)]
    return sorted({_told(name) for name in (*unsound, *only_once)})


def _told(name: object) -> str:
    return name.decode("utf-8", "backslashreplace") if isinstance(name, bytes) else str(name)


def _sound(row: Row) -> Row | None:
    try:
        columns = tuple(value.decode("utf-8") for value in row[:3]) + row[3:5]
    except (UnicodeDecodeError, AttributeError):
        return None
    return columns if row[5] == digest_of(columns) else None
