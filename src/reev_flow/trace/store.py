"""What every store of traces promises."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Protocol

import msgspec


class TraceChunk(msgspec.Struct, frozen=True, kw_only=True):
    """Some spans of one trace, as they are kept: `data` is an OTLP `TracesData` message with nothing else in it.

    What stands beside it is what traces are found by, so that a store need not read spans: how many there are, when the first starts
    and the last ends (UTC nanoseconds since 1970), the service, whether a root span is among them and its name, and the conversations
    that they name. `begun` are the ids, 8 bytes each, of spans that it tells of without an end; `ended` are those of the others.
    """

    trace_id: str
    data: bytes
    spans: int
    start_ns: int
    end_ns: int
    service: str = ""
    has_root: bool = False
    root: str = ""
    begun: bytes = b""
    ended: bytes = b""
    conversations: tuple[str, ...] = ()


class TraceQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which traces are wanted; empty means all. `trace_ids` are whole, `id_prefix` is compared with the beginning of the id, `conversation`
    is a whole one.
    """

    trace_ids: frozenset[str] = frozenset()
    id_prefix: str = ""
    conversation: str = ""
    limit: int = 100


class TraceSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a trace without reading its spans, the same in whatever order its chunks came.

    `spans` is the sum over its chunks: a span that came in two different chunks counts twice. `unfinished` are the spans of which no chunk
    tells the end. Of very many or very long `conversations` only some, cut, are told. `added_ns` is when something was last added to it,
    by the store's clock.
    """

    trace_id: str
    service: str
    root: str
    spans: int
    chunks: int
    start_ns: int
    end_ns: int
    added_ns: int
    has_root: bool = False
    unfinished: int = 0
    conversations: tuple[str, ...] = ()


class StoredTrace(msgspec.Struct, frozen=True, kw_only=True):
    """The chunks of a trace as they were given. `damaged` are the numbers, from 1, of those that were lost or are not what was written:
    the trace lacks their spans, unless other chunks have them too.
    """

    trace_id: str
    chunks: tuple[bytes, ...]
    damaged: tuple[int, ...] = ()


class TraceStore(Protocol):
    """Keeps the spans of traces.

    Every method returns at once; its future is done when the work is. Failures are errors of this package and come with the future: no
    driver's own error leaves a store. What is acknowledged survives the process, and with a durable store the power cut: whoever sent
    spans forgets them when they are acknowledged, so these are the only ones there are.

    What one caller asks for happens in the order asked: a read sees what was added before it, acknowledged or not. Futures cannot be
    cancelled. When more is waiting than the store's queue holds, the next call fails with `StoreError` and changes nothing.
    """

    @property
    def location(self) -> str:
        """Where it keeps things, as a person would name it."""

    def add(self, chunks: Sequence[TraceChunk]) -> Future[int]:
        """All of them or none; how many were new. A chunk whose bytes its trace has already changes nothing, unless the kept ones are
        damaged: then they are whole again. Traces are made by their first chunk.

        Fails with `StoreError`, changing nothing, when an id is not 32 lower-case hexadecimal digits or a value cannot be kept. Times that
        63 bits cannot hold count as the nearest they can.
        """

    def read(self, trace_id: str) -> Future[StoredTrace]:
        """Every chunk that is sound, in the order in which they were added; those that are not are told beside them and never keep the
        others back. Fails with `TraceNotFound`.
        """

    def find(self, query: TraceQuery) -> Future[tuple[TraceSummary, ...]]:
        """The one that starts last comes first, ties by id. Service and root are those of the first chunk by its start that has a root, else
        that has a service. A trace is found by the conversations that any chunk of it names, also by those that its summary does not tell;
        of very many in one chunk by some.
        """

    def damaged(self) -> Future[tuple[str, ...]]:
        """The ids of the traces of which something was lost or is not what was written. Reads everything there is. Fails with `StoreError`
        when the store is damaged in a way that is no trace's.
        """

    def prune(self, older_than_ns: int, limit: int = 1_000) -> Future[tuple[str, ...]]:
        """Forgets traces to which nothing was added since that moment, damaged ones too; the ids of those it forgot, the longest untouched
        first. The times of spans do not count: they are whatever a sender's clock said, and an old file may have been imported today.
        A trace of which damage left nothing but chunks stays, here and in `shrink`, until it is added to or forgotten by its id.
        """

    def shrink(self, most_bytes: int, limit: int = 1_000) -> Future[tuple[str, ...]]:
        """Forgets traces, the longest untouched first, until what is kept takes no more room than that; the ids of those it forgot. No
        more than `limit`, so that others have their turn: it is done when nothing is forgotten.
        """

    def give_back(self) -> Future[int]:
        """Makes files smaller by what was forgotten, a part at a time so that others have their turn; how many bytes are left to give back.
        While others read, files stay as long as they are.
        """

    def forget(self, trace_id: str) -> Future[bool]:
        """Whether it was there."""

    def size_bytes(self) -> Future[int]:
        """The room that what it keeps takes now. Less after something was forgotten, though files may take longer to shrink."""

    def close(self) -> None:
        """Everything asked for before is done first. Later calls fail with `StoreError`; closing again does nothing."""
