"""How a session gives up its turn and its lease while it waits for a person, and gets them back."""

import asyncio
from typing import Any

import pytest

from reev_flow.errors import InvalidState, LeaseHeld, SessionWaiting, StoreError
from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.runtime.manager import SessionManager
from reev_flow.sessions.journal import EntryKind
from reev_flow.sessions.records import Change, read_record
from reev_flow.sessions.state import SessionState
from support.crashes import World
from support.failing_stores import FillingStore, HoldingStore
from support.workers import journal, told, until, waiting, worker


@pytest.fixture
def world() -> World:
    return World()


@flow
async def asking(session: SessionHandle) -> Any:
    return await session.ask("all right?")


def states(world: World) -> list[str]:
    changes = [read_record(entry) for entry in journal(world.store) if entry.kind is EntryKind.STATE]
    return [change.state.value for change in changes if isinstance(change, Change)]


async def test_while_it_waits_it_has_no_turn_no_lease_and_no_timer(world):
    async with worker(world.store) as manager:
        running = asyncio.create_task(manager.run(asking, session_id="s-1"))
        await waiting(manager, "s-1")
        keeper = manager._keeper
        await until(lambda: keeper.turns.running == 0)
        assert (keeper._heartbeat._leases, keeper.held["s-1"].timer) == ({}, None)
        assert world.store._shelves["s-1"].kept.worker == ""
        await manager.answer("s-1", 5)
        assert await running == 5
    assert states(world) == ["running", "waiting", "running", "completed"]


async def test_a_branch_that_goes_on_just_when_the_session_begins_to_wait_gets_it_back(world):
    holding, goes_on = HoldingStore(world.store), asyncio.Event()

    @flow
    async def side_by_side(session: SessionHandle) -> Any:
        async def works() -> Any:
            await goes_on.wait()
            return await session.step(int, "7")

        return await session.gather(session.ask("all right?"), works())

    async with worker(holding) as manager:
        running = asyncio.create_task(manager.run(side_by_side, session_id="s-1"))
        await until(lambda: world.store._shelves and told(world.store) == ["asked ask#1"])
        holding.hold()
        await until(lambda: "append" in holding.asked)
        goes_on.set()
        await asyncio.sleep(0.02)
        holding.let_go()
        await until(lambda: "finished gather#1:1/int#1" in told(world.store))
        await manager.answer("s-1", 5)
        assert await running == [5, 7]


async def test_two_branches_that_go_on_at_once_take_the_session_up_once(world):
    @flow
    async def side_by_side(session: SessionHandle) -> Any:
        async def part(key: str) -> Any:
            answer = await session.ask("all right?", key=key)
            return await session.step(int, answer)

        return await session.gather(part("a"), part("b"))

    holding = HoldingStore(world.store)
    async with worker(holding, poll_seconds=30) as manager:
        running = asyncio.create_task(manager.run(side_by_side, session_id="s-1"))
        await until(lambda: world.store._shelves and len(told(world.store)) == 2)
        await waiting(manager, "s-1")
        for key in "ab":
            await manager.answer("s-1", 5, question=f"gather#1:{'ab'.index(key)}/ask[{key}]")
        assert await running == [5, 5]
    assert states(world).count("running") <= 3


async def test_when_it_cannot_be_written_that_it_waits_the_flow_ends_and_does_not_wait_for_ever(world):
    @flow
    async def side_by_side(session: SessionHandle) -> Any:
        async def works() -> None:
            await session.step(asyncio.sleep, 0.02)
            filling.room_for = len(filling.writes)

        return await session.gather(session.ask("all right?"), works())

    filling = FillingStore(world.store, room_for=1_000)
    async with worker(filling, clock=world.clock) as manager:
        with pytest.raises(StoreError, match="full"):
            await manager.run(side_by_side, session_id="s-1")
        filling.make_room()


async def test_a_run_that_is_given_up_while_it_begins_to_wait_leaves_it_waiting(world):
    holding = HoldingStore(world.store)
    async with worker(holding) as manager:
        running = asyncio.create_task(manager.run(asking, session_id="s-1"))
        await until(lambda: world.store._shelves and told(world.store) == ["asked ask#1"])
        holding.hold()
        await until(lambda: "append" in holding.asked)
        running.cancel()
        await asyncio.sleep(0.01)
        holding.let_go()
        await asyncio.wait([running])
        assert running.cancelled()
    assert states(world) == ["running", "waiting"]


@pytest.mark.parametrize("held_at", ["load", "claim", "append"])
async def test_a_run_that_is_given_up_while_it_goes_on_leaves_nothing_held(world, held_at):
    holding = HoldingStore(world.store)
    async with worker(holding, poll_seconds=30) as manager:
        running = asyncio.create_task(manager.run(asking, session_id="s-1"))
        await waiting(manager, "s-1")
        await manager.answer("s-1", 5)
        holding.hold()
        await until(lambda: holding.asked)
        while held_at not in holding.asked:
            holding.let_go()
            holding.hold()
            await until(lambda: holding.asked)
        running.cancel()
        await asyncio.sleep(0.01)
        holding.let_go()
        await asyncio.wait([running])
        assert manager._keeper.turns.running == 0
    assert world.store._shelves["s-1"].kept.worker == ""
    assert await world.go_on(asking) == 5


