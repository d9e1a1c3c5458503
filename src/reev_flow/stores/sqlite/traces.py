"""Traces kept in one SQLite file, apart from the sessions so that no step waits behind spans."""

from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

import apsw

from reev_flow.clock import Clock, SystemClock
from reev_flow.stores.sqlite import room
from reev_flow.stores.sqlite import trace_loading as loading
from reev_flow.stores.sqlite.database import Database
from reev_flow.stores.sqlite.lanes import Lanes
from reev_flow.stores.sqlite.migrations import Migration, migrations_of
from reev_flow.stores.sqlite.trace_rows import pack
from reev_flow.stores.sqlite.trace_tables import MOST_PAGES_GIVEN_BACK, TraceTables
from reev_flow.stores.trace_rules import checked
from reev_flow.trace.store import StoredTrace, TraceChunk, TraceQuery, TraceSummary

MOST_WAITING = 1_000
LONGEST_WAIT_MS = 1_000
MOST_IN_ONE_COMMIT = 64  # of up to many megabytes each


class SqliteTraceStore:
    """Keeps traces where neither a crash of the process nor a power cut reaches them. May be shared by processes of one machine.

    Every commit waits for the disk (synchronous=FULL) as with sessions: whoever sent spans forgets them once they are acknowledged.
    """

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
        database = Database(path, migrations or migrations_of("traces"), busy_seconds=busy_seconds)
        database.prepare(accept_rollback=accept_rollback)
        clock = clock or SystemClock()
        self._wait_for_others = database.wait_for_others
        self._lanes = Lanes(
            database, TraceTables(clock), clock, most_waiting=MOST_WAITING, most_in_one_commit=MOST_IN_ONE_COMMIT
        )

    @property
    def location(self) -> str:
        return self._lanes.location

    def add(self, chunks: Sequence[TraceChunk]) -> Future[int]:
        """Compresses them here and now, so that the writer does not: some 10 microseconds for each thousand bytes."""
        try:
            ready = [pack(checked(self.location, chunk)) for chunk in chunks]
        except Exception as error:  # noqa: BLE001 - every failure comes with the future
            return self._lanes.refused(error)
        traces = {packed.chunk.trace_id for packed in ready}
        about = traces.pop() if len(traces) == 1 else ""
        return self._lanes.write(about, TraceTables.add, ready)

    def read(self, trace_id: str) -> Future[StoredTrace]:
        location = self.location
        return self._lanes.read_one(
            trace_id, lambda connection, name: loading.read_stored(connection, location, name), trace_id
        )

    def find(self, query: TraceQuery) -> Future[tuple[TraceSummary, ...]]:
        location = self.location
        return self._lanes.read_many(lambda connection, _: loading.find_summaries(connection, location, query), None)

    def damaged(self) -> Future[tuple[str, ...]]:
        location = self.location
        return self._lanes.read_many(lambda connection, _: loading.damaged_traces(connection, location), None)

    def prune(self, older_than_ns: int, limit: int = 1_000) -> Future[tuple[str, ...]]:
        return self._lanes.write("", TraceTables.prune, (older_than_ns, limit))

    def shrink(self, most_bytes: int, limit: int = 1_000) -> Future[tuple[str, ...]]:
        return self._lanes.write("", TraceTables.shrink, (most_bytes, limit))

    def give_back(self) -> Future[int]:
        left = self._lanes.write("", TraceTables.give_back, MOST_PAGES_GIVEN_BACK)

        def empty_log(connection: apsw.Connection, left: Future[int]) -> int:
            room.empty_log(connection, LONGEST_WAIT_MS, self._wait_for_others)
            return left.result()

        return self._lanes.read_many(empty_log, left)

    def forget(self, trace_id: str) -> Future[bool]:
        return self._lanes.write(trace_id, TraceTables.forget_trace, trace_id)

    def size_bytes(self) -> Future[int]:
        return self._lanes.read_many(lambda connection, _: loading.bytes_in_use(connection), None)

    def close(self) -> None:
        self._lanes.close()
