"""What a step can run: coroutines, functions in threads, and what takes too long."""

import asyncio
import contextvars
import datetime as dt
import functools
import gc
import threading
import weakref
from dataclasses import dataclass
from typing import Any

import pytest

from reev_flow.errors import StepTimeout
from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.retry import Retry
from support.crashes import World
from support.workers import worker


@dataclass
class Receipt:
    number: int
    at: dt.date


@pytest.fixture
def world() -> World:
    return World()


class Calls:
    """Functions that count how often they were called."""

    def __init__(self) -> None:
        self.made: list[Any] = []

    def pay(self, amount: int) -> str:
        self.made.append(amount)
        return f"paid {amount}"

    async def fetch(self, amount: int) -> str:
        self.made.append(amount)
        return f"fetched {amount}"


async def test_a_step_that_is_not_a_coroutine_does_not_hold_up_the_others():
    meeting = threading.Barrier(2, timeout=20)

    @flow
    async def both(session: SessionHandle) -> None:
        await asyncio.gather(session.step(meeting.wait), session.step(meeting.wait))

    async with worker() as manager:
        await manager.run(both)


async def test_a_step_in_a_thread_sees_the_context_of_the_flow():
    language: contextvars.ContextVar[str] = contextvars.ContextVar("language", default="en")

    @flow
    async def greeting(session: SessionHandle) -> Any:
        language.set("de")
        return await session.step(language.get)

    async with worker() as manager:
        assert await manager.run(greeting) == "de"


async def test_a_function_that_gives_something_to_be_awaited_is_awaited():
    async def fetch(number: int) -> int:
        return number + 1

    class Tool:
        async def __call__(self, number: int) -> int:
            return number + 2

    @flow
    async def both(session: SessionHandle) -> Any:
        return [
            await session.step(lambda: fetch(1), name="fetch"),
            await session.step(functools.partial(fetch, 1)),
            await session.step(Tool(), 1),
        ]

    async with worker() as manager:
        assert await manager.run(both) == [2, 2, 3]


async def test_a_stop_iteration_in_a_thread_is_told_as_an_error(world):
    @flow
    async def first(session: SessionHandle) -> None:
        await session.step(lambda: next(iter(())), name="first")

    for _ in range(2):
        with pytest.raises(RuntimeError, match="StopIteration"):
            await world.go_on(first)


async def test_a_step_that_takes_too_long_fails(world):
    @flow
    async def waiting(session: SessionHandle) -> None:
        await session.step(asyncio.sleep, 30, timeout=0.01)

    for _ in range(2):
        with pytest.raises(StepTimeout, match=r"sleep#1.*0\.01 s") as caught:
            await world.go_on(waiting)
        assert caught.value.timeout_seconds == 0.01


async def test_a_timeout_of_its_own_is_a_steps_own_error():
    async def fetch() -> None:
        raise TimeoutError("the service says so")

    @flow
    async def fetching(session: SessionHandle) -> None:
        await session.step(fetch, timeout=30)

    async with worker() as manager:
        with pytest.raises(TimeoutError, match="the service says so"):
            await manager.run(fetching)


async def test_a_step_with_an_effect_that_took_too_long_is_not_tried_again_unless_told_so():
    calls = Calls()

    async def pay(amount: int) -> None:
        calls.pay(amount)
        await asyncio.sleep(30)

    @flow
    async def payment(session: SessionHandle) -> None:
        await session.step(pay, 1, timeout=0.01, retry=Retry(wait_seconds=0))

    async with worker() as manager:
        with pytest.raises(StepTimeout):
            await manager.run(payment)
    assert calls.made == [1], "it may have happened"


@pytest.mark.parametrize(
    ("on_interrupt", "on"), [("rerun", (Exception,)), ("ask", (StepTimeout,)), ("ask", (TimeoutError, ValueError))]
)
async def test_a_step_that_took_too_long_is_tried_again_if_that_is_harmless_or_wanted(on_interrupt, on):
    calls = Calls()

    async def fetch(amount: int) -> str:
        calls.pay(amount)
        if len(calls.made) == 1:
            await asyncio.sleep(30)
        return "fetched"

    @flow
    async def fetching(session: SessionHandle) -> Any:
        retry = Retry(wait_seconds=0, on=on)
        return await session.step(fetch, 1, timeout=0.01, retry=retry, on_interrupt=on_interrupt)

    async with worker() as manager:
        assert await manager.run(fetching) == "fetched"
    assert len(calls.made) == 2


async def test_a_callable_that_has_no_hash_can_be_a_step():
    class Tool:
        __hash__ = None  # type: ignore[assignment]

        def __call__(self, number: int) -> int:
            return number + 1

    @flow
    async def calling(session: SessionHandle) -> Any:
        return await session.step(Tool(), 1, name="tool")

    async with worker() as manager:
        assert await manager.run(calling) == 2


class Pump:
    """A method and an object that cannot be hashed are steps like others."""

    __hash__ = None  # type: ignore[assignment]

    async def pump(self) -> int:
        return 3

    async def __call__(self) -> int:
        return 5


async def test_methods_and_objects_that_cannot_be_hashed_are_run(world):
    @flow
    async def both(session: SessionHandle) -> list[int]:
        pump = Pump()
        return [await session.step(pump.pump), await session.step(pump)]

    assert await world.go_on(both) == [3, 5]


async def test_a_function_that_was_made_for_one_call_is_not_kept(world):
    made: list[weakref.ref[Any]] = []

    @flow
    async def encloses(session: SessionHandle) -> None:
        async def only_once() -> int:
            return 3

        made.append(weakref.ref(only_once))
        await session.step(only_once)

    await world.go_on(encloses)
    gc.collect()
    assert [function() for function in made] == [None]
