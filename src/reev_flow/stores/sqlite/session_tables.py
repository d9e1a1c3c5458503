"""What the writer does to the tables of sessions, within the transaction that is open."""

from collections.abc import Iterable

import apsw
import msgspec

from reev_flow.clock import Clock
from reev_flow.errors import NewerSchema, SessionCorruption, SessionForgotten, SessionNotFound
from reev_flow.sessions.data import Lease, Message, SessionData
from reev_flow.sessions.journal import ChainedEntry
from reev_flow.sessions.store import Write
from reev_flow.stores import rules
from reev_flow.stores.rules import Claim, Kept
from reev_flow.stores.sqlite.digests import DIGEST_BYTES, Row
from reev_flow.stores.sqlite.forgotten import free, refuse_forgotten, remember
from reev_flow.stores.sqlite.loading import load_journal, load_messages, load_stored, walk_back
from reev_flow.stores.sqlite.progress import PROGRESS_COLUMNS, is_mere_progress, progress_row
from reev_flow.stores.sqlite.room import free_bytes, give_back_pages
from reev_flow.stores.sqlite.rows import (
    CONTENTS_COLUMNS,
    FIRST_CHANGING,
    FIRST_CHANGING_OFTEN,
    SESSION_COLUMNS,
    Stored,
    contents_of,
    contents_row,
    journal_row,
    session_row,
)
from reev_flow.stores.sqlite.sessions_of_backups import Copied, as_brought_back, remove_damaged

MOST_REMEMBERED = 4_096
MOST_PAGES_GIVEN_BACK = 1_000
MOST_ROWS_FORGOTTEN = 20_000  # at once: steps wait meanwhile
UNKNOWN = 0
NOTHING_YET = 0


