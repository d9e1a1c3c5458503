"""Which sessions were forgotten: their ids are kept, so that none of them is run again unasked."""

import apsw

from reev_flow.errors import SessionCorruption, SessionForgotten
from reev_flow.stores.sqlite.rows import Row, digest_of

COLUMNS = "CAST(session_id AS BLOB), CAST(flow AS BLOB), CAST(state AS BLOB), ended_ns, forgotten_ns, digest"
REMEMBER = "INSERT OR REPLACE INTO forgotten VALUES (?, ?, ?, ?, ?, ?)"
ONE = f"SELECT {COLUMNS} FROM forgotten WHERE session_id = ?"  # noqa: S608 - our own names
ALL = f"SELECT {COLUMNS} FROM forgotten"  # noqa: S608 - our own names
FREE = "DELETE FROM forgotten WHERE session_id = ?"


def remember(connection: apsw.Connection, told: SessionForgotten) -> None:
    columns = (told.session_id, told.flow, told.state, told.ended_ns, told.forgotten_ns)
    connection.execute(REMEMBER, (*columns, digest_of(columns)))


def refuse_forgotten(connection: apsw.Connection, session_id: str) -> None:
    """Also when what is kept of it was damaged: that it was run is known all the same."""
    row = connection.execute(ONE, (session_id,)).fetchone()
    if row is None:
        return
    columns = _sound(row)
    if columns is None or columns[0] != session_id:
        raise SessionCorruption(
            session_id, "it was run and forgotten, and what was kept about that is not what was written"
        )
    raise SessionForgotten(*columns)


def free(connection: apsw.Connection, session_id: str) -> bool:
    """Whether it had been remembered."""
    connection.execute(FREE, (session_id,))
    return connection.changes() > 0


def damaged_ids(connection: apsw.Connection) -> list[str]:
    return [row[0].decode("utf-8", "backslashreplace") for row in connection.execute(ALL) if _sound(row) is None]


def _sound(row: Row) -> Row | None:
    try:
        columns = tuple(value.decode("utf-8") for value in row[:3]) + row[3:5]
    except UnicodeDecodeError:
        return None
    return columns if row[5] == digest_of(columns) else None
