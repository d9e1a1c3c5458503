"""Tasks, gatherings and groups that tell what they waited for."""

import asyncio
from asyncio import Future
from collections.abc import Awaitable, Coroutine, Generator
from contextlib import suppress
from contextvars import Context
from inspect import iscoroutine
from types import TracebackType
from typing import Any, TypeVar, cast

from reev_flow.flows.tracing.lines import MOST_IDS, Line, ToldTask
from reev_flow.flows.tracing.places import join

T = TypeVar("T")


WHEN_WAITED = "_wait.<locals>._on_completion"  # what asyncio.wait asks to be told by, in its versions from 3.11 to 3.14


class JoinedTask(ToldTask):
    """A task like any other. Who awaits it, asks for its result, or gets it from `asyncio.wait` as done, has waited for it."""

    def __await__(self) -> Generator[Any, None, Any]:
        try:
            return (yield from super().__await__())
        finally:
            joined([self])

    def result(self) -> Any:
        value = super().result()
        if asyncio.current_task() is not None:  # not one of asyncio's own callbacks
            joined([self])
        return value

    def remove_done_callback(self, callback: Any, /) -> int:
        """Called by `asyncio.wait` of each task, done or not, once it has waited long enough."""
        removed = super().remove_done_callback(callback)
        if getattr(callback, "__qualname__", "") == WHEN_WAITED and asyncio.current_task() is not None:
            joined([self])
        return removed


class JoinedGroup(asyncio.TaskGroup):
    """A task group like any other, of tasks that tell who awaits them."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[Line] = []

    def create_task(self, *args: Any, **options: Any) -> Any:  # as the Python that runs has it
        loop = asyncio.get_running_loop()
        before = loop.get_task_factory()
        loop.set_task_factory(_made)
        try:
            task = super().create_task(*args, **options)
        finally:
            loop.set_task_factory(before)
        task.add_done_callback(self._ended)
        return task

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await super().__aexit__(kind, error, traceback)
        finally:
            with suppress(Exception):
                join(self._lines)
            self._lines = []

    def _ended(self, task: asyncio.Task[Any]) -> None:
        """More than can be told need not be kept."""
        line = task.line if isinstance(task, ToldTask) else None
        if line is not None and not task.cancelled() and len(self._lines) <= MOST_IDS:
            self._lines.append(line)


def create_task(
    work: Coroutine[Any, Any, T], *, name: str | None = None, context: Context | None = None
) -> "asyncio.Task[T]":
    loop = asyncio.get_running_loop()
    return cast("asyncio.Task[T]", JoinedTask(work, loop=loop, name=name, context=context))


async def gather(awaitables: tuple[Awaitable[Any], ...], *, return_exceptions: bool) -> list[Any]:
    made: dict[int, Future[Any]] = {}
    for work in awaitables:  # one may be there twice
        if id(work) not in made:
            made[id(work)] = create_task(work) if iscoroutine(work) else asyncio.ensure_future(work)
    futures = list(made.values())
    try:
        results = await asyncio.gather(*[made[id(work)] for work in awaitables], return_exceptions=return_exceptions)
    except Exception as error:
        joined([future for future in futures if _failed_with(future, error)][:1])
        raise
    joined(futures)
    return results


def joined(futures: "list[Any]") -> None:
    with suppress(Exception):
        over = [
            future for future in futures if isinstance(future, ToldTask) and future.done() and not future.cancelled()
        ]
        join([future.line for future in over if future.line is not None])


def _failed_with(future: "Future[Any]", error: Exception) -> bool:
    return future.done() and not future.cancelled() and future.exception() is error


def _made(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> JoinedTask:
    return JoinedTask(work, loop=loop, **options)
