"""Stops a worker at one of its calls of the store, or at a point of its own, as the operating system might; it goes on when it is let."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import ContextVar
from functools import partial
from typing import Any

from reev_flow.sessions.acknowledgement import Acknowledgement, wake_loops
from reev_flow.sessions.data import Lease
from reev_flow.sessions.store import SessionStore, Write


class StoppingStore:
    """Lets so many calls and points pass. What is asked for while it is stopped is done in order when it goes on.

    `wrote` has for each write that was accepted the epoch that this worker claimed last, and the one that anybody did.
    """

    def __init__(self, store: SessionStore, *, lets_pass: int) -> None:
        self.store = store
        self.passed = 0
        self.wrote: list[tuple[int, int]] = []
        self._epoch = 0
        self._left: int | None = lets_pass
        self._waiting: list[tuple[Callable[[], Future[Any]], Acknowledgement[Any]]] = []

    @property
    def is_stopped(self) -> bool:
        return bool(self._waiting)

    def go_on(self) -> None:
        self._left = None
        waiting, self._waiting = self._waiting, []
        for call, answer in waiting:
            done = call()
            error = done.exception()
            wake_loops(answer.settle(None if error else done.result(), error))

    def _claim(self, session_id: str, *args: Any, **options: Any) -> Future[Lease]:
        claimed = self.store.claim(session_id, *args, **options)
        if claimed.exception() is None:
            self._epoch = claimed.result().epoch
        return claimed

    def _append(self, write: Write) -> Future[None]:
        """Of stores that answer at once."""
        written = self.store.append(write)
        if written.exception() is None:
            last = self.store.load(write.session.session_id).result().epoch
            self.wrote.append((self._epoch, last))
        return written

    async def point(self) -> None:
        await asyncio.wrap_future(self._call(_nothing))

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.store, name)
        if not callable(found) or name == "close":
            return found
        return partial(self._call, {"claim": self._claim, "append": self._append}.get(name, found))

    def _call(self, call: Callable[..., Future[Any]], *args: Any, **options: Any) -> Future[Any]:
        self.passed += 1
        if self._left is None or (self._left > 0 and not self._waiting):
            self._left = None if self._left is None else self._left - 1
            return call(*args, **options)
        answer: Acknowledgement[Any] = Acknowledgement()
        self._waiting.append((partial(call, *args, **options), answer))
        return answer


def _nothing() -> Future[Any]:
    done: Acknowledgement[Any] = Acknowledgement()
    done.settle(None, None)
    return done


here: ContextVar[StoppingStore] = ContextVar("the store of the worker whose code this is")
