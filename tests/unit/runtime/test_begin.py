"""How sessions begin, and how they are taken over."""

import asyncio
from typing import Any

import pytest

from reev_flow.errors import LeaseHeld, LeaseLost, SessionExists, SessionNotFound, StoreError
from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.work import SessionWork
from reev_flow.runtime.begin import FIRST_EPOCH, Origin, begin, begin_or_take_over, take_over
from reev_flow.runtime.drive import end
from reev_flow.runtime.session_ids import new_id
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.journal import EntryKind
from reev_flow.sessions.records import Change, read_record
from reev_flow.sessions.state import SessionState
from support.crashes import LONGER_THAN_A_LEASE, World
from support.failing_stores import FillingStore, HoldingStore
from support.sessions import NS, SetClock
from support.workers import journal, until, worker

ORIGIN = Origin(flow="swap", entry_point="shop:swap", digest=b"digest", arguments=b"[[],{}]")


@pytest.fixture
def world() -> World:
    return World()


async def ended(keeper: Any, work: Any) -> None:
    assert isinstance(work, SessionWork)
    await end(keeper, work, SessionState.COMPLETED)


@pytest.mark.parametrize("session_id", [None, "s-1"])
async def test_a_session_begins_running_with_a_lease_and_a_turn(world, session_id):
    async with worker(world.store, clock=world.clock) as manager:
        work = await begin(manager._keeper, ORIGIN, session_id)
        name = work.session.session_id
        stored = await manager.load(name)
        assert (stored.state, stored.epoch, stored.flow, stored.digest) == (
            SessionState.RUNNING,
            FIRST_EPOCH,
            "swap",
            b"digest",
        )
        assert (list(manager._keeper.held), manager._keeper.turns.running) == ([name], 1)
        with pytest.raises(LeaseHeld):
            await asyncio.wrap_future(world.store.claim(name, "another", 60))
        await ended(manager._keeper, work)


@pytest.mark.parametrize(
    ("flow", "beginning"), [("swap", "swap-"), ("swap then/lend", "swap-then-lend-"), ("", "flow-")]
)
def test_an_id_tells_the_flow_and_is_another_each_time(flow, beginning):
    assert new_id(flow).startswith(beginning)
    assert new_id(flow) != new_id(flow)


async def test_an_id_that_is_taken_begins_nothing(world):
    async with worker(world.store) as manager:
        work = await begin(manager._keeper, ORIGIN, "s-1")
        with pytest.raises(SessionExists):
            await begin(manager._keeper, ORIGIN, "s-1")
        assert manager._keeper.turns.running == 1
        await ended(manager._keeper, work)


async def test_of_a_session_that_ended_there_is_nothing_to_take_over(world):
    async with worker(world.store) as manager:
        await ended(manager._keeper, await begin(manager._keeper, ORIGIN, "s-1"))
        found = await begin_or_take_over(manager._keeper, ORIGIN, "s-1")
    assert isinstance(found, SessionData)
    assert found.state is SessionState.COMPLETED


async def test_a_session_that_ends_while_it_is_taken_over_is_given_as_it_ended(world):
    holding = HoldingStore(world.store)
    async with worker(world.store) as manager, worker(holding) as other:
        work = await begin(manager._keeper, ORIGIN, "s-1")
        loaded = await asyncio.wrap_future(world.store.load("s-1"))
        assert loaded.state is SessionState.RUNNING
        holding.hold()
        taking = asyncio.create_task(take_over(other._keeper, "s-1"))
        await until(lambda: holding.asked == ["load"])
        holding.let_go()
        holding.hold()
        await until(lambda: holding.asked == ["claim"])
        await ended(manager._keeper, work)
        holding.let_go()
        found = await taking
    assert isinstance(found, SessionData)


