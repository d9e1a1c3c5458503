"""A store of traces whose acknowledgements are seen: those spans must be there afterwards, others may be."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from reev_flow.chaos.sights import Seen, Sights
from reev_flow.trace.store import TraceChunk, TraceStore


class WatchedTraces:
    """Hands everything over to the store."""

    def __init__(self, store: TraceStore, sights: Sights) -> None:
        self._store = store
        self._sights = sights

    def add(self, chunks: Sequence[TraceChunk]) -> Future[int]:
        future = self._store.add(chunks)
        future.add_done_callback(lambda done: self._acknowledged(done, chunks))
        return future

    def _acknowledged(self, done: Future[int], chunks: Sequence[TraceChunk]) -> None:
        if done.exception() is None:
            for chunk in chunks:
                self._sights.note(Seen.KEPT, f"{chunk.trace_id}:{chunk.ended.hex()}")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)
