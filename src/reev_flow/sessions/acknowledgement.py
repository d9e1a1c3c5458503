"""The future a store answers with: done when the work is, and gentle to event loops."""

import asyncio
import threading
from asyncio import AbstractEventLoop, _get_running_loop, wrap_future
from collections.abc import Awaitable, Callable, Generator, Iterable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar, cast

T = TypeVar("T")

PENDING, FINISHED = "PENDING", "FINISHED"
LOCK = "lock"
MOST_SECONDS_A_LOCK_IS_HELD = 1.0  # in truth microseconds

LoopCall = tuple[AbstractEventLoop, Callable[[Any], object], object]


class Acknowledgement(Future[T]):
    """It cannot be cancelled: what was asked of a store is done whether or not somebody still waits for it.

    Callbacks that are added from inside a running event loop are called there, all those of one commit in one go. (One wake-up for each
    of a hundred futures costs more than their commit.) A thread that waits may be given the work to do itself: see `lend_hand`.

    Waiting takes no lock. Python's own futures take one, and a thread that is interrupted (Ctrl-C) at the wrong moment keeps it for ever,
    which would stop whoever is to settle the future.
    """

    def __init__(self, lend_hand: Callable[[], None] | None = None) -> None:
        """`lend_hand` is called by a thread that is about to wait without a limit; it saves two changes of thread."""
        self._state = PENDING
        self._result: T | None = None
        self._exception: BaseException | None = None
        self._waiters: list[Any] = []
        self._done_callbacks: list[Callable[[Future[T]], object]] = []
        self._lend_hand = lend_hand
        self._sleepers: list[threading.Lock] = []
        self._loop_calls: list[LoopCall] = []

    @property
    def _condition(self) -> threading.Condition:  # type: ignore[override]  # nobody but Python's own future sets it
        """What Python's own future sets at once; making it costs more than all the rest, and hardly anybody needs it."""
        lock: threading.Condition = self.__dict__.get(LOCK) or self.__dict__.setdefault(LOCK, threading.Condition())
        return lock

    def cancel(self) -> bool:
        return False

    def done(self) -> bool:
        return bool(self._state == FINISHED)

    def result(self, timeout: float | None = None) -> T:
        if self._state != FINISHED:
            self._wait(timeout)
        if self._exception is None:
            return cast("T", self._result)
        return super().result(0)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        if self._state != FINISHED:
            self._wait(timeout)
        return self._exception

    def _wait(self, timeout: float | None) -> None:
        if timeout is None and self._lend_hand is not None:
            self._lend_hand()
        sleeper = threading.Lock()
        sleeper.acquire()
        self._sleepers.append(sleeper)  # then look: whoever settles it finishes first and then looks for sleepers
        if self._state != FINISHED and not sleeper.acquire(timeout=-1 if timeout is None else timeout):
            raise TimeoutError

    def add_done_callback(self, fn: Callable[[Future[T]], object]) -> None:
        loop = _get_running_loop()
        if loop is None:
            super().add_done_callback(fn)
        elif not self._call_when_done((loop, fn, self)):
            fn(self)

    def __await__(self) -> Generator[Any, None, T]:
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        if self._call_when_done((loop, _release, waiter)):
            yield from waiter
        return self.result()

    def _call_when_done(self, call: LoopCall) -> bool:
        """False when it is done already and `call` is the caller's to make."""
        self._loop_calls.append(call)  # then look, as above; a call is taken from the list by exactly one
        if self._state == FINISHED:
            with suppress(ValueError):
                self._loop_calls.remove(call)
                return False
        return True

    def settle(self, result: Any, error: BaseException | None) -> list[LoopCall]:
        """Done, with what came out; what is left is to be called by `wake_loops`. Settling again only wakes whom an interruption left asleep.

        Does what `set_result` and `set_exception` do, but for notifying the condition: nobody waits on it.
        """
        if self._state != FINISHED:
            self._result, self._exception, self._state = result, error, FINISHED
            if LOCK in self.__dict__:  # then look, as above: whoever takes the lock from now on finds it finished
                self._tell_others()
        for sleeper in self._sleepers:
            if sleeper.locked():
                sleeper.release()
        calls: list[LoopCall] = []
        while self._loop_calls:
            calls.append(self._loop_calls.pop())
        return calls

    def _tell_others(self) -> None:
        """Callbacks, and what `concurrent.futures.wait` and `as_completed` left here: they looked while they held the lock."""
        if not self._condition.acquire(timeout=MOST_SECONDS_A_LOCK_IS_HELD):
            self.renew_lock()  # an interrupted thread has it, from one of the methods that Python's futures lend us
            self._condition.acquire()
        self._condition.release()
        for waiter in self._waiters:
            (waiter.add_result if self._exception is None else waiter.add_exception)(self)
        self._invoke_callbacks()  # type: ignore[attr-defined]

    def renew_lock(self) -> None:
        """For when whoever held it is no longer there: in the child of a fork, or after an interruption."""
        self.__dict__.pop(LOCK, None)


def awaited(future: Future[T]) -> Awaitable[T]:
    """What a coroutine awaits to get the result of a store's future; like `asyncio.wrap_future`, at half the price."""
    return future if isinstance(future, Acknowledgement) else wrap_future(future)


def wake_loops(calls: Iterable[LoopCall]) -> None:
    """Each event loop is woken once; the one that calls this need not be. A closed one has nobody waiting."""
    by_loop: dict[AbstractEventLoop, list[LoopCall]] = {}
    for call in calls:
        by_loop.setdefault(call[0], []).append(call)
    here = _get_running_loop()
    if here in by_loop:
        _make(by_loop.pop(here))
    for loop, its_calls in by_loop.items():
        try:
            loop.call_soon_threadsafe(partial(_make, its_calls))
        except RuntimeError:
            if not loop.is_closed():
                raise


def _make(calls: list[LoopCall]) -> None:
    for loop, call, argument in calls:
        try:
            call(argument)
        except Exception as error:  # noqa: BLE001 - as every future does it: one callback's error is not the others'
            loop.call_exception_handler(
                {"message": f"a callback of a store's future failed: {call!r}", "exception": error}
            )


def _release(waiter: Any) -> None:
    if not waiter.done():
        waiter.set_result(None)