async def test_who_was_stopped_between_claiming_and_reading_writes_nothing_with_the_epoch_of_who_came_after(world):
    async with worker(world.store, clock=world.clock) as manager:
        await begin(manager._keeper, ORIGIN, "s-1")
    holding = HoldingStore(world.store)
    async with worker(holding, clock=world.clock) as slow, worker(world.store, clock=world.clock) as quick:
        holding.hold()
        taking = asyncio.create_task(take_over(slow._keeper, "s-1"))
        await until(lambda: holding.asked == ["load"])
        holding.let_go()
        holding.hold()
        await until(lambda: holding.asked == ["claim"])
        holding.let_go()
        holding.hold()
        await until(lambda: "read_journal" in holding.asked)
        world.clock.seconds += LONGER_THAN_A_LEASE
        work = await take_over(quick._keeper, "s-1")
        holding.let_go()
        with pytest.raises(LeaseLost):
            await taking
        await ended(quick._keeper, work)


async def test_a_session_of_another_worker_is_not_taken(world):
    async with worker(world.store) as manager, worker(world.store) as other:
        work = await begin(manager._keeper, ORIGIN, "s-1")
        with pytest.raises(LeaseHeld):
            await take_over(other._keeper, "s-1")
        await ended(manager._keeper, work)


async def test_a_session_that_is_not_there_cannot_be_taken_over():
    async with worker() as manager:
        with pytest.raises(SessionNotFound):
            await take_over(manager._keeper, "s-1")


async def test_two_workers_that_begin_one_session_at_once_do_not_harm_each_other(world):
    """One creates it, the other finds it created and is quicker with the claim."""
    slow = HoldingStore(world.store)
    async with worker(slow) as first, worker(world.store) as second:
        beginning = asyncio.create_task(begin_or_take_over(first._keeper, ORIGIN, "s-1"))
        slow.hold()
        await until(lambda: slow.asked == ["create"])
        slow.let_go()
        slow.hold()
        await until(lambda: "claim" in slow.asked)
        work = await begin_or_take_over(second._keeper, ORIGIN, "s-1")
        assert isinstance(work, SessionWork)
        slow.let_go()
        with pytest.raises(LeaseHeld):
            await beginning
        await ended(second._keeper, work)
    assert world.store.load("s-1").result().state is SessionState.COMPLETED


async def test_a_worker_that_was_too_slow_to_begin_takes_what_the_other_left(world):
    slow = HoldingStore(world.store)
    async with worker(slow) as first:
        beginning = asyncio.create_task(begin_or_take_over(first._keeper, ORIGIN, "s-1"))
        slow.hold()
        await until(lambda: slow.asked == ["create"])
        slow.let_go()
        slow.hold()
        await until(lambda: "claim" in slow.asked)
        async with worker(world.store) as second:
            await ended(second._keeper, await begin_or_take_over(second._keeper, ORIGIN, "s-1"))
        slow.let_go()
        found = await beginning
    assert isinstance(found, SessionData)


@pytest.mark.parametrize("session_id", [None, "s-1"])
@pytest.mark.parametrize("asked", ["create", "claim", "append"])
async def test_a_beginning_that_is_given_up_leaves_no_lease_and_no_turn(world, session_id, asked):
    holding = HoldingStore(world.store)
    async with worker(holding, clock=world.clock) as manager:
        holding.hold()
        beginning = asyncio.create_task(begin(manager._keeper, ORIGIN, session_id))
        await until(lambda: holding.asked)
        while asked not in holding.asked:
            holding.let_go()
            holding.hold()
            await until(lambda: holding.asked)
        beginning.cancel()
        await asyncio.wait([beginning])
        assert beginning.cancelled()
        holding.let_go()
        await asyncio.sleep(0.01)
        for name in world.store._shelves:
            assert world.store._shelves[name].kept.worker == ""
        assert manager._keeper.turns.running == 0


@pytest.mark.parametrize("asked", ["load", "claim", "read_journal", "append"])
async def test_a_take_over_that_is_given_up_leaves_no_lease_and_no_turn(world, asked):
    async with worker(world.store, clock=world.clock) as manager:
        await begin(manager._keeper, ORIGIN, "s-1")
    holding = HoldingStore(world.store)
    async with worker(holding, clock=world.clock) as manager:
        holding.hold()
        taking = asyncio.create_task(take_over(manager._keeper, "s-1"))
        await until(lambda: holding.asked)
        while asked not in holding.asked:
            holding.let_go()
            holding.hold()
            await until(lambda: holding.asked)
        taking.cancel()
        await asyncio.wait([taking])
        holding.let_go()
        await asyncio.sleep(0.01)
        assert (world.store._shelves["s-1"].kept.worker, manager._keeper.turns.running) == ("", 0)


