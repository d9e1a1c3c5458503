"""Branches that another one ends when it fails: run again, they are ended where they were."""

import asyncio
from typing import Any

import pytest

from reev_flow.flows.catching_up import CatchingUp
from reev_flow.flows.code import Flow, flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.passage import Passage
from reev_flow.sessions.history import Standing, StepHistory
from reev_flow.sessions.journal import EntryKind, JournalEntry
from support.crashes import World
from support.workers import told


class Trip:
    """A room is held until something beside it fails. `moments` are how long the one who holds it takes before and between its steps."""

    def __init__(self) -> None:
        self.world = World()
        self.done: list[str] = []
        self.moments = 0
        self.fails_after = 3

    async def do(self, what: str) -> str:
        self.done.append(what)
        return what

    async def fail(self) -> None:
        for _ in range(self.fails_after):
            await asyncio.sleep(0.001)
        raise ValueError("no flight")

    async def _dawdle(self) -> None:
        for _ in range(self.moments):
            await asyncio.sleep(0)

    async def hold(self, session: SessionHandle) -> None:
        await self._dawdle()
        await session.step(self.do, "look")
        await self._dawdle()
        try:
            await session.step(self.do, "hold")
            await asyncio.Event().wait()
        finally:
            await session.step(self.do, "let go", on_interrupt="fail")

    def whole(self, *, in_group: bool) -> Flow[Any, Any]:
        @flow(name="trip", on_interrupt="rerun")
        async def trip(session: SessionHandle) -> list[str]:
            try:
                if in_group:
                    async with session.task_group() as group:
                        group.create_task(session.step(self.fail))
                        group.create_task(self.hold(session))
                else:
                    await session.gather(session.step(self.fail), self.hold(session))
            except (ValueError, ExceptionGroup):
                await session.step(self.do, "stay", on_interrupt="fail")
            return self.done

        return trip


@pytest.fixture
def trip() -> Trip:
    return Trip()


async def killed_when_it_failed(trip: Trip, whole: Flow[Any, Any]) -> None:
    """Whoever wrote that it failed wrote no more."""
    for writes in range(2, 12):
        trip.world, trip.done = World(), []
        await trip.world.cut_off(whole, after_writes=writes)
        if any(line.startswith("failed ") for line in told(trip.world.store)):
            return
    raise AssertionError("it never failed")


@pytest.mark.parametrize("in_group", [False, True])
@pytest.mark.parametrize("moments", [0, 1, 5])
async def test_what_was_done_before_a_failure_is_undone_by_the_next_worker(trip, in_group, moments):
    whole = trip.whole(in_group=in_group)
    await killed_when_it_failed(trip, whole)
    assert trip.done == ["look", "hold"]
    trip.moments = moments
    assert await trip.world.go_on(whole) == ["look", "hold", "let go", "stay"]


@pytest.mark.parametrize("in_group", [False, True])
async def test_a_branch_that_gets_further_than_it_was_is_ended_all_the_same(trip, in_group):
    """It was ended while it held the room, and that is done at once the next time."""
    trip.moments = 40
    trip.fails_after = 0
    whole = trip.whole(in_group=in_group)
    await killed_when_it_failed(trip, whole)
    trip.moments = 0
    assert (await trip.world.go_on(whole))[-1] == "stay"


@pytest.mark.parametrize("in_group", [False, True])
async def test_nothing_new_is_begun_in_a_branch_that_is_about_to_be_ended(trip, in_group):
    @flow(name="trip", on_interrupt="rerun")
    async def trip_beside(session: SessionHandle) -> list[str]:
        async def late() -> None:
            await session.step(trip.do, "first")
            await asyncio.sleep(0.01 if trip.moments == 0 else 0)
            await session.step(trip.do, "second")

        async def others() -> None:
            if in_group:
                async with session.task_group() as group:
                    group.create_task(session.step(trip.fail))
                    group.create_task(trip.hold(session))
                    group.create_task(late())
            else:
                await session.gather(session.step(trip.fail), trip.hold(session), late())

        try:
            await others()
        except (ValueError, ExceptionGroup):
            await session.step(trip.do, "stay", on_interrupt="fail")
        return list(trip.done)

    await killed_when_it_failed(trip, trip_beside)
    assert "second" not in trip.done
    trip.moments = 3
    assert "second" not in await trip.world.go_on(trip_beside)


async def test_a_failure_that_is_held_back_does_not_outlast_whoever_ends_all_of_them(trip):
    @flow(name="trip", on_interrupt="rerun")
    async def in_time(session: SessionHandle) -> list[str]:
        try:
            async with asyncio.timeout(0.05):
                await session.gather(session.step(trip.fail), trip.hold(session))
        except (ValueError, TimeoutError):
            await session.step(trip.do, "stay", on_interrupt="fail")
        return list(trip.done)

    await killed_when_it_failed(trip, in_time)
    trip.moments = 2
    assert (await trip.world.go_on(in_time))[-2:] == ["let go", "stay"]


def with_one_left() -> CatchingUp:
    entry = JournalEntry(number=1, kind=EntryKind.FINISHED, time_ns=1, epoch=1)
    return CatchingUp(Passage("s-1", {"gather#1:1/pay#1": StepHistory(entry, Standing.FINISHED)}))


async def no_flight() -> None:
    raise ValueError("no flight")


async def failing(catching_up: CatchingUp) -> "asyncio.Task[None]":
    """It has failed, and nobody has been told yet."""
    task = asyncio.create_task(catching_up.fail_last("gather#1:0", no_flight()))
    await asyncio.sleep(0)
    assert catching_up.is_on
    return task


async def test_whoever_is_cancelled_from_outside_while_its_failure_is_held_back_is_cancelled():
    catching_up = with_one_left()
    task = await failing(catching_up)
    task.cancel()
    await asyncio.wait([task])
    assert (task.cancelled(), catching_up.is_on) == (True, False)


async def test_whoever_is_ended_by_another_that_failed_while_its_failure_is_held_back_has_failed():
    catching_up = with_one_left()
    task = await failing(catching_up)
    catching_up.end("gather#1:2")
    task.cancel()
    with pytest.raises(ValueError, match="no flight"):
        await task


@pytest.mark.parametrize("step", ["gather#1:1/ship#1", "gather#1:1"])
async def test_what_is_beside_a_failure_waits_until_the_branches_are_ended(step):
    catching_up = with_one_left()
    task = await failing(catching_up)
    held_back = asyncio.create_task(catching_up.hold_back(step))
    await asyncio.wait([task])
    assert not held_back.done()
    catching_up.end("gather#1:0")
    await held_back
    assert isinstance(task.exception(), ValueError)


@pytest.mark.parametrize("step", ["ship#1", "gather#2:1/ship#1", "gather#10:1/ship#1"])
async def test_what_is_elsewhere_does_not_wait(step):
    catching_up = with_one_left()
    task = await failing(catching_up)
    await catching_up.hold_back(step)
    with pytest.raises(ValueError, match="no flight"):
        await task


async def test_once_branches_are_ended_what_they_fail_with_is_not_held_back():
    catching_up = with_one_left()
    catching_up.end("gather#1:0")
    with pytest.raises(ValueError, match="no flight"):
        await catching_up.fail_last("gather#1:2", no_flight())
    assert not catching_up.is_on
