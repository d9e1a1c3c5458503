"""What a step does to context variables ends with it, as it must when its result is read back."""

import asyncio
from contextlib import suppress
from contextvars import ContextVar

import pytest

from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.own_context import in_own_context
from support.crashes import World

CITY: ContextVar[str] = ContextVar("city", default="nowhere")


async def travel(city: str) -> str:
    await asyncio.sleep(0)
    CITY.set(city)
    await asyncio.sleep(0)
    return CITY.get()


@flow
async def journey(session: SessionHandle) -> list[str]:
    CITY.set("home")
    there = await session.step(travel, "Lima", on_interrupt="rerun")
    return [there, CITY.get(), await session.step(travel, "Oslo", on_interrupt="rerun", timeout=20), CITY.get()]


@pytest.mark.parametrize("writes", [2, 3, 1_000])
async def test_a_flow_sees_the_same_variables_whether_its_steps_run_or_are_read_back(writes):
    world = World()
    await world.cut_off(journey, after_writes=writes)
    assert await world.go_on(journey) == ["Lima", "home", "Oslo", "home"]


async def test_a_step_sees_what_the_flow_set():
    async def where() -> str:
        return CITY.get()

    CITY.set("Rome")
    assert await in_own_context(where()) == "Rome"


async def test_it_is_part_of_the_task_that_waits_for_it():
    async def task() -> object:
        await asyncio.sleep(0)
        return asyncio.current_task()

    assert await in_own_context(task()) is asyncio.current_task()


async def test_what_it_raises_is_raised():
    async def fail() -> None:
        await asyncio.sleep(0)
        raise KeyError("price")

    with pytest.raises(KeyError):
        await in_own_context(fail())


async def test_it_hears_that_its_task_is_cancelled_and_may_do_something_then():
    done: list[str] = []

    async def stubborn() -> str:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        done.append(CITY.get())
        await asyncio.sleep(0)
        return "cleaned up"

    CITY.set("Bern")
    waiting = asyncio.ensure_future(in_own_context(stubborn()))
    await asyncio.sleep(0)
    waiting.cancel()
    assert (await waiting, done) == ("cleaned up", ["Bern"])


def test_closed_it_cleans_up_where_it_was():
    closed_in: list[str] = []

    async def work() -> None:
        CITY.set("Kyiv")
        try:
            await asyncio.sleep(0)
        finally:
            closed_in.append(CITY.get())

    waiting = in_own_context(work())
    next(waiting)
    waiting.close()
    assert closed_in == ["Kyiv"]
