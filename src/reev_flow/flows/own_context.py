"""Coroutines that run in a context of their own: what they do to context variables ends with them."""

from collections.abc import Callable, Coroutine, Generator
from contextvars import copy_context
from types import coroutine
from typing import Any, TypeVar

T = TypeVar("T")


@coroutine
def in_own_context(work: Coroutine[Any, Any, T]) -> Generator[Any, Any, T]:
    """What comes of it. It is still part of the task that awaits this, which a task of its own would not be."""
    run = copy_context().run
    go_on: Callable[[Any], Any] = work.send
    given: Any = None
    while True:
        try:
            waits_for = run(go_on, given)
        except StopIteration as done:
            result: T = done.value
            return result
        try:
            given = yield waits_for
            go_on = work.send
        except GeneratorExit:
            run(work.close)
            raise
        except BaseException as error:  # noqa: BLE001 - it is for whoever is awaited in there
            given, go_on = error, work.throw
