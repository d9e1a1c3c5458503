"""A flow that runs in the background."""

import asyncio
from collections.abc import Generator
from typing import Any


class StartedFlow:
    """Awaiting it gives the flow's result, or raises what the flow raised. Nobody has to: the session keeps both."""

    def __init__(self, session_id: str, task: "asyncio.Task[Any]") -> None:
        self.session_id = session_id
        self._task = task

    def __await__(self) -> Generator[Any, None, Any]:
        return asyncio.shield(self._task).__await__()

    @property
    def is_done(self) -> bool:
        """Whether it ended, or stopped, in this process."""
        return self._task.done()


class Background:
    """Tasks that nobody else holds: the event loop alone would forget them."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def add(self, task: "asyncio.Task[Any]") -> "asyncio.Task[Any]":
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def ended(self, seconds: float) -> None:
        """Returns when all of them have, or after that time."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # seen: the session keeps it
