"""How a database file is made, opened and checked."""

import os
import random
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import apsw

from reev_flow.clock import Clock
from reev_flow.errors import StoreError
from reev_flow.stores.remains import remains_of
from reev_flow.stores.sqlite.cut_off import refuse_cut_off
from reev_flow.stores.sqlite.driver_errors import driver_errors
from reev_flow.stores.sqlite.high_water import HighWater, refuse_rollback
from reev_flow.stores.sqlite.migrations import Migration, migrate, refuse_newer

MOST_OPENING_TRIES = 20
WAITS_MS = (1, 2, 5)
MOST_BYTES_OF_AN_EMPTY_LOG = 32 * 1024 * 1024
NOTHING = ("", 0)
LOOK_EVERY_NS = 1_000_000_000
LAST_COMMIT = "SELECT hex(store_id), commit_number FROM store"  # hex: damaged text cannot be read as text

_preparing = threading.Lock()  # see _make_file


class Database:
    """One SQLite file, its high-water mark, and how to connect to it. Holds no connection itself."""

    def __init__(self, path: Path, migrations: Sequence[Migration], *, busy_seconds: float) -> None:
        """`busy_seconds` is how long another process's transaction is waited for."""
        self.path = path.absolute()
        self.location = str(path)
        self.high_water = HighWater(self.path.with_suffix(".high-water"))
        self._migrations = migrations
        self.busy_ms = int(busy_seconds * 1_000)

    def prepare(self, *, accept_rollback: bool) -> None:
        """Makes the file if it is not there, compares it with its mark, and brings it to this release's schema."""
        with driver_errors(self.location), _preparing:
            _make_folder(self.path.parent)
            expected = None if accept_rollback else self.high_water.read()
            if not self.path.exists():
                self._refuse_rollback(NOTHING, expected)
                if not accept_rollback:
                    self._refuse_gone()
                _make_file(self.path)
            connection = self._open(expected)
            try:
                migrate(connection, self.path, self._migrations)
                self.high_water.write(*read_commit(connection))
            finally:
                connection.close()

    def connect(self) -> apsw.Connection:
        """One more connection to what was prepared. It is compared with its mark again: files can be exchanged at any time."""
        with driver_errors(self.location):
            expected = self.high_water.read()
            if not self.path.exists():
                self._refuse_rollback(NOTHING, expected)
            return self._open(expected)

    def wait_for_others(self, tries: int) -> bool:
        """Whether to try once more, after a wait. SQLite's own waits grow to 100 ms, so that who lost a few times loses to whoever comes anew."""
        wait_ms = WAITS_MS[min(tries, len(WAITS_MS) - 1)]
        if tries * WAITS_MS[-1] > self.busy_ms:
            return False
        time.sleep(random.uniform(0.5, 1.5) * wait_ms / 1_000)  # noqa: S311 - so that those who wait do not come back together
        return True

    @property
    def newest_schema(self) -> int:
        return self._migrations[-1].number

    def _open(self, expected: tuple[str, int] | None) -> apsw.Connection:
        connection = apsw.Connection(str(self.path), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            connection.set_busy_handler(self.wait_for_others)
            # A database that is refused stays as it is, and so does its log: what was lost may still be read from there.
            connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            is_empty = refuse_newer(connection, self.location, self.newest_schema) == 0
            self._refuse_rollback(NOTHING if is_empty else read_commit(connection), expected)
            refuse_cut_off(connection, self.path)
            if is_empty:
                connection.pragma("auto_vacuum", "INCREMENTAL")  # now or never: without it a file does not shrink
            _configure(connection)
            connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0)
        except BaseException:
            connection.close()
            raise
        return connection

    def _refuse_gone(self) -> None:
        """Whoever began anew beside the backups would run again what had been run."""
        if left := remains_of(self.path):
            advice = f"restore a backup; to begin anew, move {left[-1]} away or open it with accept_rollback=True"
            raise StoreError(self.location, "the database is gone, and its backups are still there", advice)

    def _refuse_rollback(self, found: tuple[str, int], expected: tuple[str, int] | None) -> None:
        refuse_rollback(self.location, self.high_water.path, found, expected)


