"""The trace stores that every promise is tested with, and what tests do to them from behind."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from reev_flow.stores.urls import open_trace_store
from reev_flow.trace.store import TraceChunk, TraceQuery, TraceStore
from support.session_stores import change
from support.sessions import NS, START_NS, SetClock

CHUNK_DAMAGES = {
    "its spans": "UPDATE chunks SET data = x'00' WHERE number = 2 AND hex(trace) = upper(?)",
    "its spans, of another kind": "UPDATE chunks SET data = zeroblob(20) WHERE number = 2 AND hex(trace) = upper(?)",
    "its head": "UPDATE chunks SET spans = spans + 1 WHERE number = 2 AND hex(trace) = upper(?)",
    "its number": "UPDATE chunks SET number = 9 WHERE number = 2 AND hex(trace) = upper(?)",
    "text that is none": "UPDATE chunks SET root = CAST(x'41ff' AS TEXT) WHERE number = 2 AND hex(trace) = upper(?)",
    "its trace": "UPDATE chunks SET trace = x'00' WHERE number = 2 AND hex(trace) = upper(?)",
    "all of it": "DELETE FROM chunks WHERE number = 2 AND hex(trace) = upper(?)",
}
LINE_DAMAGES = {
    "its numbers": "UPDATE traces SET spans = spans + 1 WHERE hex(trace) = upper(?)",
    "its age": "UPDATE traces SET added_ns = 1 WHERE hex(trace) = upper(?)",
    "text that is none": "UPDATE traces SET root = CAST(x'41ff' AS TEXT) WHERE hex(trace) = upper(?)",
}
LINE_GONE = "DELETE FROM traces WHERE hex(trace) = upper(?)"


class TraceBackend(Protocol):
    """One kind of store, at one place."""

    clock: SetClock

    def open(self) -> TraceStore:
        """Opens it once more; the caller closes it."""

    def meddle(self, statement: str, trace_id: str) -> None:
        """What no store would do to a trace."""


class Memory:
    """Each `open` is a store of its own."""

    def __init__(self, _: Path) -> None:
        self.clock = SetClock()

    def open(self) -> TraceStore:
        return open_trace_store("memory:", clock=self.clock)

    def meddle(self, statement: str, trace_id: str) -> None:
        raise NotImplementedError


class Sqlite:
    def __init__(self, folder: Path) -> None:
        self.clock = SetClock()
        self.folder = folder / "store"

    def open(self) -> TraceStore:
        return open_trace_store(self.folder, clock=self.clock)

    def meddle(self, statement: str, trace_id: str) -> None:
        change(self.folder / "traces.db", statement, trace_id)


TRACE_BACKENDS: dict[str, Callable[[Path], TraceBackend]] = {"memory": Memory, "sqlite": Sqlite}


def id_of(letter: str) -> str:
    """A trace's id in one letter."""
    return letter * 32


def chunk(
    letter: str = "a", data: bytes = b"spans", *, second: float = 0, lasts: float = 1, **facts: Any
) -> TraceChunk:
    """`second` is when its first span starts, `lasts` how many seconds later its last one ends."""
    start_ns = START_NS + int(second * NS)
    standard: dict[str, Any] = {
        "trace_id": id_of(letter),
        "spans": 3,
        "start_ns": start_ns,
        "end_ns": start_ns + int(lasts * NS),
    }
    return TraceChunk(data=data, **(standard | facts))


def add(store: TraceStore, *chunks: TraceChunk) -> int:
    """Acknowledged."""
    return store.add(chunks).result()


def letters(store: TraceStore, **wanted: Any) -> str:
    """The traces that fit a query, in the order given."""
    return "".join(summary.trace_id[0] for summary in store.find(TraceQuery(**wanted)).result())


def numbered(letter: str, number: int) -> bytes:
    """The spans of a chunk, different for each."""
    return f"spans {number} of {letter} ".encode() * 50
