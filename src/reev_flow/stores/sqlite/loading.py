"""How sessions, journals and messages are read back. Everything read is checked."""

from collections.abc import Iterable, Iterator

import apsw

from reev_flow.errors import NewerSchema, SessionCorruption, SessionNotFound, StoreError
from reev_flow.sessions.data import Lease, Message, SessionData
from reev_flow.sessions.journal import JournalEntry
from reev_flow.sessions.state import ENDS
from reev_flow.sessions.store import SessionQuery
from reev_flow.stores.rules import Kept, fits, holder
from reev_flow.stores.sqlite.forgotten import damaged_ids
from reev_flow.stores.sqlite.progress import PROGRESS_COLUMNS
from reev_flow.stores.sqlite.rows import (
    CONTENTS_COLUMNS,
    SESSION_COLUMNS,
    Stored,
    read_entries,
    read_messages,
    read_stored,
    selected,
)

COLUMNS = (
    f"s.id, {selected('s', SESSION_COLUMNS)}, {selected('p', PROGRESS_COLUMNS)}, {selected('c', CONTENTS_COLUMNS)}"
)
SESSIONS = f"SELECT {COLUMNS} FROM sessions s LEFT JOIN progress p ON p.id = s.id LEFT JOIN contents c ON c.id = s.id"  # noqa: S608 - our own names
ONE_SESSION = f"{SESSIONS} WHERE s.session_id = ?"
CONTENTS_LEFT = "SELECT 1 FROM contents WHERE session_id = ?"
ENTRY = "SELECT id, previous, number, entry, chain FROM journal WHERE id = ?"
MESSAGES = "SELECT number, message FROM messages WHERE session = ? ORDER BY number"
LAST_CHARACTER = "\U0010ffff"  # a trace id is followed by none like it
ALL_IDS = "SELECT CAST(session_id AS BLOB) FROM sessions UNION SELECT CAST(session_id AS BLOB) FROM contents"


def load_stored(connection: apsw.Connection, location: str, session_id: str) -> Stored:
    row = connection.execute(ONE_SESSION, (session_id,)).fetchone()
    if row is not None:
        return read_stored(session_id, row)
    if connection.execute(CONTENTS_LEFT, (session_id,)).fetchone() is not None:
        raise SessionCorruption(session_id, "its record cannot be found")
    raise SessionNotFound(session_id, location)


def walk_back(connection: apsw.Connection, stored: Stored) -> Iterator[tuple[int, int, int, bytes, bytes]]:
    """The journal's rows from the last one backwards, and no more of them than there should be: a damaged one may lead in a circle."""
    row = stored.last_entry
    for _ in range(stored.kept.session.entries):
        found = connection.execute(ENTRY, (row,)).fetchone()
        if found is None:
            return
        yield found
        row = found[1]


def load_journal(connection: apsw.Connection, stored: Stored) -> tuple[JournalEntry, ...]:
    rows = [row[2:] for row in walk_back(connection, stored)]
    return read_entries(stored.kept.session, reversed(rows))


def load_messages(connection: apsw.Connection, stored: Stored) -> tuple[Message, ...]:
    return read_messages(stored.kept, connection.execute(MESSAGES, (stored.row,)))


def holders(connection: apsw.Connection, location: str, session_ids: Iterable[str], now_ns: int) -> dict[str, Lease]:
    leases: dict[str, Lease] = {}
    for name in session_ids:
        try:
            lease = holder(load_stored(connection, location, name).kept, now_ns)
        except (SessionNotFound, SessionCorruption, NewerSchema):
            continue
        if lease is not None:
            leases[name] = lease
    return leases


def find_sessions(connection: apsw.Connection, location: str, query: SessionQuery) -> tuple[SessionData, ...]:
    found: dict[str, SessionData] = {}
    if query.limit <= 0:
        return ()
    for kept in _sound_sessions(connection, query):
        session = kept.session
        # A damaged index can lead to a wrong row; one that fits, and fits once, is right.
        if not fits(kept, query) or session.session_id in found:
            raise StoreError(location, "an index is damaged", "restore a backup, and keep this file for examination")
        found[session.session_id] = session
        if len(found) == query.limit:
            break
    return tuple(found.values())


def _sound_sessions(connection: apsw.Connection, query: SessionQuery) -> Iterator[Kept]:
    conditions, values = _conditions(query)
    rows = connection.execute(f"{SESSIONS} WHERE {conditions} ORDER BY s.created_ns DESC, s.session_id", values)
    try:
        for row in rows:
            try:
                yield read_stored(name_of(row[1]), row).kept
            except (SessionCorruption, NewerSchema):
                continue
    finally:
        rows.close()


def _conditions(query: SessionQuery) -> tuple[str, list[str | bytes | int]]:
    conditions, values = ["TRUE"], list[str | bytes | int]()
    if query.states:
        conditions.append(f"s.state IN ({', '.join('?' * len(query.states))})")
        values += sorted(query.states)
    if query.states and not query.states & ENDS:
        conditions.append("s.over_ns IS NULL")  # there is an index of the few that go on
    if query.flow:
        conditions.append("s.flow = ?")
        values += [query.flow]
    if query.id_prefix:
        # Not by the index of ids: most begin with their flow, and to sort all of a flow costs more than to walk by age.
        prefix = query.id_prefix.encode()
        conditions.append("substr(CAST(s.session_id AS BLOB), 1, ?) = ?")
        values += [len(prefix), prefix]
    if query.trace_id_prefix:
        conditions.append("s.trace_id >= ? AND s.trace_id < ?")
        values += [query.trace_id_prefix, query.trace_id_prefix + LAST_CHARACTER]
    if query.may_go_on_ns is not None:
        conditions.append("(s.messages > 0 OR s.deadline_ns <= ?)")
        values.append(query.may_go_on_ns)
    return " AND ".join(conditions), values


def damaged_sessions(connection: apsw.Connection, location: str) -> tuple[str, ...]:
    """Reads everything there is."""
    names = [name_of(row[0]) for row in connection.execute(ALL_IDS)]
    damaged = {name for name in names if _is_damaged(connection, location, name)} | set(damaged_ids(connection))
    verdict = connection.execute("PRAGMA integrity_check(1)").get
    if verdict != "ok" and not damaged:
        raise StoreError(
            location, f"the file is damaged ({verdict})", "restore a backup, and keep this file for examination"
        )
    return tuple(sorted(damaged))


def _is_damaged(connection: apsw.Connection, location: str, session_id: str) -> bool:
    try:
        stored = load_stored(connection, location, session_id)
        load_journal(connection, stored)
        load_messages(connection, stored)
    except (SessionCorruption, apsw.CorruptError):
        return True
    except (SessionNotFound, NewerSchema):  # pruned meanwhile; of a newer release
        return False
    return False


def name_of(stored: object) -> str:
    return stored.decode("utf-8", "backslashreplace") if isinstance(stored, bytes) else str(stored)
