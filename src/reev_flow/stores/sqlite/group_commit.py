"""Many jobs, one transaction, one wait for the disk."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

import apsw

from reev_flow.clock import Clock
from reev_flow.errors import ReevFlowError, StoreError
from reev_flow.stores.lane import Job, fail
from reev_flow.stores.sqlite.database import Database, Link, read_commit
from reev_flow.stores.sqlite.disk_pace import DiskPace
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
PAGES_BEFORE_MERGE = 4_000
THIS_COMMIT = "UPDATE store SET commit_number = ?"


class Tables(Protocol):
    """What jobs work on. It may remember what is in the database, and write what jobs changed only at the end."""

    def begin(self, connection: apsw.Connection) -> None:
        """A transaction is open on this connection."""

    def finish(self) -> bool:
        """Writes everything; whether anything was changed since the transaction began."""

    def doubt(self) -> None:
        """Others have written since: what is remembered counts only where it is still so."""

    def forget(self) -> None:
        """Nothing remembered counts any longer, and what was not written never will be."""


def leave_as_it_is(_: ReevFlowError) -> None:
    """For stores that have nothing to add to an error."""


class GroupCommit:
    """A job is refused alone: it checks before it changes anything. When the transaction itself fails, every job gets one of its own,
    so that one value that cannot be stored, or one that no longer fits on the disk, fails alone too.
    """

    def __init__(
        self,
        database: Database,
        tables: Tables,
        clock: Clock,
        *,
        on_refusal: Callable[[ReevFlowError], None] = leave_as_it_is,
    ) -> None:
        """`on_refusal` may add to an error before it is told."""
        self._on_refusal = on_refusal
        self._database = database
        self._link = Link(database, clock)
        self._tables = tables
        self._pace = DiskPace(clock)
        self._is_in_loop = False
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

    def begin_in_loop(self, jobs: Sequence[Job]) -> bool:
        """For an event loop that would do the jobs itself: whether that is short, as far as anybody can know. Then a transaction is open.

        It is not when the disk was slow lately, when another process is writing, when the log is to be merged, and for jobs about many.
        """
        self._is_in_loop = (
            self._pages_in_log < PAGES_BEFORE_MERGE
            and self._pace.may_be_waited_for()
            and all(job.about for job in jobs)
            and self._link.begin_at_once()
        )
        return self._is_in_loop

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
                if isinstance(job.error, ReevFlowError):
                    self._on_refusal(job.error)
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
        self._tables.doubt()
        refuse_newer(connection, self._database.location, self._database.newest_schema)
        self._store_id, number = read_commit(connection)
        if number < self._last_commit:
            raise StoreError(
                self._database.location, "it lost commits while it was in use", "restore a backup, then open it again"
            )
        connection.set_wal_hook(self._note_log)
        self._last_commit = number
        self._seen = connection.data_version()

    def _commit(self, connection: apsw.Connection, number: int) -> None:
        connection.execute(THIS_COMMIT, (number,))
        began_ns = self._pace.now_ns()
        connection.execute("COMMIT")
        if self._is_in_loop:
            self._pace.was_waited_for_since(began_ns)
        self._link.refuse_replaced_file()
        self._last_commit = number
        self._seen = connection.data_version()
        self._database.high_water.write(self._store_id, number)
        if self._pages_in_log >= PAGES_BEFORE_MERGE and not self._is_in_loop:
            self._merge_log(connection)

    def _note_log(self, _: apsw.Connection, __: str, pages: int) -> int:
        self._pages_in_log = pages
        return apsw.SQLITE_OK

    def _merge_log(self, connection: apsw.Connection) -> None:
        """SQLite would do it with whatever commit comes next, and hold up whoever that is."""
        self._pages_in_log = 0
        with suppress(apsw.Error):  # as SQLite does: what is in the log is kept, and the next commit tries again
            connection.wal_checkpoint()

    def _forget(self) -> None:
        self._tables.forget()
        self._seen = UNKNOWN


def _attempt(job: Job, tables: Tables) -> None:
    job.result = job.error = None
    try:
        job.result = job.do(tables, job.argument)
    except ReevFlowError as refusal:
        job.error = refusal
