"""Stores that say that something is kept before it is."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue
from time import sleep
from typing import Any, Self

from reev_flow.chaos.life import open_store
from reev_flow.chaos.shifted_clock import ShiftedClock
from reev_flow.clock import Clock
from reev_flow.sessions.acknowledgement import Acknowledgement
from reev_flow.sessions.store import SessionStore, Write
from reev_flow.stores.urls import open_trace_store
from reev_flow.trace.store import TraceChunk, TraceStore

HASTE_SECONDS = 0.02


class HastyStore:
    """Acknowledges what is added to a journal at once, and keeps it a moment later: a kill in between loses it."""

    def __init__(self, store: SessionStore) -> None:
        self._store = store
        self._kept: SimpleQueue[Write | threading.Event] = SimpleQueue()
        threading.Thread(target=self._keep, daemon=True).start()

    def append(self, write: Write) -> Future[None]:
        self._kept.put(write)
        done: Acknowledgement[None] = Acknowledgement()
        done.settle(None, None)
        return done

    def _keep(self) -> None:
        while True:
            one = self._kept.get()
            if isinstance(one, threading.Event):
                one.set()
            else:
                sleep(HASTE_SECONDS)
                self._store.append(one).result()

    def __getattr__(self, name: str) -> Any:
        """Whatever else is asked for sees what was acknowledged before."""
        all_kept = threading.Event()
        self._kept.put(all_kept)
        all_kept.wait()
        return getattr(self._store, name)


def hasty_store(folder: Path, clock: ShiftedClock) -> SessionStore:
    store: SessionStore = HastyStore(open_store(folder, clock))
    return store


class HastyTraces:
    """Acknowledges spans at once, and keeps them only when it is closed in order."""

    def __init__(self, store: TraceStore) -> None:
        self._store = store
        self._kept: list[TraceChunk] = []

    @classmethod
    def open(cls, place: Path, *, clock: Clock) -> Self:
        return cls(open_trace_store(place, clock=clock))

    def add(self, chunks: Sequence[TraceChunk]) -> Future[int]:
        self._kept += chunks
        done: Acknowledgement[int] = Acknowledgement()
        done.settle(len(chunks), None)
        return done

    def close(self) -> None:
        self._store.add(self._kept).result()
        self._store.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)
