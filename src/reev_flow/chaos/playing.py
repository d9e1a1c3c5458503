"""A function that plays a step, and is seen doing so: its edges are passed, and what it does is told."""

import asyncio
import inspect
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

from reev_flow.flows.step_call import is_coroutine_function


class Watch(Protocol):
    """Who sees it."""

    def begin(self) -> float:
        """It is about to begin. For so many seconds it is to be held up."""

    def end(self, *results: Any) -> None:
        """It has ended, with that result or without one."""


def watched(function: Callable[..., Any], player: Callable[..., Any], watch: Watch) -> Callable[..., Any]:
    """The player in the place of the function, of which it has the name and the annotations."""

    async def in_time(value: Any) -> Any:
        try:
            result = await value if inspect.isawaitable(value) else value
        except BaseException:
            watch.end()
            raise
        watch.end(result)
        return result

    @wraps(function)
    async def of_loop(*args: Any, **kwargs: Any) -> Any:
        await asyncio.sleep(watch.begin())
        return await in_time(player(*args, **kwargs))

    @wraps(function)
    def of_thread(*args: Any, **kwargs: Any) -> Any:
        time.sleep(watch.begin())
        try:
            value = player(*args, **kwargs)
        except BaseException:
            watch.end()
            raise
        if inspect.isawaitable(value):
            return in_time(value)
        watch.end(value)
        return value

    return of_loop if is_coroutine_function(player) else of_thread
