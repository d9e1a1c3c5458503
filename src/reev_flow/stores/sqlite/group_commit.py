"""Many jobs, one transaction, one wait for the disk."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

import apsw

from reev_flow.clock import Clock
from reev_flow.errors import ReevFlowError, StoreError
from reev_flow.stores.lane import Job, fail
from reev_flow.stores.sqlite.database import Database, Link, read_commit
from reev_flow.stores.sqlite.driver_errors import as_store_error
from reev_flow.stores.sqlite.migrations import refuse_newer

# After these the next batch fails in the same way, or the connection can no longer be trusted: nobody is asked to try alone.
FOR_ALL = (
    apsw.BusyError,
    apsw.IOError,
    apsw.CorruptError,
    apsw.NotADBError,
    apsw.CantOpenError,
    apsw.ReadOnlyError,
    OSError,
)

UNKNOWN = -1
LONGEST_QUICK_NS = 2_000_000  # how long an event loop may be held up by a disk without consequences
LEAST_SHARE = 100  # of its time, at most the hundredth part is spent on commits that take longer
PAGES_BEFORE_MERGE = 4_000
THIS_COMMIT = "UPDATE store SET commit_number = ?"


class Tables(Protocol):
    """What jobs work on. It may remember what is in the database, and write what jobs changed only at the end."""

    def begin(self, connection: apsw.Connection) -> None:
        """A transaction is open on this connection."""

    def finish(self) -> bool:
        """Writes everything; whether anything was changed since the transaction began."""

    def forget(self) -> None:
        """Nothing remembered counts any longer, and what was not written never will be."""


class GroupCommit:
    """A job is refused alone: it checks before it changes anything. When the transaction itself fails, every job gets one of its own,
    so that one value that cannot be stored, or one that no longer fits on the disk, fails alone too.
    """

    def __init__(self, database: Database, tables: Tables, clock: Clock) -> None:
        self._database = database
        self._link = Link(database, clock)
        self._tables = tables
        self._clock = clock
        self._is_at_once = False
        self._not_at_once_before_ns = 0
        self._pages_in_log = 0
        self._seen = UNKNOWN  # SQLite's number for what `tables` remembers; it changes when anybody else writes
        self._store_id = ""
        self._last_commit = 0

    def work(self, jobs: Sequence[Job]) -> None:
        try:
            self._commit_together(jobs)
        except Exception as error:  # noqa: BLE001 - every failure becomes the jobs' own
            if len(jobs) == 1 or isinstance(error, (ReevFlowError, *FOR_ALL)):
                fail(
                    jobs, error if isinstance(error, ReevFlowError) else as_store_error(error, self._database.location)
                )
            else:
                for job in jobs:
                    self.work([job])

    def may_begin(self, jobs: Sequence[Job]) -> bool:
        """For an event loop that would do the jobs itself: a transaction is begun, or nobody knows that it would be short.

        The loop stands still while the disk is waited for. So after a commit that took long another thread does them for a while; and so it
        does when another process is writing, when the log has grown so long that it is to be merged, and what is about many sessions.
        """
        self._is_at_once = (
            self._pages_in_log < PAGES_BEFORE_MERGE
            and self._clock.monotonic_ns() >= self._not_at_once_before_ns
            and all(job.about for job in jobs)
            and self._link.begin_at_once()
        )
        return self._is_at_once

    def put_away(self) -> None:
        self._link.put_away()
        self._forget()
        self._database.high_water.close()

    def _commit_together(self, jobs: Sequence[Job]) -> None:
        try:
            connection = self._link.connection()
            if not connection.in_transaction:
                connection.execute("BEGIN IMMEDIATE")
            if connection.data_version() != self._seen:
                self._look_again(connection)
            self._tables.begin(connection)
            for job in jobs:
                _attempt(job, self._tables)
            if self._tables.finish():
                self._commit(connection, self._last_commit + 1)
            else:
                connection.execute("ROLLBACK")
        except BaseException as error:
            self._forget()
            self._link.abandon(is_trusted=not isinstance(error, (ReevFlowError, *FOR_ALL)))
            raise

    def _look_again(self, connection: apsw.Connection) -> None:
        """Another process wrote, or it is our first transaction."""
        self._tables.forget()
        refuse_newer(connection, self._database.location, self._database.newest_schema)
        self._store_id, number = read_commit(connection)
        if number < self._last_commit:
            raise StoreError(
                self._database.location, "it lost commits while it was in use", "restore a backup, then open it again"
            )
        self._last_commit = number
        self._seen = connection.data_version()

    def _commit(self, connection: apsw.Connection, number: int) -> None:
        connection.execute(THIS_COMMIT, (number,))
        connection.execute("COMMIT")
        self._link.refuse_replaced_file()
        self._last_commit = number
        self._seen = connection.data_version()
        self._database.high_water.write(self._store_id, number)

    def _forget(self) -> None:
        self._tables.forget()
        self._seen = UNKNOWN


def _attempt(job: Job, tables: Tables) -> None:
    job.result = job.error = None
    try:
        job.result = job.do(tables, job.argument)
    except ReevFlowError as refusal:
        job.error = refusal