async def test_a_manager_that_is_left_while_sessions_wait_for_their_turn_again_leaves_nothing(world):
    @flow
    async def long(session: SessionHandle) -> None:
        await session.step(asyncio.sleep, 30)

    async with worker(world.store, max_concurrent=1) as manager:
        asks = asyncio.create_task(manager.run(asking, session_id="s-1"))
        await waiting(manager, "s-1")
        works = asyncio.create_task(manager.run(long, session_id="s-2"))
        await until(lambda: "s-2" in manager._keeper.held)
        await manager.answer("s-1", 5)
        await until(lambda: manager._keeper.turns.waiting == 1)
    await asyncio.gather(asks, works, return_exceptions=True)
    assert world.store.load("s-1").result().state is SessionState.WAITING
    assert await world.go_on(asking) == 5


async def test_an_answer_that_comes_while_another_worker_has_the_session_stops_the_one_that_waited(world):
    async with worker(world.store, poll_seconds=30) as manager:
        running = asyncio.create_task(manager.run(asking, session_id="s-1"))
        await waiting(manager, "s-1")
        lease = await asyncio.wrap_future(world.store.claim("s-1", "another", 3_600))
        await manager.answer("s-1", 5)
        with pytest.raises(Exception, match="epoch 1 is over"):
            await running
        await asyncio.wrap_future(world.store.release(lease))
    assert await world.go_on(asking) == 5


async def test_without_waiting_the_run_ends_with_all_that_is_asked(world):
    @flow
    async def two(session: SessionHandle) -> Any:
        async def part(key: str) -> Any:
            await session.step(int, 1)
            return await session.ask(f"{key}?", key=key)

        return await session.gather(part("a"), part("b"))

    async with worker(world.store) as manager:
        with pytest.raises(SessionWaiting) as caught:
            await manager.run(two, session_id="s-1", wait=False)
    assert sorted(text for _, text in caught.value.questions) == ["a?", "b?"]


async def test_without_waiting_other_branches_come_first(world):
    calls: list[int] = []

    @flow
    async def side_by_side(session: SessionHandle) -> Any:
        async def works() -> None:
            for number in range(5):
                await session.step(calls.append, number)

        return await session.gather(session.ask("all right?"), works())

    async with worker(world.store) as manager:
        with pytest.raises(SessionWaiting):
            await manager.run(side_by_side, session_id="s-1", wait=False)
    assert calls == list(range(5))


async def test_a_question_that_no_longer_matters_keeps_nobody(world):
    """Part of a group was interrupted because another one failed: that is what a later run finds, too."""
    calls: list[str] = []

    async def sell() -> None:
        calls.append("sell")
        await asyncio.sleep(30)

    async def decline() -> None:
        await until(lambda: calls)
        raise ValueError("no money")

    @flow
    async def declined(session: SessionHandle) -> Any:
        try:
            await session.gather(session.step(sell), session.step(decline))
        except ValueError:
            return await session.step(lambda: "declined", name="tell", on_interrupt="rerun")
        return "sold"

    assert await world.cut_off(declined, after_writes=6)
    world.clock.seconds += 100
    async with worker(world.store, clock=world.clock) as manager:
        assert await manager.run(declined, session_id="s-1", wait=False) == "declined"
    assert calls == ["sell"]


async def test_many_sessions_wait_at_once(world):
    async with SessionManager(world.store) as manager:
        runs = [asyncio.create_task(manager.run(asking, session_id=f"s-{number}")) for number in range(200)]
        for number in range(200):
            await waiting(manager, f"s-{number}")
        for number in range(200):
            await manager.answer(f"s-{number}", number)
        assert await asyncio.gather(*runs) == list(range(200))


async def test_a_session_that_waits_can_be_claimed_by_anybody_and_then_not_by_others(world):
    async with worker(world.store) as manager, worker(world.store) as other:
        running = asyncio.create_task(manager.run(asking, session_id="s-1"))
        await waiting(manager, "s-1")
        goes_on = asyncio.Event()

        @flow(name="asking")
        async def busy(session: SessionHandle) -> Any:
            await session.step(goes_on.wait)
            return "done"

        taken = asyncio.create_task(other.run(busy, session_id="s-1"))
        await until(lambda: "started wait#1" in told(world.store))
        with pytest.raises(Exception, match="is over"):
            await running
        with pytest.raises(LeaseHeld):
            await manager.run(asking, session_id="s-1")
        goes_on.set()
        assert await taken == "done"


async def test_a_question_that_was_just_put_when_its_session_stopped_waits_for_nobody(world):
    holding = HoldingStore(world.store)
    left: list[asyncio.Task[Any]] = []

    @flow
    async def failing(session: SessionHandle) -> None:
        async def aside() -> Any:
            with session.branch("aside"):
                return await session.ask("all right?")

        left.append(asyncio.create_task(aside()))
        holding.hold()
        await until(lambda: "append" in holding.asked)
        raise ValueError("no")

    async with worker(holding) as manager:
        running = asyncio.create_task(manager.run(failing, session_id="s-1"))
        await until(lambda: holding.asked.count("append") == 2)
        holding.let_go()
        with pytest.raises(ValueError, match="no"):
            await running
        with pytest.raises(InvalidState, match="failed"):
            await left[0]
