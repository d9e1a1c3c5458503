"""Whose turn it is when more sessions want to run than may: first come, first served."""

import asyncio
from collections import deque

from reev_flow.errors import SessionError, TooManySessions

YOURS = "it is your turn"
CLOSED = "the session manager was left before it was the session's turn"


class Turns:
    """At most `most_running` at once, at most `most_waiting` in the queue. Used in the thread of one event loop."""

    def __init__(self, most_running: int, most_waiting: int) -> None:
        self._most_running = most_running
        self._most_waiting = most_waiting
        self.running = 0
        self._is_closed = False
        self._queue: deque[asyncio.Future[str]] = deque()

    @property
    def waiting(self) -> int:
        return sum(not waiter.done() for waiter in self._queue)

    async def take(self, *, is_new: bool = True) -> None:
        """Returns when it is this caller's turn. Raises `TooManySessions` for a new session when the queue is full; one that was begun
        before always finds room in it.
        """
        if self._is_closed:
            raise SessionError(CLOSED)
        if self.running < self._most_running and not self._queue:
            self.running += 1
            return
        if is_new and len(self._queue) >= self._most_waiting:
            raise TooManySessions(self.running, len(self._queue))
        waiter = asyncio.get_running_loop().create_future()
        self._queue.append(waiter)
        try:
            if await waiter == CLOSED:
                raise SessionError(CLOSED)
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.result() == YOURS:
                self.give_back()  # the turn came, and nobody is there to use it
            elif waiter in self._queue:  # otherwise it was passed over already
                self._queue.remove(waiter)
            raise

    def close(self) -> None:
        """Nobody has a turn any more who has none yet."""
        self._is_closed = True
        while self._queue:
            waiter = self._queue.popleft()
            if not waiter.done():
                waiter.set_result(CLOSED)

    def give_back(self) -> None:
        """The next in the queue has the turn."""
        while self._queue:
            waiter = self._queue.popleft()
            if not waiter.done():
                waiter.set_result(YOURS)
                return
        self.running -= 1
