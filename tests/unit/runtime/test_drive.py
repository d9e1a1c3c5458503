"""How a flow is run to an end, whatever it does."""

import asyncio
import threading
from typing import Any

import pytest

from reev_flow.errors import (
    LeaseLost,
    SessionCancelled,
    SessionInterrupted,
    SessionTimeout,
    SessionWaiting,
    StepFailed,
    StoreError,
)
from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.runtime.drive import outcome_of
from reev_flow.sessions.data import Interruption
from reev_flow.sessions.state import SessionState
from reev_flow.values.refusal import UnstorableValue
from support.crashes import World
from support.failing_stores import FillingStore, HoldingStore
from support.sessions import new_session
from support.workers import told, until, waiting, worker


@pytest.fixture
def world() -> World:
    return World()


def state(world: World) -> SessionState:
    return world.store.load("s-1").result().state


@flow
async def long(session: SessionHandle) -> None:
    await session.step(asyncio.sleep, 30)


async def test_a_result_is_as_a_later_reader_will_get_it(world):
    basket = {"a": (1, {2})}

    @flow
    async def shopping(session: SessionHandle) -> Any:
        return basket

    first = await world.go_on(shopping)
    assert first == basket
    assert first is not basket
    assert await world.go_on(shopping) == basket


async def test_a_result_that_cannot_be_kept_fails_the_session(world):
    @flow
    async def shopping(session: SessionHandle) -> Any:
        return object()

    for _ in range(2):
        with pytest.raises(UnstorableValue, match="result of the flow"):
            await world.go_on(shopping)
    assert state(world) is SessionState.FAILED


async def test_what_a_flow_raises_fails_the_session_and_is_kept(world):
    @flow
    async def failing(session: SessionHandle) -> None:
        raise ValueError("no money")

    with pytest.raises(ValueError, match="no money"):
        await world.go_on(failing)
    session = world.store.load("s-1").result()
    assert (session.state, session.error) == (SessionState.FAILED, "ValueError: no money")


async def test_a_flow_that_is_given_up_is_interrupted_where_it_was(world):
    @flow
    async def two_steps(session: SessionHandle) -> None:
        await session.step(int, 1)
        await session.step(asyncio.sleep, 30)

    async with worker(world.store) as manager:
        running = asyncio.create_task(manager.run(two_steps, session_id="s-1"))
        await until(lambda: world.store._shelves and "started sleep#1" in told(world.store))
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    session = world.store.load("s-1").result()
    assert session.state is SessionState.INTERRUPTED
    assert session.interruption == Interruption(step_index=1, context="its worker stopped")


async def test_a_time_limit_around_a_run_interrupts_it(world):
    async with worker(world.store) as manager:
        running = asyncio.create_task(manager.run(long, session_id="s-1"))
        await until(lambda: world.store._shelves and told(world.store))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(running, 0.02)
    assert state(world) is SessionState.INTERRUPTED


async def test_a_session_that_takes_too_long_is_timed_out(world):
    async with worker(world.store, timeout_seconds=0.02) as manager:
        with pytest.raises(SessionTimeout, match=r"longer than 0\.02 s"):
            await manager.run(long, session_id="s-1")
    assert state(world) is SessionState.TIMED_OUT
    with pytest.raises(SessionTimeout):
        await world.go_on(long)


class Stubborn:
    """Flows that do something of their own when they are to stop."""

    @staticmethod
    async def raises(session: SessionHandle) -> None:
        try:
            await session.step(asyncio.sleep, 30)
        except asyncio.CancelledError:
            raise ValueError("while cleaning up") from None

    @staticmethod
    async def returns(session: SessionHandle) -> str:
        try:
            await session.step(asyncio.sleep, 30)
        except asyncio.CancelledError:
            return "took no notice"
        return "slept"

    @staticmethod
    async def goes_on(session: SessionHandle) -> None:
        try:
            await session.step(asyncio.sleep, 30)
        except asyncio.CancelledError:
            await session.step(int, 1)

    @staticmethod
    async def goes_on_in_a_group(session: SessionHandle) -> None:
        async def part() -> None:
            try:
                await session.step(asyncio.sleep, 30)
            except asyncio.CancelledError:
                await session.step(int, 1)

        async with session.task_group() as group:
            group.create_task(part())
            group.create_task(part())


