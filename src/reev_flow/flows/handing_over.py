"""Coroutines that one thread hands to the event loop of another."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


def handed_over(work: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop) -> Future[T]:
    """What will come of it; cancelling it cancels the work. Raises `RuntimeError` when the loop is closed.

    Unlike with `asyncio.run_coroutine_threadsafe`, nothing is reported as forgotten: neither the coroutine of a loop that is closed,
    nor what work raises that was given up.
    """
    future: Future[T] = Future()
    try:
        loop.call_soon_threadsafe(_begin, work, loop, future)
    except RuntimeError:
        work.close()
        raise
    return future


def _begin(work: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop, future: Future[T]) -> None:
    if future.cancelled():
        work.close()
        return

    def give_up(given_up: Future[T]) -> None:
        if given_up.cancelled():
            with suppress(RuntimeError):  # the loop is closed, and cancelled what was left
                loop.call_soon_threadsafe(task.cancel)

    task = loop.create_task(work)
    task.add_done_callback(lambda done: _deliver(done, future))
    future.add_done_callback(give_up)


def _deliver(task: "asyncio.Task[T]", future: Future[T]) -> None:
    error = None if task.cancelled() else task.exception()
    if task.cancelled():
        future.cancel()
    if not future.set_running_or_notify_cancel():
        return
    if error is None:
        future.set_result(task.result())
    else:
        future.set_exception(error)
