"""Sessions for code that is not async: Flask, Celery, scripts."""

import asyncio
import os
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

from reev_flow.errors import SessionError
from reev_flow.flows.blocking import BlockingSession

T = TypeVar("T")

MOST_SECONDS_TO_END = 10.0


class BlockingSessionManager:
    """A `SessionManager` whose event loop runs in a thread of its own; may be used from any number of threads.

    Its methods are those of `SessionManager` and wait for their results; sessions are `BlockingSession`s.
    """

    def __init__(self, manager: Any) -> None:
        """`manager` is a `SessionManager` that was not entered yet."""
        self._manager = manager
        self._pid = os.getpid()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="reev-flow sessions", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self._wait(self._manager.__aenter__())
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self._wait(self._manager.__aexit__(kind, error, traceback))
        finally:
            self._stop()

    def start_flow(self, flow: Any, *, session_id: str | None = None) -> BlockingSession:
        """See `SessionManager.start_flow`."""
        return BlockingSession(self._wait(self._manager.start_flow(flow, session_id=session_id)), self._loop)

    def end_flow(self, session: BlockingSession, result: Any = None, *, error: Exception | None = None) -> Any:
        """See `SessionManager.end_flow`."""
        return self._wait(self._manager.end_flow(session.handle, result, error=error))

    def __getattr__(self, name: str) -> Any:
        """Every other method of the manager, made to wait."""
        found = getattr(self._manager, name)
        if not asyncio.iscoroutinefunction(found):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            return self._wait(found(*args, **kwargs))

        return call

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        if os.getpid() != self._pid:
            work.close()
            raise SessionError(
                "this manager was opened before the process forked; open one in each process, after the fork"
            )
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            raise

    def _stop(self) -> None:
        """What is left is cancelled first: a thread may wait for it."""
        asyncio.run_coroutine_threadsafe(_end_all_tasks(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _end_all_tasks() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=MOST_SECONDS_TO_END)
