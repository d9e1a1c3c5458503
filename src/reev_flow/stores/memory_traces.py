"""Traces kept in memory: for tests, and for work that need not survive its process."""

from collections.abc import Sequence

import msgspec

from reev_flow.clock import Clock, SystemClock
from reev_flow.errors import TraceNotFound
from reev_flow.sessions.acknowledgement import Acknowledgement
from reev_flow.stores import trace_rules as rules
from reev_flow.stores.at_once import AtOnce
from reev_flow.stores.memory import LOCATION
from reev_flow.trace.store import StoredTrace, TraceChunk, TraceQuery, TraceSummary


class _Shelf(msgspec.Struct):
    head: rules.TraceHead = rules.NOTHING
    chunks: dict[bytes, TraceChunk] = {}  # in the order in which they were added


class MemoryTraceStore:
    """Keeps every promise of a trace store but one: nothing survives the process. Futures are done when they are given."""

    def __init__(self, *, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._work = AtOnce(LOCATION)
        self._shelves: dict[str, _Shelf] = {}

    @property
    def location(self) -> str:
        return LOCATION

    def add(self, chunks: Sequence[TraceChunk]) -> Acknowledgement[int]:
        return self._work.do(self._add, chunks)

    def read(self, trace_id: str) -> Acknowledgement[StoredTrace]:
        return self._work.do(self._read, trace_id)

    def find(self, query: TraceQuery) -> Acknowledgement[tuple[TraceSummary, ...]]:
        return self._work.do(self._find, query)

    def damaged(self) -> Acknowledgement[tuple[str, ...]]:
        return self._work.do(tuple[str, ...])

    def prune(self, older_than_ns: int, limit: int = 1_000) -> Acknowledgement[tuple[str, ...]]:
        return self._work.do(self._prune, older_than_ns, limit)

    def shrink(self, most_bytes: int, limit: int = 1_000) -> Acknowledgement[tuple[str, ...]]:
        return self._work.do(self._shrink, most_bytes, limit)

    def give_back(self) -> Acknowledgement[int]:
        return self._work.do(int)

    def forget(self, trace_id: str) -> Acknowledgement[bool]:
        return self._work.do(lambda: self._shelves.pop(trace_id, None) is not None)

    def size_bytes(self) -> Acknowledgement[int]:
        return self._work.do(self._size_bytes)

    def close(self) -> None:
        self._work.close()

    def _add(self, chunks: Sequence[TraceChunk]) -> int:
        now_ns = self._clock.now_ns()
        return sum(self._add_one(chunk, now_ns) for chunk in [rules.checked(LOCATION, one) for one in chunks])

    def _add_one(self, chunk: TraceChunk, now_ns: int) -> bool:
        shelf = self._shelves.setdefault(chunk.trace_id, _Shelf())
        if chunk.data in shelf.chunks:
            return False
        shelf.chunks[chunk.data] = chunk
        shelf.head = rules.joined(shelf.head, rules.head_of(chunk, now_ns))
        return True

    def _read(self, trace_id: str) -> StoredTrace:
        if trace_id not in self._shelves:
            raise TraceNotFound(trace_id, LOCATION)
        return StoredTrace(trace_id=trace_id, chunks=tuple(self._shelves[trace_id].chunks))

    def _find(self, query: TraceQuery) -> tuple[TraceSummary, ...]:
        known = (_summary(name, shelf) for name, shelf in self._shelves.items() if _fits(name, shelf, query))
        wanted = sorted(known, key=rules.newest_first)
        return tuple(wanted[: max(query.limit, 0)])

    def _prune(self, older_than_ns: int, limit: int) -> tuple[str, ...]:
        forgotten = tuple(name for added_ns, name in self._ages() if added_ns < older_than_ns)[: max(limit, 0)]
        for name in forgotten:
            del self._shelves[name]
        return forgotten

    def _shrink(self, most_bytes: int, limit: int) -> tuple[str, ...]:
        size_bytes = self._size_bytes()
        forgotten = []
        for _, name in self._ages()[: max(limit, 0)]:
            if size_bytes <= most_bytes:
                break
            size_bytes -= sum(map(len, self._shelves.pop(name).chunks))
            forgotten.append(name)
        return tuple(forgotten)

    def _ages(self) -> list[tuple[int, str]]:
        return sorted((shelf.head.added_ns, name) for name, shelf in self._shelves.items())

    def _size_bytes(self) -> int:
        return sum(len(data) for shelf in self._shelves.values() for data in shelf.chunks)


def _fits(trace_id: str, shelf: _Shelf, query: TraceQuery) -> bool:
    return (
        trace_id.startswith(query.id_prefix)
        and (not query.trace_ids or trace_id in query.trace_ids)
        and (not query.conversation or _is_in(shelf, rules.findable(query.conversation)))
    )


def _is_in(shelf: _Shelf, conversation: str) -> bool:
    return any(conversation in chunk.conversations for chunk in shelf.chunks.values())


def _summary(trace_id: str, shelf: _Shelf) -> TraceSummary:
    told = ((chunk.begun, chunk.ended) for chunk in shelf.chunks.values())
    return rules.summary_of(trace_id, shelf.head, rules.count_unfinished(told) if shelf.head.begun else 0)
