"""What the writer does to the tables of traces, within the transaction that is open."""

from collections.abc import Sequence

import apsw

from reev_flow.clock import Clock
from reev_flow.stores.sqlite.room import free_bytes, give_back_pages
from reev_flow.stores.sqlite.trace_loading import bytes_in_use, load_kept, load_line, trace_of
from reev_flow.stores.sqlite.trace_rows import (
    CHUNK_COLUMNS,
    TRACE_COLUMNS,
    PackedChunk,
    chunk_row,
    read_chunk,
    selected,
    trace_row,
)
from reev_flow.stores.trace_rules import LAST_NS, TraceHead, head_of, joined

MOST_PAGES_GIVEN_BACK = 2_500

SAME_CHUNK = f"SELECT id, {selected(CHUNK_COLUMNS)} FROM chunks WHERE trace = ? AND identity = ?"  # noqa: S608 - our own names
NEW_CHUNK = f"INSERT INTO chunks ({', '.join(CHUNK_COLUMNS)}) VALUES ({', '.join('?' * len(CHUNK_COLUMNS))})"  # noqa: S608
NEW_LINE = f"INSERT OR REPLACE INTO traces VALUES ({', '.join('?' * len(TRACE_COLUMNS))})"  # noqa: S608
LONGEST_UNTOUCHED = "SELECT trace FROM traces WHERE added_ns < ? ORDER BY added_ns, trace LIMIT ?"
FORGET_CHUNK = "DELETE FROM chunks WHERE id = ?"
NEW_CONVERSATION = "INSERT OR IGNORE INTO conversations VALUES (?, ?)"
FORGET = tuple(f"DELETE FROM {table} WHERE trace = ?" for table in ("chunks", "traces", "conversations"))  # noqa: S608


class TraceTables:
    """Remembers nothing: traces are many and each is written to a few times."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._connection: apsw.Connection
        self._has_written = False

    def begin(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._has_written = False

    def finish(self) -> bool:
        return self._has_written

    def doubt(self) -> None:
        self.forget()

    def forget(self) -> None:
        pass

    def add(self, chunks: Sequence[PackedChunk]) -> int:
        """They have been checked. How many were new."""
        by_trace: dict[str, list[PackedChunk]] = {}
        for packed in chunks:
            by_trace.setdefault(packed.chunk.trace_id, []).append(packed)
        now_ns = self._clock.now_ns()
        return sum(self._add_to(trace_of(name), its_chunks, now_ns) for name, its_chunks in by_trace.items())

    def _add_to(self, trace: bytes, chunks: list[PackedChunk], now_ns: int) -> int:
        line = load_line(self._connection, trace)
        head = line or load_kept(self._connection, trace).head
        new = 0
        for packed in chunks:
            same = self._connection.execute(SAME_CHUNK, (trace, packed.identity)).fetchone()
            if same is None:
                head = joined(head, head_of(packed.chunk, now_ns))
                self._insert(trace, head.chunks, packed, now_ns)
                new += 1
            elif read_chunk(trace, same[1:]) is None:
                self._insert_again(trace, same[0], packed, now_ns)
                head = load_kept(self._connection, trace).head if line is None else head
        if head != line:
            self._write(NEW_LINE, trace_row(trace, head))
        return new

    def _insert(self, trace: bytes, number: int, packed: PackedChunk, now_ns: int) -> None:
        self._write(NEW_CHUNK, chunk_row(trace, number, packed, head_of(packed.chunk, now_ns)))
        for conversation in packed.chunk.conversations:
            self._write(NEW_CONVERSATION, (conversation, trace))

    def _insert_again(self, trace: bytes, row: int, packed: PackedChunk, now_ns: int) -> None:
        """In the place of the damaged row. Its number may be what is damaged."""
        self._write(FORGET_CHUNK, (row,))
        kept = load_kept(self._connection, trace)
        self._insert(trace, min(kept.damaged, default=kept.head.chunks + 1), packed, now_ns)

    def prune(self, asked: tuple[int, int]) -> tuple[str, ...]:
        older_than_ns, limit = asked
        rows = self._connection.execute(LONGEST_UNTOUCHED, (older_than_ns, max(limit, 0)))
        old: list[bytes] = [row[0] for row in rows if isinstance(row[0], bytes)]
        forgotten = [trace for trace in old if self._head(trace).added_ns < older_than_ns]
        self._forget(forgotten)
        return tuple(trace.hex() for trace in forgotten)

    def shrink(self, asked: tuple[int, int]) -> tuple[str, ...]:
        most_bytes, limit = asked
        forgotten: list[bytes] = []
        while len(forgotten) < limit and bytes_in_use(self._connection) > most_bytes:
            oldest = self._connection.execute(LONGEST_UNTOUCHED, (LAST_NS, 1)).fetchone()
            if oldest is None or not isinstance(oldest[0], bytes):
                break
            if load_line(self._connection, oldest[0]) is None:  # then its age cannot be trusted
                self._write(NEW_LINE, trace_row(oldest[0], self._head(oldest[0])))
            elif self._delete([oldest[0]]):
                forgotten.append(oldest[0])
            else:
                break
        return tuple(trace.hex() for trace in forgotten)

    def give_back(self, most_pages: int) -> int:
        """How many bytes are left to give back."""
        if free_bytes(self._connection):
            self._give_back(most_pages)
        return free_bytes(self._connection)

    def _head(self, trace: bytes) -> TraceHead:
        return load_line(self._connection, trace) or load_kept(self._connection, trace).head

    def forget_trace(self, trace_id: str) -> bool:
        """Whether it was there."""
        return self._forget([trace_of(trace_id)])

    def _forget(self, traces: list[bytes]) -> bool:
        has_changed = self._delete(traces)
        if has_changed:
            self._give_back(MOST_PAGES_GIVEN_BACK)
        return has_changed

    def _delete(self, traces: list[bytes]) -> bool:
        before = self._connection.total_changes()
        for statement in FORGET:
            self._connection.executemany(statement, [(trace,) for trace in traces])
        has_changed = self._connection.total_changes() > before
        self._has_written |= has_changed
        return has_changed

    def _give_back(self, most_pages: int) -> None:
        give_back_pages(self._connection, most_pages)
        self._has_written = True

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        self._connection.execute(statement, values)
        self._has_written = True
