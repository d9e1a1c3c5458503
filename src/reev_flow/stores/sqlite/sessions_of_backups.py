"""One session read from a copy of a database, and put into another database in place of what is damaged there."""

import apsw
import msgspec

from reev_flow.clock import Clock
from reev_flow.errors import SessionCorruption, SessionError, SessionNotFound
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.journal import ChainedEntry, JournalEntry
from reev_flow.stores import rules
from reev_flow.stores.rules import Kept
from reev_flow.stores.sqlite.digests import Row
from reev_flow.stores.sqlite.loading import MESSAGES, load_journal, load_messages, load_stored, walk_back
from reev_flow.stores.sqlite.migrations import brought_up, migrations_of
from reev_flow.stores.sqlite.rows import SESSION_COLUMNS, read_record_name, selected

NAMED = "SELECT id FROM {table} WHERE session_id = ?"
RECORD = f"SELECT {selected('s', SESSION_COLUMNS)} FROM sessions s WHERE s.id = ?"  # noqa: S608 - our own names
FORGET_CLAIM = "DELETE FROM contents WHERE id = ? AND session_id = ?"
FORGET = (
    "DELETE FROM journal WHERE session = ?",
    "DELETE FROM messages WHERE session = ?",
    "DELETE FROM contents WHERE id = ?",
    "DELETE FROM progress WHERE id = ?",
    "DELETE FROM sessions WHERE id = ?",
)


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one session, as it stands in a backup; entries and messages as they were written."""

    kept: Kept
    journal: tuple[JournalEntry, ...]
    entries: tuple[ChainedEntry, ...]
    messages: tuple[Row, ...]


def read_copy(connection: apsw.Connection, location: str, session_id: str) -> Copied:
    """Raises `SessionNotFound`, and `SessionCorruption` when it was damaged already when the copy was made."""
    with brought_up(connection, migrations_of("sessions")) as current:
        return _read_copy(current, location, session_id)


def _read_copy(connection: apsw.Connection, location: str, session_id: str) -> Copied:
    stored = load_stored(connection, location, session_id)
    journal = load_journal(connection, stored)
    load_messages(connection, stored)
    rows = reversed([row[2:] for row in walk_back(connection, stored)])
    return Copied(
        kept=stored.kept,
        journal=journal,
        entries=tuple(ChainedEntry(*row) for row in rows),
        messages=tuple(connection.execute(MESSAGES, (stored.row,))),
    )


def as_brought_back(copied: Copied, backup: str, clock: Clock) -> tuple[Kept, tuple[ChainedEntry, ...]]:
    """How it stands afterwards, with its whole journal."""
    kept, more = rules.brought_back(copied.kept, copied.journal, backup, clock.now_ns())
    return kept, (*copied.entries, *more)


def remove_damaged(connection: apsw.Connection, location: str, session_id: str) -> None:
    """Every row that is known to be the session's. Raises when there is nothing wrong with it."""
    sound = _sound(connection, location, session_id)
    if sound is not None:
        raise SessionError(
            f"session {session_id!r} is sound ({sound.state}, {sound.entries} entries): nothing was restored, because what it did since "
            "the backup would be forgotten"
        )
    rows = {
        row[0]
        for table in ("sessions", "contents")
        for row in connection.execute(NAMED.format(table=table), (session_id,))
    }
    for row in rows:
        if _is_of_another(connection, session_id, row):
            connection.execute(FORGET_CLAIM, (row, session_id))
            continue
        for statement in FORGET:
            connection.execute(statement, (row,))


def _sound(connection: apsw.Connection, location: str, session_id: str) -> SessionData | None:
    try:
        stored = load_stored(connection, location, session_id)
        load_journal(connection, stored)
        load_messages(connection, stored)
    except (SessionNotFound, SessionCorruption):
        return None
    return stored.kept.session


def _is_of_another(connection: apsw.Connection, session_id: str, row: int) -> bool:
    """A damaged row may claim a number that is another session's, whose record says so."""
    found = connection.execute(RECORD, (row,)).fetchone()
    if found is None:
        return False
    try:
        return bool(read_record_name(found) != session_id)
    except SessionCorruption:
        return False
