"""The least that durable rows can cost: commits of rows with nothing else to them, on one connection, WAL and synchronous=FULL."""

import statistics
import time
from pathlib import Path

import apsw


class RawCommits:
    """Each row is the same bytes."""

    def __init__(self, folder: Path, row: bytes) -> None:
        self.connection = apsw.Connection(str(folder / "raw.db"))
        self.connection.pragma("journal_mode", "WAL")
        self.connection.pragma("synchronous", "FULL")
        self.connection.wal_autocheckpoint(4_000)
        self.connection.execute("CREATE TABLE entries (id INTEGER PRIMARY KEY, entry BLOB)")
        self._row = row

    def commit(self, times: int, rows: int = 1) -> None:
        for _ in range(times):
            self.connection.execute("BEGIN IMMEDIATE")
            self.connection.executemany("INSERT INTO entries (entry) VALUES (?)", [(self._row,)] * rows)
            self.connection.execute("COMMIT")

    def warm_up(self) -> None:
        """Until the log has been merged once and is written over from then on: one that grows costs the file system more."""
        self.commit(times=24, rows=1_000)

    def p50(self, times: int = 100) -> float:
        """Seconds of one commit of one row."""
        return statistics.median(self._seconds(1) for _ in range(times))

    def rows_per_second(self, times: int, rows: int) -> float:
        """Everybody's row in one commit, then everybody's next one: the best that many writers can get from one disk."""
        began = time.perf_counter()
        self.commit(times, rows)
        return times * rows / (time.perf_counter() - began)

    def _seconds(self, rows: int) -> float:
        began = time.perf_counter()
        self.commit(1, rows)
        return time.perf_counter() - began
