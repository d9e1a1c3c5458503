"""Sessions kept in one SQLite file."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

import apsw

from reev_flow.clock import Clock, SystemClock
from reev_flow.errors import SessionForgotten
from reev_flow.sessions.acknowledgement import Acknowledgement
from reev_flow.sessions.backups import Backup
from reev_flow.sessions.data import Lease, Message, SessionData
from reev_flow.sessions.journal import JournalEntry
from reev_flow.sessions.store import SessionQuery, Write
from reev_flow.stores.rules import Claim
from reev_flow.stores.sqlite import loading, room
from reev_flow.stores.sqlite.backups import Backups, Wish
from reev_flow.stores.sqlite.database import Database
from reev_flow.stores.sqlite.lanes import Lanes
from reev_flow.stores.sqlite.migrations import Migration, migrations_of
from reev_flow.stores.sqlite.rows import Stored
from reev_flow.stores.sqlite.session_tables import MOST_PAGES_GIVEN_BACK, SessionTables
from reev_flow.stores.sqlite.sessions_of_backups import Copied

T = TypeVar("T")

MOST_WAITING = 10_000
MOST_IN_ONE_COMMIT = 1_000
LONGEST_WAIT_MS = 50  # steps wait meanwhile


class SqliteSessionStore:
    """Keeps sessions where neither a crash of the process nor a power cut reaches them. May be shared by processes of one machine."""

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock | None = None,
        accept_rollback: bool = False,
        migrations: Sequence[Migration] = (),
        busy_seconds: float = 10,
    ) -> None:
        """Fails with `StoreError` when the file cannot be used, or when it lost commits: with `accept_rollback` it is used all the same.
        `busy_seconds` is how long another process's transaction is waited for.
        """
        database = Database(path, migrations or migrations_of("sessions"), busy_seconds=busy_seconds)
        database.prepare(accept_rollback=accept_rollback)
        self._clock = clock = clock or SystemClock()
        self._backups = Backups(database, clock)
        self._wait_for_others = database.wait_for_others
        tables = SessionTables(database.location, clock)
        self._lanes = Lanes(
            database,
            tables,
            clock,
            most_waiting=MOST_WAITING,
            most_in_one_commit=MOST_IN_ONE_COMMIT,
            are_writes_short=True,
            on_refusal=self._backups.remark_on,
        )

    @property
    def location(self) -> str:
        return self._lanes.location

    def create(self, session: SessionData) -> Future[None]:
        return self._lanes.write(session.session_id, SessionTables.create, session)

    def append(self, write: Write) -> Future[None]:
        return self._lanes.write(write.session.session_id, SessionTables.append, write)

    def claim(self, session_id: str, worker: str, seconds: float, *, instead_of: str = "") -> Future[Lease]:
        claim = Claim(session_id=session_id, worker=worker, seconds=seconds, instead_of=instead_of)
        return self._lanes.write(session_id, SessionTables.claim, claim)

    def renew(self, lease: Lease, seconds: float) -> Future[Lease]:
        return self._lanes.write(lease.session_id, SessionTables.renew, (lease, seconds))

    def release(self, lease: Lease) -> Future[None]:
        return self._lanes.write(lease.session_id, SessionTables.release, lease)

    def holders(self, session_ids: Iterable[str]) -> Future[Mapping[str, Lease]]:
        location, clock, wanted = self.location, self._clock, tuple(session_ids)
        return self._lanes.read_many(
            lambda connection, _: loading.holders(connection, location, wanted, clock.now_ns()), None
        )

    def send(self, message: Message) -> Future[None]:
        return self._lanes.write(message.session_id, SessionTables.send, message)

    def prune(self, ended_before_ns: int, limit: int = 1_000) -> Future[tuple[str, ...]]:
        return self._lanes.write("", SessionTables.prune, (ended_before_ns, limit))

    def give_back(self) -> Future[int]:
        left = self._lanes.write("", SessionTables.give_back, MOST_PAGES_GIVEN_BACK)

        def empty_log(connection: apsw.Connection, left: Future[int]) -> int:
            room.empty_log(connection, LONGEST_WAIT_MS, self._wait_for_others)
            return left.result()

        return self._lanes.read_many(empty_log, left)

    def free(self, session_id: str) -> Future[bool]:
        return self._lanes.write(session_id, SessionTables.free, session_id)

    def load(self, session_id: str) -> Future[SessionData]:
        return self._read_one(session_id, lambda _, stored: stored.kept.session)

    def read_journal(self, session_id: str) -> Future[tuple[JournalEntry, ...]]:
        return self._read_one(session_id, loading.load_journal)

    def messages(self, session_id: str) -> Future[tuple[Message, ...]]:
        return self._read_one(session_id, loading.load_messages)

    def find(self, query: SessionQuery) -> Future[tuple[SessionData, ...]]:
        location = self.location
        return self._lanes.read_many(lambda connection, _: loading.find_sessions(connection, location, query), None)

    def damaged(self) -> Future[tuple[str, ...]]:
        location = self.location
        return self._lanes.read_many(lambda connection, _: loading.damaged_sessions(connection, location), None)

    def back_up(self, to: str = "", *, at_most_every_seconds: float = 0) -> Future[Backup | None]:
        return self._backups.lane.ask("", Backups.make, Wish(to, at_most_every_seconds))

    def put_back(self, copied: Copied, backup: str) -> Future[SessionData]:
        """One session of a backup in place of what is damaged here. Fails with `SessionError` when nothing is wrong with it."""
        return self._lanes.write("", SessionTables.put_back, (copied, backup))

    def bring_back(self, session_id: str, backup: str) -> Future[SessionData]:
        """A session of a copy that becomes a store is interrupted, unless it had ended."""
        return self._lanes.write(session_id, SessionTables.bring_back, (session_id, backup))

    def remember_lost(self, told: SessionForgotten) -> Future[None]:
        """The id of a session that is not here and was run: it cannot be created before it is freed."""
        return self._lanes.write(told.session_id, SessionTables.remember_lost, told)

    def backups(self) -> Future[Sequence[Backup]]:
        return self._backups.lane.ask("", lambda kept, _: kept.folder.newest_first(), None)

    def close(self) -> None:
        self._backups.close()
        self._lanes.close()

    def _read_one(self, session_id: str, do: Callable[[apsw.Connection, Stored], T]) -> Acknowledgement[T]:
        location = self.location

        def load(connection: apsw.Connection, name: str) -> T:
            return do(connection, loading.load_stored(connection, location, name))

        return self._lanes.read_one(session_id, load, session_id)
