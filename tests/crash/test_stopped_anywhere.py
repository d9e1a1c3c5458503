"""Two workers that are stopped, each at any one moment, for longer than a lease, and go on in the middle of each other's work."""

import asyncio
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

from reev_flow.errors import SessionError
from reev_flow.flows.code import flow
from reev_flow.flows.effects import Happened, NotHappened
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.work import running_step
from reev_flow.runtime.inbox import send_answer
from reev_flow.sessions.history import Standing, read_history, standing_after
from reev_flow.sessions.journal import EntryKind, JournalEntry
from reev_flow.sessions.state import SessionState
from reev_flow.stores.memory import MemorySessionStore
from support.crashes import LONGER_THAN_A_LEASE, World
from support.sessions import is_unbroken
from support.stopping_store import StoppingStore, here
from support.virtual_time import run_in_virtual_time
from support.workers import journal, worker

MOST_POINTS = 40
PAID: list[int] = []


async def look() -> int:
    await here.get().point()
    return 90


async def pay(euros: int) -> str:
    await here.get().point()
    step = running_step.get()
    PAID.append(step.attempt if step is not None else 0)
    await here.get().point()
    return f"paid {euros}"


async def was_paid(euros: int) -> Happened | NotHappened:
    return Happened(f"paid {euros}") if PAID else NotHappened()


@flow
async def order(session: SessionHandle) -> Any:
    euros = await session.step(look, on_interrupt="rerun")
    await session.ask("all right?")
    return await session.step(pay, euros, on_interrupt=was_paid)


async def works(world: World, store: StoppingStore) -> Any:
    here.set(store)
    async with worker(store, clock=world.clock) as manager:
        return await manager.run(order, session_id="s-1")


async def goes_well(world: World) -> int:
    """How many moments there are to be stopped at."""
    await world.cut_off(order, after_writes=1)
    world.clock.seconds += LONGER_THAN_A_LEASE
    store = StoppingStore(world.store, lets_pass=1_000_000)
    answering = asyncio.create_task(answers(world.store))
    assert await works(world, store) == "paid 90"
    answering.cancel()
    return store.passed


async def answers(store: MemorySessionStore) -> None:
    """As soon as it is asked."""
    clock = World().clock
    while True:
        await asyncio.sleep(0.013)
        try:
            await send_answer(store, clock, "s-1", "yes")
        except SessionError:
            continue


async def until_stopped(task: "asyncio.Task[Any]", store: StoppingStore) -> None:
    while not (task.done() or store.is_stopped):
        await asyncio.sleep(0.005)


async def stopped_at(world: World, first: int, second: int) -> list[Any]:
    """The second worker is stopped in the middle of what it took from the first, which goes on then."""
    PAID.clear()
    await world.cut_off(order, after_writes=1)
    world.clock.seconds += LONGER_THAN_A_LEASE
    answering = asyncio.create_task(answers(world.store))
    stores = [StoppingStore(world.store, lets_pass=count) for count in (first, second)]
    tasks = []
    for store in stores:
        tasks.append(asyncio.create_task(works(world, store)))
        await until_stopped(tasks[-1], store)
        world.clock.seconds += LONGER_THAN_A_LEASE
    for store in stores:
        store.go_on()
        await asyncio.sleep(0.3)
    world.clock.seconds += LONGER_THAN_A_LEASE
    third = StoppingStore(world.store, lets_pass=1_000_000)
    stores.append(third)
    outcomes = [await works(world, third), *await asyncio.gather(*tasks, return_exceptions=True)]
    answering.cancel()
    wrote = [epochs for store in stores for epochs in store.wrote]
    assert all(mine == last for mine, last in wrote), wrote
    return outcomes


@pytest.mark.parametrize("first", range(MOST_POINTS))
def test_a_session_comes_to_its_end_whenever_its_workers_are_stopped(first: int):
    points = run_in_virtual_time(goes_well(World()))
    assert points < MOST_POINTS
    for second in range(first % 2, points if first < points else 0, 2):  # of neighbours one
        world = World()
        outcomes = run_in_virtual_time(stopped_at(world, first, second))
        assert outcomes[0] == "paid 90"
        assert all(one == "paid 90" or isinstance(one, SessionError) for one in outcomes), (second, outcomes)
        is_as_it_should(world, second)


def is_as_it_should(world: World, second: int) -> None:
    entries = journal(world.store)
    session = world.store.load("s-1").result()
    assert session.state is SessionState.COMPLETED, second
    assert is_unbroken(session, entries), second
    assert all(earlier.epoch <= later.epoch for earlier, later in pairwise(entries)), second
    assert set(Counter(PAID).values()) == {1}, (second, PAID)
    assert [entry.kind for entry in entries].count(EntryKind.ANSWERED) == 1, second
    assert doubt_is_settled_first(entries), second
    assert read_history(entries)["pay#1"].standing is Standing.FINISHED, second


def doubt_is_settled_first(entries: tuple[JournalEntry, ...]) -> bool:
    standing = Standing.OPEN
    for entry in entries:
        if entry.step == "pay#1":
            if entry.kind is EntryKind.STARTED and standing is not Standing.OPEN:
                return False
            standing = standing_after(entry)
    return True