@pytest.mark.parametrize("room", [0, 1])
async def test_a_full_disk_begins_nothing_and_keeps_no_turn(world, room):
    filling = FillingStore(world.store, room_for=room)
    async with worker(filling, clock=world.clock) as manager:
        for _ in range(room):
            await ended_somehow(manager)
        with pytest.raises(StoreError, match="full"):
            await begin(manager._keeper, ORIGIN)
        assert manager._keeper.turns.running == 0


async def ended_somehow(manager: Any) -> None:
    work = await begin(manager._keeper, ORIGIN)
    with pytest.raises(StoreError):
        await end(manager._keeper, work, SessionState.COMPLETED)


async def test_what_a_worker_takes_over_is_noted_with_a_remark(world):
    async with worker(world.store, clock=world.clock) as manager:
        await begin(manager._keeper, ORIGIN, "s-1")
    async with worker(world.store, clock=world.clock) as manager:
        work = await take_over(manager._keeper, "s-1", remark="the code changed")
        await ended(manager._keeper, work)
    changes = [read_record(entry) for entry in journal(world.store) if entry.kind is EntryKind.STATE]
    assert isinstance(changes[2], Change)
    assert (changes[2].state, changes[2].reason) == (SessionState.RUNNING, "the code changed")


async def test_a_worker_of_this_machine_that_is_gone_is_succeeded_at_once(world):
    async with worker(world.store, clock=world.clock) as manager:
        work = await begin(manager._keeper, ORIGIN, "s-1")
        lease = manager._keeper._heartbeat.remove("s-1")
        assert lease is not None
        machine, _, _, nonce = lease.worker.split("/")
        dead = f"{machine}/{2**22 + 1}/1/{nonce}"
        await asyncio.wrap_future(world.store.claim("s-1", dead, 3_600, instead_of=lease.worker))
        manager._keeper.held.clear()
        manager._keeper.turns.give_back()
        work.close()
    async with worker(world.store, clock=world.clock) as manager:
        again = await take_over(manager._keeper, "s-1")
        assert isinstance(again, SessionWork)
        assert again.session.epoch == 3
        await ended(manager._keeper, again)


async def test_a_silent_worker_is_succeeded_although_the_clock_was_set_back(world):
    passing = PassingClock(world.clock)
    async with worker(world.store, clock=world.clock) as manager:
        work = await begin(manager._keeper, ORIGIN, "s-1")
        assert isinstance(work, SessionWork)
    world.store.claim("s-1", "of another machine", 30).result()
    async with worker(world.store, clock=passing) as other:
        world.clock.seconds -= 3_600
        for _ in range(2):
            with pytest.raises(LeaseHeld):
                await take_over(other._keeper, "s-1")
        passing.passed_ns += 30 * NS
        await ended(other._keeper, await take_over(other._keeper, "s-1"))


class PassingClock:
    """Shows what another one shows. What has passed is set."""

    def __init__(self, shown: SetClock) -> None:
        self.shown = shown
        self.passed_ns = 0

    def now_ns(self) -> int:
        return self.shown.now_ns()

    def monotonic_ns(self) -> int:
        return self.passed_ns


async def test_the_time_that_former_workers_spent_counts(world):
    @flow
    async def long(session: SessionHandle) -> None:
        await session.step(int, 1)
        world.clock.seconds += 50
        await session.step(int, 2)
        await session.step(asyncio.sleep, 30)

    async with worker(world.store, clock=world.clock, timeout_seconds=60) as manager:
        running = asyncio.create_task(manager.run(long, session_id="s-1"))
        await until(lambda: len(journal(world.store)) >= 6 if "s-1" in world.store._shelves else False)
        running.cancel()
        await asyncio.wait([running])
    world.clock.seconds += 1_000
    async with worker(world.store, clock=world.clock, timeout_seconds=60) as manager:
        work = await take_over(manager._keeper, "s-1")
        assert manager._keeper.held["s-1"].left_ns == 10 * NS
        await ended(manager._keeper, work)
