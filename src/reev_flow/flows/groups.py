"""Branches of a flow that run beside each other, each with steps of its own."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeAlias, TypeVar

from reev_flow.errors import InvalidStep
from reev_flow.flows.branches import Branch, context_of, start_in

T = TypeVar("T")

OnCancelled: TypeAlias = Callable[[Branch], None]

GATHER = "gather"
GROUP = "group"


async def gather(branches: Sequence[Branch], parts: Sequence[Awaitable[Any]], on_cancelled: OnCancelled) -> list[Any]:
    """The results in the order of the parts. The first that fails ends the others, and its error is raised when they have ended."""
    tasks = [start_in(branch, as_coroutine(part)) for branch, part in zip(branches, parts, strict=True)]
    if not tasks:
        return []
    for task in tasks:
        task.add_done_callback(
            _see_error
        )  # one error is raised; that of another that failed too is not reported as forgotten
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        await _end(tasks)
        for branch, task in zip(branches, tasks, strict=True):
            _tell_cancelled(branch, on_cancelled, task)
    for task in tasks:
        if task in done and not task.cancelled() and task.exception() is not None:
            task.result()
    return [task.result() for task in tasks]


async def _end(tasks: Sequence["asyncio.Task[Any]"]) -> None:
    running = [task for task in tasks if not task.done()]
    for task in running:
        task.cancel()
    if running:
        await asyncio.wait(running)


def _tell_cancelled(branch: Branch, on_cancelled: OnCancelled, task: "asyncio.Task[Any]") -> None:
    if task.cancelled():
        on_cancelled(branch)


def _see_error(task: "asyncio.Task[Any]") -> None:
    if not task.cancelled():
        task.exception()


class StepTaskGroup:
    """`asyncio.TaskGroup` whose tasks are branches of the session: by their name, else by the order in which they are created."""

    def __init__(self, outer: Branch, ordinal: int, on_cancelled: OnCancelled) -> None:
        self._outer = outer
        self._on_cancelled = on_cancelled
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
        task = self._group.create_task(work, name=name, context=context_of(branch))
        branch.owner = task
        task.add_done_callback(partial(_tell_cancelled, branch, self._on_cancelled))
        return task

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
