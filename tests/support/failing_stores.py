"""Session stores whose disk fills up, or stands still."""

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from reev_flow.errors import SessionError, StoreError
from reev_flow.sessions.acknowledgement import Acknowledgement, wake_loops
from reev_flow.sessions.store import SessionStore, Write

FULL = StoreError("the store", "the disk is full", "make room and try again")
CHANGES = frozenset({"create", "append", "claim", "renew", "release", "send", "prune", "free"})


class FillingStore:
    """Takes so many writes to journals and then, until there is room again, no change at all. Reading goes on.

    To whoever looks at the store behind it, that is what a worker looks like that is killed between two writes.
    """

    def __init__(self, store: SessionStore, *, room_for: int = 0) -> None:
        self.store = store
        self.room_for = room_for
        self.writes: list[Write] = []  # those that were taken

    @property
    def is_full(self) -> bool:
        return len(self.writes) >= self.room_for

    def make_room(self, writes: int = 1_000_000) -> None:
        self.room_for = len(self.writes) + writes

    def append(self, write: Write) -> Future[None]:
        if self.is_full:
            return refused(FULL)
        self.writes.append(write)
        return self.store.append(write)

    def __getattr__(self, name: str) -> Any:
        return getattr(self, "refuse" if name in CHANGES and self.is_full and self.writes else "_given")(name)

    def refuse(self, _: str) -> Callable[..., Future[Any]]:
        return lambda *_, **__: refused(FULL)

    def _given(self, name: str) -> Any:
        return getattr(self.store, name)


def refused(error: SessionError) -> Future[Any]:
    future: Acknowledgement[Any] = Acknowledgement()
    wake_loops(future.settle(None, error))
    return future


class HoldingStore:
    """While it is held nothing is done; what was asked for meanwhile is done in order when it is let go."""

    def __init__(self, store: SessionStore) -> None:
        self.store = store
        self.is_held = False
        self.asked: list[str] = []  # the calls that wait
        self._waiting: list[tuple[Callable[[], Future[Any]], Acknowledgement[Any]]] = []

    def hold(self) -> None:
        self.is_held = True

    def let_go(self) -> None:
        self.is_held = False
        waiting, self._waiting, self.asked = self._waiting, [], []
        for call, answer in waiting:
            done = call()
            error = done.exception()
            wake_loops(answer.settle(None if error else done.result(), error))

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.store, name)
        return partial(self._later, name, found) if self.is_held and callable(found) else found

    def _later(self, name: str, call: Callable[..., Future[Any]], *args: Any, **options: Any) -> Future[Any]:
        answer: Acknowledgement[Any] = Acknowledgement()
        self.asked.append(name)
        self._waiting.append((lambda: call(*args, **options), answer))
        return answer
