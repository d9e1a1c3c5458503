"""A session store whose writes are seen: which step's start, end or question is about to be kept, and which has been."""

from concurrent.futures import Future
from typing import Any

from reev_flow.chaos.sights import Seen, Sights
from reev_flow.chaos.trap import Trap
from reev_flow.sessions.journal import EntryKind, read_entry
from reev_flow.sessions.store import SessionStore, Write

TOLD = {
    EntryKind.STARTED: "start",
    EntryKind.FINISHED: "finish",
    EntryKind.FAILED: "failure",
    EntryKind.ASKED: "question",
    EntryKind.ANSWERED: "answer",
}


class WatchedStore:
    """Hands everything over to the store."""

    def __init__(self, store: SessionStore, trap: Trap, sights: Sights) -> None:
        self._store = store
        self._sights = sights
        self._trap = trap

    def append(self, write: Write) -> Future[None]:
        entries = map(read_entry, write.entries)
        told = [(entry.step, TOLD[entry.kind]) for entry in entries if entry.kind in TOLD]
        self._reach(told, "before")
        future = self._store.append(write)
        if told:
            future.add_done_callback(lambda done: self._acknowledged(done, told))
        return future

    def _acknowledged(self, done: Future[None], told: list[tuple[str, str]]) -> None:
        if done.exception() is None:
            for step, what in told:
                if what == "finish":
                    self._sights.note(Seen.FINISHED, step)
            self._reach(told, "after")

    def _reach(self, told: list[tuple[str, str]], when: str) -> None:
        for step, what in told:
            self._trap.reach(step, f"{when}-{what}")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)