@pytest.mark.parametrize("name", ["raises", "returns", "goes_on", "goes_on_in_a_group"])
async def test_a_flow_that_takes_its_cancellation_ill_is_cancelled_all_the_same(world, name):
    stubborn = flow(getattr(Stubborn, name))
    async with worker(world.store) as manager:
        running = asyncio.create_task(manager.run(stubborn, session_id="s-1"))
        await until(lambda: world.store._shelves and told(world.store))
        await manager.cancel("s-1", "enough")
        with pytest.raises(SessionCancelled, match="enough"):
            await running
    assert state(world) is SessionState.CANCELLED
    assert not any("int#1" in line for line in told(world.store))


@pytest.mark.parametrize("name", ["raises", "returns", "goes_on", "goes_on_in_a_group"])
async def test_a_flow_that_takes_its_time_limit_ill_is_timed_out_all_the_same(world, name):
    async with worker(world.store, timeout_seconds=0.02) as manager:
        with pytest.raises(SessionTimeout):
            await manager.run(flow(getattr(Stubborn, name)), session_id="s-1")
    assert state(world) is SessionState.TIMED_OUT


@pytest.mark.parametrize("name", ["raises", "returns", "goes_on", "goes_on_in_a_group"])
async def test_a_flow_that_takes_its_managers_end_ill_is_interrupted_all_the_same(world, name):
    async with worker(world.store) as manager:
        running = asyncio.create_task(manager.run(flow(getattr(Stubborn, name)), session_id="s-1"))
        await until(lambda: world.store._shelves and told(world.store))
    with pytest.raises(SessionInterrupted):
        await running
    assert state(world) is SessionState.INTERRUPTED


class Abort(BaseException):
    """Like what test runners and event loops of others raise."""


async def test_an_error_that_is_none_gets_through_and_leaves_nothing_behind(world):
    @flow
    async def aborting(session: SessionHandle) -> None:
        async def step() -> None:
            raise Abort

        await session.step(step)

    async with worker(world.store) as manager:
        with pytest.raises(Abort):
            await manager.run(aborting, session_id="s-1")
        assert (manager._keeper.held, manager._keeper.turns.running) == ({}, 0)
    assert state(world) is SessionState.INTERRUPTED
    assert told(world.store) == ["started step#1", "interrupted step#1"]


async def test_when_the_disk_is_full_the_flow_ends_and_can_be_gone_on_with(world):
    @flow
    async def counting(session: SessionHandle) -> Any:
        return [await session.step(int, number) for number in range(5)]

    filling = FillingStore(world.store, room_for=6)
    async with worker(filling, clock=world.clock) as manager:
        with pytest.raises(StoreError, match="full"):
            await manager.run(counting, session_id="s-1")
        assert manager._keeper.turns.running == 0
        filling.make_room()
        world.clock.seconds += 100
        running = asyncio.create_task(manager.run(counting, session_id="s-1", wait=False))
        with pytest.raises(SessionWaiting):
            await running
        await manager.answer("s-1", {"happened": True, "result": 2})
        assert await manager.run(counting, session_id="s-1") == [0, 1, 2, 3, 4]


async def test_a_worker_that_lost_its_session_writes_nothing_more_and_says_so(world):
    async with worker(world.store, clock=world.clock, lease_seconds=0.03) as manager:
        running = asyncio.create_task(manager.run(long, session_id="s-1"))
        await until(lambda: world.store._shelves and told(world.store))
        mine = manager._keeper._heartbeat._leases["s-1"].worker
        lease = await asyncio.wrap_future(world.store.claim("s-1", "another", 3_600, instead_of=mine))
        with pytest.raises(LeaseLost):
            await running
        await asyncio.wrap_future(world.store.release(lease))
    assert (state(world), told(world.store)) == (SessionState.RUNNING, ["started sleep#1"])


async def test_a_step_that_holds_up_the_loop_does_not_lose_the_session(world):
    lease_seconds = 0.05

    @flow
    async def blocking(session: SessionHandle) -> Any:
        async def compute() -> int:
            expires = world.store._shelves["s-1"].kept.expires_ns
            for _ in range(1_000):
                threading.Event().wait(0.005)  # not a coroutine's way to wait
                world.clock.seconds += lease_seconds / 100
                if world.store._shelves["s-1"].kept.expires_ns > expires + lease_seconds * 2e9:
                    return 1
            return 0

        return await session.step(compute)

    async with worker(world.store, clock=world.clock, lease_seconds=lease_seconds) as manager:
        assert await manager.run(blocking, session_id="s-1") == 1


