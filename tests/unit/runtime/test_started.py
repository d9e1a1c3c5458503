"""Flows that run in the background."""

import asyncio
from typing import Any

import pytest

from reev_flow.errors import SessionError, SessionInterrupted
from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.sessions.state import SessionState
from support.crashes import World
from support.workers import told, until, worker


@flow
async def double(session: SessionHandle, number: int) -> int:
    return int(await session.step(int, number * 2))


@flow
async def long(session: SessionHandle) -> None:
    await session.step(asyncio.sleep, 30)


@pytest.fixture
def world() -> World:
    return World()


async def test_a_started_flow_is_durable_at_once_and_gives_its_result_later(world):
    async with worker(world.store) as manager:
        started = await manager.start(double, 4)
        assert (await manager.load(started.session_id)).state is SessionState.RUNNING
        assert await started == 8
        assert started.is_done


async def test_nobody_has_to_ask_for_what_became_of_it(world):
    @flow
    async def failing(session: SessionHandle) -> None:
        raise ValueError("no")

    async with worker(world.store) as manager:
        started = await manager.start(failing, session_id="s-1")
        await until(lambda: started.is_done)
    assert world.store.load("s-1").result().state is SessionState.FAILED


async def test_who_waits_for_it_may_give_up_without_stopping_it(world):
    goes_on = asyncio.Event()

    @flow
    async def patient(session: SessionHandle) -> str:
        await session.step(goes_on.wait)
        return "done"

    async with worker(world.store) as manager:
        started = await manager.start(patient, session_id="s-1")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(started, 0.01)
        goes_on.set()
        assert await started == "done"


async def test_what_runs_already_is_joined(world):
    calls: list[int] = []

    @flow
    async def counting(session: SessionHandle) -> Any:
        await session.step(calls.append, 1)
        await session.step(asyncio.sleep, 0.01)
        return len(calls)

    async with worker(world.store) as manager:
        started = [await manager.start(counting, session_id="s-1") for _ in range(3)]
        assert [await one for one in started] == [1, 1, 1]


async def test_what_ended_gives_its_result_again(world):
    async with worker(world.store) as manager:
        await manager.run(double, 4, session_id="s-1")
        assert await (await manager.start(double, 4, session_id="s-1")) == 8


async def test_leaving_the_manager_lets_steps_end_and_stops_the_rest(world):
    goes_on = asyncio.Event()

    @flow
    async def two_steps(session: SessionHandle) -> None:
        await session.step(goes_on.wait)
        await session.step(int, 1)

    async with worker(world.store, stop_seconds=30) as manager:
        started = await manager.start(two_steps, session_id="s-1")
        await until(lambda: told(world.store))
        asyncio.get_running_loop().call_later(0.02, goes_on.set)
    with pytest.raises(SessionInterrupted):
        await started
    assert told(world.store) == ["started wait#1", "finished wait#1"]
    assert world.store.load("s-1").result().state is SessionState.INTERRUPTED


async def test_leaving_by_an_error_does_not_wait_for_steps(world):
    async def leave() -> None:
        async with worker(world.store, stop_seconds=60) as manager:
            await manager.start(long, session_id="s-1")
            await until(lambda: told(world.store))
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await leave()
    assert told(world.store) == ["started sleep#1", "interrupted sleep#1"]


async def test_leaving_does_not_wait_for_ever_for_steps(world):
    async with worker(world.store, stop_seconds=0.02) as manager:
        await manager.start(long, session_id="s-1")
        await until(lambda: told(world.store))
    assert told(world.store) == ["started sleep#1", "interrupted sleep#1"]


async def test_leaving_does_not_wait_for_ever_for_a_flow_that_does_not_stop(world):
    ends = asyncio.Event()

    @flow
    async def deaf(session: SessionHandle) -> None:
        while not ends.is_set():
            try:
                await ends.wait()
            except asyncio.CancelledError:
                continue

    async with worker(world.store, stop_seconds=0.02) as manager:
        started = await manager.start(deaf, session_id="s-1")
        await asyncio.sleep(0.01)
    assert world.store.load("s-1").result().state is SessionState.INTERRUPTED
    ends.set()
    with pytest.raises(SessionError):
        await started


async def test_nothing_begins_after_the_manager_was_told_to_stop(world):
    calls: list[int] = []
    counted: list[int] = []
    goes_on = asyncio.Event()

    def end_the_slow_one() -> None:
        counted.append(len(calls))
        goes_on.set()

    @flow
    async def side_by_side(session: SessionHandle) -> None:
        async def slow() -> None:
            await session.step(goes_on.wait)

        async def many() -> None:
            for number in range(1_000):
                await session.step(calls.append, number)
                await asyncio.sleep(0.001)

        await session.gather(slow(), many())

    async with worker(world.store, stop_seconds=30) as manager:
        await manager.start(side_by_side, session_id="s-1")
        await until(lambda: len(calls) >= 2)
        asyncio.get_running_loop().call_later(0.03, end_the_slow_one)
    assert len(calls) == counted[0] < 1_000
    assert "finished gather#1:0/wait#1" in told(world.store), "it was let end"