class Link:
    """A connection that is opened when it is needed, used by one thread at a time."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self._clock = clock
        self._next_look_ns = 0
        self._connection: apsw.Connection | None = None
        self._file: tuple[int, int] | None = None

    def connection(self) -> apsw.Connection:
        if self._connection is None:
            before = self._file_now()
            connection = self.database.connect()
            self._file = self._file_now()
            if before not in {
                None,
                self._file,
            }:  # what was opened is no longer there: it waited for whoever replaced it
                connection.close()
                raise StoreError(self.database.location, "the file was replaced while it was being opened", "try again")
            self._connection = connection
        return self._connection

    def begin_at_once(self) -> bool:
        """Whether a transaction is open now: not when a connection has to be opened first, or another process to be waited for."""
        if self._connection is None:
            return False
        self._connection.set_busy_timeout(0)
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except apsw.Error:  # busy, or something that will be told to whoever begins again
            return False
        finally:
            self._connection.set_busy_handler(self.database.wait_for_others)
        return True

    def refuse_replaced_file(self) -> None:
        """What was committed to a file that is no longer in its place must not be reported as kept."""
        if self._is_replaced():
            advice = "put it back, or open the store again"
            raise StoreError(self.database.location, "the file was removed or replaced while it was in use", advice)

    def leave_replaced_file(self) -> None:
        """Who only reads begins anew with what is in its place now."""
        if self._connection is not None and self._is_replaced():
            self.put_away()

    def _is_replaced(self) -> bool:
        """Looked at once a second."""
        now_ns = self._clock.monotonic_ns()
        if now_ns < self._next_look_ns:
            return False
        self._next_look_ns = now_ns + LOOK_EVERY_NS
        return self._file_now() != self._file

    def _file_now(self) -> tuple[int, int] | None:
        try:
            found = self.database.path.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def abandon(self, *, is_trusted: bool) -> None:
        """Ends what was begun. A connection that cannot be trusted any longer is closed; the next one starts from the file."""
        if not is_trusted:
            self.put_away()
        elif self._connection is not None and self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def put_away(self) -> None:
        """Never fails: the files are at any moment such that what was acknowledged is in them, closed tidily or not."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(apsw.Error):
                connection.close()


def read_commit(connection: apsw.Connection) -> tuple[str, int]:
    """The database's id and the number of its last commit."""
    row = connection.execute(LAST_COMMIT).fetchone()
    if row is None or not isinstance(row[0], str) or not isinstance(row[1], int):
        raise apsw.CorruptError("the table store does not say how many commits there were")
    return row[0], row[1]


def _configure(connection: apsw.Connection) -> None:
    _use_write_ahead_log(connection)
    connection.pragma("synchronous", "FULL")  # NORMAL may lose the last commits on power loss
    if sys.platform == "darwin":
        connection.pragma("fullfsync", 1)  # there, fsync alone leaves the bytes in the disk's own memory
        connection.pragma("checkpoint_fullfsync", 1)
    connection.pragma("cell_size_check", 1)
    connection.pragma("trusted_schema", 0)
    # Without it a statement whose plan may depend on its values is compiled again each time, which takes ten times as long as running it.
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    connection.pragma("journal_size_limit", MOST_BYTES_OF_AN_EMPTY_LOG)  # after one very large value


def _use_write_ahead_log(connection: apsw.Connection) -> None:
    """Switching needs the database alone and does not wait for that by itself; a transaction does."""
    for _ in range(MOST_OPENING_TRIES):
        try:
            connection.pragma("journal_mode", "WAL")
        except apsw.BusyError:
            connection.execute("BEGIN IMMEDIATE; ROLLBACK")
        else:
            return
    connection.pragma("journal_mode", "WAL")


def _make_folder(folder: Path) -> None:
    """With every missing folder above it, each for its owner only."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(mode=0o700, exist_ok=True)


def _make_file(path: Path) -> None:
    """Before SQLite does, for the permissions; its other files get those of this one. A file that is there is not touched: closing
    it would take away the locks that other connections of this process have on it.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