async def test_a_branch_that_outlives_its_flow_is_ended_with_it(world):
    outcomes: list[str] = []

    @flow
    async def careless(session: SessionHandle) -> str:
        async def left_behind(name: str, work: Any) -> None:
            with session.branch(name):
                try:
                    await work()
                except BaseException as error:
                    outcomes.append(type(error).__name__)
                    raise

        tasks.append(asyncio.create_task(left_behind("asks", lambda: session.ask("still there?"))))
        tasks.append(asyncio.create_task(left_behind("works", lambda: session.step(asyncio.sleep, 30))))
        await until(lambda: len(told(world.store)) == 2)
        return "done"

    tasks: list[asyncio.Task[None]] = []
    assert await world.go_on(careless) == "done"
    await asyncio.wait(tasks)
    assert sorted(outcomes) == ["CancelledError", "InvalidState"]
    assert [type(task.exception()).__name__ for task in tasks if not task.cancelled()] == ["InvalidState"]


async def test_a_session_that_is_cancelled_while_it_waits_ends(world):
    @flow
    async def asking(session: SessionHandle) -> Any:
        return await session.ask("all right?")

    async with worker(world.store) as manager:
        running = asyncio.create_task(manager.run(asking, session_id="s-1"))
        await waiting(manager, "s-1")
        await manager.cancel("s-1", "enough")
        with pytest.raises(SessionCancelled, match="enough"):
            await running
    assert state(world) is SessionState.CANCELLED


@pytest.mark.parametrize("held_at", ["load", "claim", "append"])
async def test_a_session_that_is_cancelled_while_it_takes_up_its_work_again_ends(world, held_at):
    @flow
    async def asking(session: SessionHandle) -> Any:
        await session.ask("all right?")
        await session.step(asyncio.sleep, 30)

    holding = HoldingStore(world.store)
    async with worker(holding, poll_seconds=30) as manager:
        running = asyncio.create_task(manager.run(asking, session_id="s-1"))
        await waiting(manager, "s-1")
        work = manager._keeper.held["s-1"].work
        await manager.answer("s-1", 1)
        holding.hold()
        await until(lambda: holding.asked)
        while held_at not in holding.asked:
            holding.let_go()
            holding.hold()
            await until(lambda: holding.asked)
        work.stop(SessionCancelled("s-1", "enough"))
        await asyncio.sleep(0.01)
        holding.let_go()
        with pytest.raises(SessionCancelled, match="enough"):
            await running
    assert state(world) is SessionState.CANCELLED
    assert world.store._shelves["s-1"].kept.worker == ""


async def test_a_session_that_is_cancelled_while_it_waits_for_its_turn_ends(world):
    @flow
    async def asking(session: SessionHandle) -> Any:
        return await session.ask("all right?")

    async with worker(world.store, max_concurrent=1) as manager:
        running = asyncio.create_task(manager.run(asking, session_id="s-1"))
        await waiting(manager, "s-1")
        other = asyncio.create_task(manager.run(long, session_id="s-2"))
        await until(lambda: "s-2" in manager._keeper.held)
        await manager.answer("s-1", 1)
        await until(lambda: manager._keeper.turns.waiting == 1)
        await manager.cancel("s-1", "enough")
        with pytest.raises(SessionCancelled):
            await running
        assert manager._keeper.turns.waiting == 0
        other.cancel()
        await asyncio.wait([other])
    assert state(world) is SessionState.CANCELLED


def test_what_cannot_be_read_of_a_failure_is_told_all_the_same():
    session = new_session(state=SessionState.FAILED, error="ValueError: no", result=b"\xc1", definition=b"")
    with pytest.raises(StepFailed, match="ValueError: no"):
        outcome_of(session)


async def test_an_end_that_cannot_be_written_is_told(world):
    @flow
    async def short(session: SessionHandle) -> int:
        return 5

    async with worker(FillingStore(world.store, room_for=1), clock=world.clock) as manager:
        with pytest.raises(StoreError, match="full"):
            await manager.run(short, session_id="s-1")
    assert state(world) is SessionState.RUNNING
    assert await world.go_on(short) == 5
