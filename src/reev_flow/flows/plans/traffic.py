"""Which steps of a plan may begin: how many at once, not before the journal is read, and none once their flow has failed."""

import asyncio
from collections import deque
from collections.abc import Callable


class Stop:
    """Whether a flow has failed, or one around it: then nothing more begins."""

    def __init__(self, outer: "Stop | None" = None) -> None:
        self.stopped = asyncio.Event()
        self.inner: list[Stop] = []
        if outer is not None:
            outer.inner.append(self)
            if outer.is_set:
                self.set()

    @property
    def is_set(self) -> bool:
        return self.stopped.is_set()

    def set(self) -> None:
        todo = [self]
        for stop in todo:
            stop.stopped.set()
            todo.extend(stop.inner)

    async def wait(self) -> None:
        await self.stopped.wait()


class Slots:
    """How many steps may run at once, in a plan and its alternative flows together."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._takers: list[Callable[[], None]] = []

    @property
    def has_free(self) -> bool:
        return self._free > 0

    def take_free(self) -> bool:
        """False when none is free."""
        if self._free == 0:
            return False
        self._free -= 1
        return True

    async def take(self) -> None:
        """Waits for one; who waits longest is served first."""
        if self.take_free():
            return
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        await place  # cancelled only with the whole plan, so no slot is lost here

    def give_back(self) -> None:
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                return
        self._free += 1
        for take in tuple(self._takers):
            take()

    def add_taker(self, take: Callable[[], None]) -> None:
        """`take` is called when a slot is free that nobody waits for."""
        self._takers.append(take)

    def remove_taker(self, take: Callable[[], None]) -> None:
        self._takers.remove(take)


class Gate:
    """Closed while a resumed plan is read back from the journal; what is new waits until all that was settled has been read.

    So a flow that had failed before a crash has failed again before anything else could begin. `enter` and `leave` count the workers
    that are still reading.
    """

    def __init__(self, *, is_open: bool) -> None:
        self._opened = asyncio.Event()
        self._reading = 0
        if is_open:
            self._opened.set()

    @property
    def is_open(self) -> bool:
        return self._opened.is_set()

    def enter(self) -> None:
        self._reading += 1

    def leave(self) -> None:
        self._reading -= 1
        if self._reading == 0:
            self._opened.set()

    async def wait(self) -> None:
        """Left while waiting."""
        self.leave()
        await self._opened.wait()
        self.enter()
