"""Branches of a flow that run beside each other, each with steps of its own."""

import asyncio
import inspect
from collections.abc import Awaitable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

from reev_flow.errors import InvalidStep
from reev_flow.flows.branches import Branch, context_of, start_in
from reev_flow.flows.work import SessionWork

T = TypeVar("T")

GATHER = "gather"
GROUP = "group"


async def gather(session: SessionWork, branches: Sequence[Branch], parts: Sequence[Awaitable[Any]]) -> list[Any]:
    """The results in the order of the parts. The first that fails ends the others, and its error is raised when they have ended."""
    works = [as_coroutine(part) for part in parts]
    tasks = [
        start_in(branch, _failing_last(session, branch, work)) for branch, work in zip(branches, works, strict=True)
    ]
    if not tasks:
        return []
    for task in tasks:
        task.add_done_callback(
            _see_error
        )  # one error is raised; that of another that failed too is not reported as forgotten
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        await _end(session, branches, tasks)
        for branch, work, task in zip(branches, works, tasks, strict=True):
            _leave_out_cancelled(session, branch, task)
            work.close()  # it may have been ended before it began
    for task in tasks:
        if task in done and not task.cancelled() and task.exception() is not None:
            task.result()
    return [task.result() for task in tasks]


async def _end(session: SessionWork, branches: Sequence[Branch], tasks: Sequence["asyncio.Task[Any]"]) -> None:
    running = [task for task in tasks if not task.done()]
    for task in running:
        task.cancel()
    session.catching_up.end(branches[0].identity)
    if running:
        await asyncio.wait(running)


def _failing_last(session: SessionWork, branch: Branch, part: Coroutine[Any, Any, T]) -> Coroutine[Any, Any, T]:
    return session.catching_up.fail_last(branch.identity, part) if session.passage.has_left else part


def _leave_out_cancelled(session: SessionWork, branch: Branch, task: "asyncio.Task[Any]") -> None:
    """How far it came is no matter of the flow's code."""
    if task.cancelled():
        session.passage.leave_out(branch.identity)


def _see_error(task: "asyncio.Task[Any]") -> None:
    if not task.cancelled():
        task.exception()


class StepTaskGroup:
    """`asyncio.TaskGroup` whose tasks are branches of the session: by their name, else by the order in which they are created."""

    def __init__(self, session: SessionWork, outer: Branch, ordinal: int) -> None:
        self._session = session
        self._outer = outer
        self._ordinal = ordinal
        self._created = 0
        self._group = asyncio.TaskGroup()

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._group.__aexit__(kind, error, traceback)

    def create_task(self, work: Coroutine[Any, Any, T], *, name: str | None = None) -> "asyncio.Task[T]":
        """Tasks that are created by other tasks than the one that opened the group need a name of their own."""
        with closing_refused(work):
            branch = self._new_branch(name)
        task = self._group.create_task(
            _failing_last(self._session, branch, work), name=name, context=context_of(branch)
        )
        branch.owner = task
        task.add_done_callback(partial(self._see_end, branch, work))
        return task

    def _see_end(self, branch: Branch, work: Coroutine[Any, Any, Any], task: "asyncio.Task[Any]") -> None:
        """Called after the group itself has seen it and, if it failed, has told the others to end."""
        _leave_out_cancelled(self._session, branch, task)
        work.close()
        if not task.cancelled() and task.exception() is not None:
            self._session.catching_up.end(branch.identity)

    def _new_branch(self, name: str | None) -> Branch:
        if name is None and asyncio.current_task() is not self._outer.owner:
            raise InvalidStep(GROUP, "a task without a name, created by another task", "give create_task a name")
        if name is None:
            name, self._created = str(self._created), self._created + 1
        return Branch(self._outer.session_id, self._outer.member(GROUP, self._ordinal, name), None)


@contextmanager
def closing_refused(*parts: Awaitable[Any]) -> Iterator[None]:
    """Coroutines that are not run after all are closed: Python would report them as forgotten."""
    try:
        yield
    except InvalidStep:
        for part in parts:
            if inspect.iscoroutine(part):
                part.close()
        raise


def as_coroutine(part: Awaitable[T]) -> Coroutine[Any, Any, T]:
    if inspect.iscoroutine(part):
        return part

    async def wait_for_it() -> T:
        return await part

    return wait_for_it()
