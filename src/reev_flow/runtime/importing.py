"""Spans of files on their way into a store: in pieces that are the same each time, with a bound on what is under way."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future

import msgspec

from reev_flow.errors import StoreError
from reev_flow.runtime.ingest import Ingest
from reev_flow.trace.span import Span
from reev_flow.trace.store import TraceChunk

MOST_SPANS = 250  # of one piece
MOST_CHARACTERS = 1 << 20  # of one piece, as far as they are easily counted
MOST_WAITING_BYTES = 2 << 20  # before they are given to the store
MOST_UNDER_WAY = 4
MOST_COUNTED_RUNS = 100_000


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What the store has acknowledged. Pieces are what it keeps spans in; those it had already are not `new`."""

    spans: int = 0
    runs: int = 0
    pieces: int = 0
    new: int = 0


class Importer:
    """Gives a store what documents hold. Documents are cut by nothing but what they hold, so that the store knows them again."""

    def __init__(self, ingest: Ingest) -> None:
        self._ingest = ingest
        self._waiting: list[TraceChunk] = []
        self._waiting_bytes = 0
        self._under_way: deque[tuple[tuple[TraceChunk, ...], Future[int]]] = deque()
        self._runs: set[str] = set()
        self.imported = Imported()

    def take(self, document: Iterable[Span]) -> None:
        """Raises `StoreError` when something that was taken before could not be kept."""
        for piece in _pieces(document):
            for chunk in self._ingest.chunks_of(piece):
                self._waiting.append(chunk)
                self._waiting_bytes += len(chunk.data)
            if self._waiting_bytes >= MOST_WAITING_BYTES:
                self.flush()

    def flush(self) -> None:
        """Gives the store what waits; waits itself only when the store is behind."""
        if self._waiting:
            chunks = tuple(self._waiting)
            self._waiting.clear()
            self._waiting_bytes = 0
            self._under_way.append((chunks, self._ingest.add(chunks)))
        self._settle(MOST_UNDER_WAY)

    def finish(self) -> None:
        """Returns when everything taken is in the store. What could be kept is counted, also when something else could not."""
        self.flush()
        self._settle(0)

    def _settle(self, most_under_way: int) -> None:
        failed: StoreError | None = None
        while self._under_way and (len(self._under_way) > most_under_way or self._under_way[0][1].done()):
            try:
                self._count(*self._under_way.popleft())
            except StoreError as error:
                failed = failed or error
        if failed is not None:
            raise failed

    def _count(self, chunks: tuple[TraceChunk, ...], added: Future[int]) -> None:
        new = added.result()
        if len(self._runs) < MOST_COUNTED_RUNS:
            self._runs.update(chunk.trace_id for chunk in chunks)
        self.imported = Imported(
            spans=self.imported.spans + sum(chunk.spans for chunk in chunks),
            runs=len(self._runs),
            pieces=self.imported.pieces + len(chunks),
            new=self.imported.new + new,
        )


def _pieces(document: Iterable[Span]) -> Iterator[list[Span]]:
    piece: list[Span] = []
    characters = 0
    for span in document:
        piece.append(span)
        characters += sum(len(value) for value in span.attributes.values() if isinstance(value, (str, bytes)))
        if len(piece) >= MOST_SPANS or characters >= MOST_CHARACTERS:
            yield piece
            piece, characters = [], 0
    if piece:
        yield piece
