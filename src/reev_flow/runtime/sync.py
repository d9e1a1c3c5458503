"""Sessions for code that is not async: Flask, Celery, scripts."""

import asyncio
import os
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

from reev_flow.errors import SessionError
from reev_flow.flows.blocking import BlockingSession
from reev_flow.flows.handing_over import handed_over

T = TypeVar("T")

MOST_SECONDS_TO_END = 10.0

NOT_OPEN = "the session manager is not open; use it as `with SessionManager.sync() as manager:`"


class BlockingSessionManager:
    """A `SessionManager` whose event loop runs in a thread of its own; may be used from any number of threads.

    Its methods are those of `SessionManager` and wait for their results; sessions are `BlockingSession`s.
    """

    def __init__(self, manager: Any) -> None:
        """`manager` is a `SessionManager` that was not entered yet."""
        self._manager = manager
        self._opened: LoopThread | None = None

    def __enter__(self) -> Self:
        """Raises `StoreError` when the store cannot be used."""
        if self._opened is not None:
            raise SessionError("the session manager is open already; leave its block first, or make another one")
        self._opened = LoopThread()
        try:
            self._wait(self._manager.__aenter__())
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._opened is not None and self._opened.is_of_other_process:
            return  # a child that leaves the block of its parent: nothing in it runs here
        try:
            self._wait(self._manager.__aexit__(kind, error, traceback))
        finally:
            self._stop()

    def start_flow(self, flow: Any, *, session_id: str | None = None) -> BlockingSession:
        """See `SessionManager.start_flow`."""
        handle = self._wait(self._manager.start_flow(flow, session_id=session_id))
        return BlockingSession(handle, self._thread.loop)

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

    @property
    def _thread(self) -> "LoopThread":
        if self._opened is None:
            raise SessionError(NOT_OPEN)
        if self._opened.is_of_other_process:
            raise SessionError(
                "this manager was opened before the process forked; open one in each process, after the fork"
            )
        return self._opened

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            loop = self._thread.loop
        except SessionError:
            work.close()
            raise
        try:
            future = handed_over(work, loop)
        except RuntimeError:  # another thread has just left the block
            raise SessionError(NOT_OPEN) from None
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            raise

    def _stop(self) -> None:
        thread, self._opened = self._thread, None
        thread.end()


class LoopThread:
    """An event loop that runs in a thread of its own until `end`."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._pid = os.getpid()
        self._thread = threading.Thread(target=self._run, name="reev-flow sessions", daemon=True)
        self._thread.start()

    @property
    def is_of_other_process(self) -> bool:
        """A child has the loop, but not the thread."""
        return os.getpid() != self._pid

    def end(self) -> None:
        """What is left is cancelled first: a thread may wait for it."""
        handed_over(_end_all_tasks(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()

    def _run(self) -> None:
        try:
            self.loop.run_forever()
            self.loop.run_until_complete(_end_all_tasks())  # what threads handed over while it stopped
        finally:
            self.loop.close()


async def _end_all_tasks() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=MOST_SECONDS_TO_END)
