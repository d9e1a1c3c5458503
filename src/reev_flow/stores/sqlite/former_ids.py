"""Which ids were run in a store that a backup takes the place of: who comes back from before must not run them again."""

from contextlib import closing, suppress
from pathlib import Path

import apsw

from reev_flow.errors import SessionForgotten
from reev_flow.stores.sqlite.loading import name_of

# As far as each can be read. Of an id that stands in one place only, because of damage, nobody knows more than that.
MOVED_ON = """
SELECT CAST(s.session_id AS BLOB), CAST(s.flow AS BLOB), CAST(s.state AS BLOB), p.updated_ns
FROM sessions s JOIN progress p ON p.id = s.id WHERE s.is_named
"""
NAMED = (
    "SELECT CAST(session_id AS BLOB), CAST(flow AS BLOB), CAST(state AS BLOB), updated_ns FROM sessions WHERE is_named"
)
FORGOTTEN = "SELECT CAST(session_id AS BLOB), CAST(flow AS BLOB), CAST(state AS BLOB), ended_ns FROM forgotten"
REST = (
    "SELECT CAST(session_id AS BLOB), x'', x'', 0 FROM forgotten_names",
    "SELECT CAST(session_id AS BLOB), x'', x'', 0 FROM contents WHERE session_id NOT IN (SELECT session_id FROM sessions)",
)
REFUSED = "SELECT CAST(session_id AS BLOB) FROM forgotten_names"
UNKNOWN = "damaged"


def ids_that_ran(connection: apsw.Connection, now_ns: int) -> list[SessionForgotten]:
    """Those that somebody chose, whether their sessions are there, damaged or forgotten."""
    known: dict[str, SessionForgotten] = {}
    for query in (MOVED_ON, NAMED, FORGOTTEN, *REST):
        with suppress(apsw.Error):
            for name, flow, state, at_ns in connection.execute(query):
                told = name_of(name)
                moment_ns = at_ns if isinstance(at_ns, int) and at_ns > 0 else now_ns
                known.setdefault(
                    told, SessionForgotten(told, name_of(flow), name_of(state) or UNKNOWN, moment_ns, moment_ns)
                )
    return list(known.values())


def ids_refused(database: Path) -> set[str]:
    """By a store that nobody writes to now."""
    with closing(apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY)) as connection:
        return {name_of(row[0]) for row in connection.execute(REFUSED)}
