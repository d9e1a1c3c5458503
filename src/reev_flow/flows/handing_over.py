"""Coroutines that one thread hands to the event loop of another."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


def handed_over(work: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop) -> Future[T]:
    """What will come of it. Raises `RuntimeError` when the loop is closed; then the coroutine is closed, too, because Python would
    report it as forgotten.
    """
    try:
        return asyncio.run_coroutine_threadsafe(work, loop)
    except RuntimeError:
        work.close()
        raise
