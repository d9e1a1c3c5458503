"""A session in the hands of code that is not async: every call waits for its result."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any

from reev_flow.errors import InvalidState, InvalidStep, SessionError, SessionInterrupted
from reev_flow.flows.branches import context_of
from reev_flow.flows.groups import GATHER
from reev_flow.flows.handing_over import handed_over
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.threads import FlowThreads
from reev_flow.sessions.data import SessionData


class BlockingSession:
    """Has what `SessionHandle` has; `step`, `gather`, `ask`, `version`, `fork` and `checkpoint` give results and not coroutines.

    Used from the thread that runs the flow, while the event loop runs in another one.
    """

    def __init__(self, handle: SessionHandle, loop: asyncio.AbstractEventLoop) -> None:
        self.handle = handle
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        """Facts of the session: its id, its flow, its state."""
        return getattr(self.handle, name)

    def step(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """See `SessionHandle.step`."""
        return self._wait(self.handle.step(function, *args, **options))

    def ask(self, question: str, **options: Any) -> Any:
        """See `SessionHandle.ask`."""
        return self._wait(self.handle.ask(question, **options))

    def gather(self, *parts: Callable[[], Any]) -> list[Any]:
        """Calls functions beside each other, each in a thread and a branch of its own; the first error is raised when all have ended."""
        if not parts:
            return []
        branches = self.handle.new_branches(GATHER, len(parts))
        with ThreadPoolExecutor(len(parts), thread_name_prefix="reev-flow branch") as threads:
            futures = [
                threads.submit(context_of(branch).run, part) for branch, part in zip(branches, parts, strict=True)
            ]
        return [future.result() for future in futures]

    def version(self, name: str, newest: int = 2, *, oldest: int = 1) -> int:
        """See `SessionHandle.version`."""
        chosen: int = self._wait(self.handle.version(name, newest, oldest=oldest))
        return chosen

    def fork(self, from_step: str, *, new_id: str | None = None) -> SessionData:
        """See `SessionHandle.fork`."""
        forked: SessionData = self._wait(self.handle.fork(from_step, new_id=new_id))
        return forked

    def branch(self, name: str) -> AbstractContextManager[None]:
        """See `SessionHandle.branch`."""
        return self.handle.branch(name)

    def task_group(self) -> Any:
        raise InvalidStep("task_group", "needs async code", "use gather, with functions")

    def checkpoint(self) -> None:
        """See `SessionHandle.checkpoint`."""
        self._wait(self.handle.checkpoint())

    def _wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        try:
            future = handed_over(work, self._loop)
        except RuntimeError:  # the manager is closed, and the thread of the flow took no notice
            raise self._why_over() from None
        try:
            return future.result()
        except CancelledError:
            stopped_by = self.handle.stopped_by
            if stopped_by is None:
                raise
            raise stopped_by from None

    def _why_over(self) -> SessionError:
        session_id, state = self.handle.session_id, self.handle.state
        if state.is_end:
            return InvalidState(session_id, state, state)
        return self.handle.stopped_by or SessionInterrupted(session_id)


async def run_blocking(function: Callable[..., Any], handle: SessionHandle, *args: Any, **kwargs: Any) -> Any:
    """Runs a flow that is not async in a thread of its own."""
    session = BlockingSession(handle, asyncio.get_running_loop())
    with_thread = FlowThreads(1, handle.session_id)

    def run() -> Any:
        handle.begin_here()
        return function(session, *args, **kwargs)

    try:
        return await asyncio.get_running_loop().run_in_executor(with_thread, run)
    finally:
        with_thread.shutdown(wait=False)