def _insert(table: str, columns: tuple[str, ...]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 - our own names


def _update(table: str, columns: tuple[str, ...]) -> str:
    return f"UPDATE {table} SET {', '.join(f'{name} = ?' for name in columns)} WHERE id = ?"  # noqa: S608 - our own names


NEXT_SESSION = "SELECT coalesce(max(id), 0) + 1 FROM sessions"
NEXT_ENTRY = "SELECT coalesce(max(id), 0) + 1 FROM journal"
NEW_SESSION = _insert("sessions", ("id", *SESSION_COLUMNS))
NEW_CONTENTS = _insert("contents", ("id", *CONTENTS_COLUMNS))
NEW_ENTRY = _insert("journal", ("id", "session", "previous", "number", "entry", "chain"))
NEW_MESSAGE = _insert("messages", ("session", "number", "message"))
NEW_PROGRESS = _insert("progress", ("id", *PROGRESS_COLUMNS)).replace("INSERT", "INSERT OR REPLACE", 1)
MOVED_ON = _update("progress", PROGRESS_COLUMNS)
CHANGED_OFTEN = _update("sessions", SESSION_COLUMNS[FIRST_CHANGING_OFTEN:])
CHANGED_STATE = _update("sessions", SESSION_COLUMNS[FIRST_CHANGING:])
CHANGED_CONTENTS = _update("contents", CONTENTS_COLUMNS)
SEAL = "SELECT digest FROM progress WHERE id = ?"
LONG_OVER = "SELECT session_id FROM sessions WHERE over_ns < ? ORDER BY over_ns, session_id LIMIT ?"
FORGET = (
    "DELETE FROM messages WHERE session = ?",
    "DELETE FROM contents WHERE id = ?",
    "DELETE FROM progress WHERE id = ?",
    "DELETE FROM sessions WHERE id = ?",
)


class Head:
    """A session as it stands, and as it is in the database: None when it is not there yet."""

    __slots__ = ("contents", "last_entry", "now", "record", "row", "seal", "seen", "stored")

    def __init__(self, row: int, now: Kept) -> None:
        """Of a session that is not there yet."""
        self.row = row
        self.now = now
        self.last_entry = NOTHING_YET
        self.stored: Kept | None = None
        self.record = self.contents = b""  # the digests of what stands in those tables
        self.seal = b""  # the digest that stands for all three
        self.seen = 0  # the look at what others may have written after which it was known to be so

    @classmethod
    def found(cls, found: Stored) -> "Head":
        head = cls(found.row, found.kept)
        head.stored, head.last_entry = found.kept, found.last_entry
        head.record, head.contents = found.beside[:DIGEST_BYTES], found.beside[DIGEST_BYTES:]
        head.seal = found.seal
        return head

    def progress(self) -> Row:
        row = progress_row(self.row, self.record + self.contents, self.now, self.last_entry)
        self.seal = row[-1]
        return row


class SessionTables:
    """Remembers how sessions stand, so that a step need not be looked up before it is written, and writes a batch's changes at its end."""

    def __init__(self, location: str, clock: Clock) -> None:
        self._location = location
        self._clock = clock
        self._connection: apsw.Connection
        self._heads: dict[str, Head] = {}
        self._changed: dict[str, Head] = {}
        self._entries: list[Row] = []
        self._next_session = UNKNOWN
        self._next_entry = UNKNOWN
        self._has_written = False
        self._looks = 0

    def begin(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._has_written = False
        if len(self._heads) > MOST_REMEMBERED:
            self._heads.clear()

    def finish(self) -> bool:
        self._write_out()
        return self._has_written

    def doubt(self) -> None:
        self._looks += 1
        self._next_session = self._next_entry = UNKNOWN

    def forget(self) -> None:
        self._heads.clear()
        self._changed.clear()
        self._entries.clear()
        self._next_session = self._next_entry = UNKNOWN

    def create(self, session: SessionData) -> None:
        try:
            existing = self._head(session.session_id).now.session
        except SessionNotFound:
            existing = None
            refuse_forgotten(self._connection, session.session_id)
        kept = rules.created(existing, session)
        if kept is not None:
            self._add_head(kept)

    def append(self, write: Write) -> None:
        head = self._head(write.session.session_id)
        kept = rules.appended(head.now, write, lambda number: self._chain_at(head, number))
        if kept is not None:
            self._add_entries(head, write.entries)
            self._change(head, kept)

    def _add_entries(self, head: Head, entries: Iterable[ChainedEntry]) -> None:
        for entry in entries:
            row = self._new_entry()
            self._entries.append(journal_row(row, head.row, head.last_entry, entry))
            head.last_entry = row

    def claim(self, claim: Claim) -> Lease:
        head = self._head(claim.session_id)
        self._change(head, rules.claimed(head.now, claim, self._clock.now_ns()))
        return rules.lease_of(head.now)

    def renew(self, asked: tuple[Lease, float]) -> Lease:
        lease, seconds = asked
        head = self._head(lease.session_id)
        self._change(head, rules.renewed(head.now, lease, self._clock.now_ns(), seconds))
        return rules.lease_of(head.now)

    def release(self, lease: Lease) -> None:
        try:
            head = self._head(lease.session_id)
        except SessionNotFound:
            return
        kept = rules.released(head.now, lease, self._clock.now_ns())
        if kept is not None:
            self._change(head, kept)

    def send(self, message: Message) -> None:
        head = self._head(message.session_id)
        kept = rules.sent(head.now, message, load_messages(self._connection, _stored(head)))
        if kept is not None:
            self._connection.execute(NEW_MESSAGE, (head.row, kept.messages, msgspec.msgpack.encode(message)))
            self._change(head, kept)

    def put_back(self, asked: tuple[Copied, str]) -> SessionData:
        """A session of a backup in place of what is damaged here, or is not here. `asked` names the backup."""
        copied, backup = asked
        session_id = copied.kept.session.session_id
        refuse_forgotten(self._connection, session_id)
        self._write_out()
        remove_damaged(self._connection, self._location, session_id)
        kept, entries = as_brought_back(copied, backup, self._clock)
        self._next_session = self._next_entry = UNKNOWN
        head = self._add_head(kept)
        self._add_entries(head, entries)
        for message in copied.messages:
            self._connection.execute(NEW_MESSAGE, (head.row, *message))
        return kept.session

    def bring_back(self, asked: tuple[str, str]) -> SessionData:
        """A session of what was a backup until now, and becomes the store. `asked` is its id and the name of the backup."""
        session_id, backup = asked
        head = self._head(session_id)
        journal = load_journal(self._connection, _stored(head))
        kept, entries = rules.brought_back(head.now, journal, backup, self._clock.now_ns())
        self._add_entries(head, entries)
        self._change(head, kept)
        return kept.session

    def remember_lost(self, told: SessionForgotten) -> None:
        remember(self._connection, told)
        self._has_written = True

    def prune(self, asked: tuple[int, int]) -> tuple[str, ...]:
        """Damaged sessions stay, for examination."""
        self._write_out()
        old = [str(row[0]) for row in self._connection.execute(LONG_OVER, (asked[0], max(asked[1], 0)))]
        enough = self._connection.total_changes() + MOST_ROWS_FORGOTTEN
        forgotten = tuple(
            session_id
            for session_id in old
            if self._connection.total_changes() < enough and self._forget_session(session_id)
        )
        if forgotten:
            self._has_written = True
            self._next_session = self._next_entry = UNKNOWN
            give_back_pages(self._connection, MOST_PAGES_GIVEN_BACK)
        return forgotten

    def give_back(self, most_pages: int) -> int:
        """How many bytes are left to give back."""
        self._write_out()
        if free_bytes(self._connection):
            give_back_pages(self._connection, most_pages)
            self._has_written = True
        return free_bytes(self._connection)

    def free(self, session_id: str) -> bool:
        was_remembered = free(self._connection, session_id)
        self._has_written = self._has_written or was_remembered
        return was_remembered

    def _forget_session(self, session_id: str) -> bool:
        try:
            head = self._head(session_id)
        except (SessionCorruption, NewerSchema):
            return False
        entries = [(row[0],) for row in walk_back(self._connection, _stored(head))]
        if len(entries) < head.now.session.entries:
            return False
        self._connection.executemany("DELETE FROM journal WHERE id = ?", entries)
        for statement in FORGET:
            self._connection.execute(statement, (head.row,))
        told = rules.forgotten(head.now.session, self._clock.now_ns())
        if told is not None:
            remember(self._connection, told)
        del self._heads[session_id]
        return True

    def _write_out(self) -> None:
        changed, self._changed = self._changed, {}
        moved_on = [
            row for session_id, head in changed.items() if (row := self._write_head(session_id, head)) is not None
        ]
        if moved_on:
            self._connection.executemany(MOVED_ON, moved_on)
        self._write_entries()
        self._has_written = self._has_written or bool(changed)

    def _write_head(self, session_id: str, head: Head) -> Row | None:
        """All but how far it has come, which is given back and written for all sessions in one go. A new session is written whole."""
        stored, now, head.stored = head.stored, head.now, head.now
        if now.session.state.is_end:
            self._heads.pop(session_id, None)
        if stored is None:
            self._write_new(head, now)
            return None
        if not is_mere_progress(stored, now):
            self._write_record(head, stored, now)
        return *head.progress(), head.row

    def _write_new(self, head: Head, now: Kept) -> None:
        execute, record = self._connection.execute, session_row(now, head.last_entry)
        contents = contents_row(now.session)
        head.record, head.contents = record[-1], contents[-1]
        execute(NEW_SESSION, (head.row, *record))
        execute(NEW_CONTENTS, (head.row, *contents))
        execute(NEW_PROGRESS, (head.row, *head.progress()))

    def _write_record(self, head: Head, stored: Kept, now: Kept) -> None:
        execute, record = self._connection.execute, session_row(now, head.last_entry)
        head.record = record[-1]
        if contents_of(stored.session) != contents_of(now.session):
            contents = contents_row(now.session)
            head.contents = contents[-1]
            execute(CHANGED_CONTENTS, (*contents, head.row))
        if stored.session.state is now.session.state and not now.session.state.is_end:
            execute(CHANGED_OFTEN, (*record[FIRST_CHANGING_OFTEN:], head.row))
        else:
            execute(CHANGED_STATE, (*record[FIRST_CHANGING:], head.row))

    def _write_entries(self) -> None:
        if self._entries:
            self._connection.executemany(NEW_ENTRY, self._entries)
            self._entries.clear()

    def _head(self, session_id: str) -> Head:
        head = self._heads.get(session_id)
        if head is None or not self._is_still_so(head):
            found = load_stored(self._connection, self._location, session_id)
            head = self._heads[session_id] = Head.found(found)
        head.seen = self._looks
        return head

    def _add_head(self, kept: Kept) -> Head:
        """Of a session that is not there yet."""
        head, name = Head(self._new_session(), kept), kept.session.session_id
        head.seen = self._looks
        self._heads[name] = self._changed[name] = head
        return head

    def _is_still_so(self, head: Head) -> bool:
        """One digest stands for everything about a session, so what others wrote about other sessions costs little."""
        if head.seen == self._looks:
            return True
        return head.seal != b"" and bool(self._connection.execute(SEAL, (head.row,)).get == head.seal)

    def _change(self, head: Head, kept: Kept) -> None:
        head.now = kept
        self._changed[kept.session.session_id] = head

    def _new_session(self) -> int:
        if self._next_session == UNKNOWN:
            self._next_session = self._connection.execute(NEXT_SESSION).get
        self._next_session += 1
        return self._next_session - 1

    def _new_entry(self) -> int:
        if self._next_entry == UNKNOWN:
            self._next_entry = self._connection.execute(NEXT_ENTRY).get
        self._next_entry += 1
        return self._next_entry - 1

    def _chain_at(self, head: Head, number: int) -> bytes | None:
        self._write_entries()
        return next((row[4] for row in walk_back(self._connection, _stored(head)) if row[2] == number), None)


def _stored(head: Head) -> Stored:
    return Stored(head.row, head.last_entry, head.now)
