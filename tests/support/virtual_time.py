"""An event loop in which waiting takes no time: when nothing else is to be done, its clock jumps to whatever is next."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

PATIENCE_SECONDS = 60


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """For coroutines that wait for each other and for time. Threads are waited for only when nothing else will happen at any time."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(_JumpingSelector(self))

    def time(self) -> float:
        return self.now


class LoopClock:
    """The clock of whatever loop runs."""

    def now_ns(self) -> int:
        return self.monotonic_ns()

    def monotonic_ns(self) -> int:
        return round(asyncio.get_running_loop().time() * 1e9)


class _JumpingSelector(selectors.SelectSelector):
    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            happened = super().select(PATIENCE_SECONDS)
            if not happened:
                raise RuntimeError("everything waits for something that will never happen")
            return happened
        self._loop.now += max(timeout, 0)
        return []


def run_in_virtual_time(work: Coroutine[Any, Any, T]) -> T:
    loop = VirtualTimeLoop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()
