"""What a flow can ask of its session."""

import asyncio
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.errors import InvalidStep, SessionCancelled, SessionWaiting, StoreError
from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.work import current_step
from reev_flow.sessions.identity import idempotency_key
from reev_flow.sessions.state import SessionState
from support.crashes import World
from support.failing_stores import FillingStore
from support.sessions import NS, START_NS
from support.workers import told, until, waiting, worker


@pytest.fixture
def world() -> World:
    return World()


async def test_a_session_says_what_it_is(world):
    facts: dict[str, Any] = {}

    @flow(name="swap")
    async def looking(session: SessionHandle) -> None:
        facts.update(
            session_id=session.session_id, flow_id=session.flow_id, start_time=session.start_time, state=session.state
        )

    world.clock.seconds = 5
    async with worker(world.store, clock=world.clock) as manager:
        await manager.run(looking, session_id="s-1")
    assert facts == {
        "session_id": "s-1",
        "flow_id": "swap",
        "start_time": datetime.fromtimestamp(START_NS / NS + 5, UTC),
        "state": SessionState.RUNNING,
    }


async def test_its_trace_and_start_are_the_same_after_a_crash(world):
    seen = []

    @flow
    async def looking(session: SessionHandle) -> None:
        seen.append((session.trace_id, session.start_time, session.data.created_ns))
        await session.step(print, "")

    assert await world.cut_off(looking, after_writes=2)
    await world.go_on(looking) if False else None
    with pytest.raises(SessionWaiting):
        await world.go_on(looking, wait=False)
    assert len(set(seen)) == 1
    assert len(seen) == 2
    assert len(bytes.fromhex(seen[0][0])) == 16


async def test_a_key_for_services_is_the_same_for_every_attempt(world):
    keys: list[str] = []

    @flow
    async def paying(session: SessionHandle) -> None:
        async def pay() -> None:
            keys.append(session.idempotency_key)

        await session.step(pay, on_interrupt="rerun")

    assert await world.cut_off(paying, after_writes=1)
    await world.go_on(paying)
    assert len(keys) == 2
    assert keys[0] == keys[1] == idempotency_key("s-1", "pay#1")
    assert str(uuid.UUID(keys[0])) == keys[0]


async def test_a_step_in_a_thread_has_its_key_too():
    @flow
    async def paying(session: SessionHandle) -> Any:
        return await session.step(lambda: session.idempotency_key, name="pay")

    async with worker() as manager:
        assert await manager.run(paying, session_id="s-1") == idempotency_key("s-1", "pay#1")


@given(st.tuples(st.text(), st.text()), st.tuples(st.text(), st.text()))
def test_no_two_steps_share_a_key(one, other):
    assert (idempotency_key(*one) == idempotency_key(*other)) == (one == other)


def test_the_key_never_changes_its_meaning():
    assert idempotency_key("s-1", "pay#1") == "c07ba744-9578-e760-2e2e-38ca9e0d65ad"


async def test_outside_of_steps_there_is_no_key():
    @flow
    async def paying(session: SessionHandle) -> Any:
        return session.idempotency_key

    async with worker() as manager:
        with pytest.raises(InvalidStep, match="read it in the function that the step runs"):
            await manager.run(paying)


async def test_the_key_of_another_sessions_step_is_not_given():
    async with worker() as manager:
        other = await manager.start_flow("other")

        @flow
        async def paying(session: SessionHandle) -> Any:
            return await session.step(lambda: other.idempotency_key, name="pay")

        with pytest.raises(InvalidStep):
            await manager.run(paying)
        await manager.end_flow(other)


async def test_without_auto_save_only_checkpoints_are_durable(world):
    seen = []

    @flow(on_interrupt="rerun")
    async def hurried(session: SessionHandle) -> None:
        for number in range(2):
            await session.step(int, number)
        seen.append(told(world.store))
        await session.checkpoint()
        seen.append(told(world.store))

    async with worker(world.store, auto_save=False) as manager:
        await manager.run(hurried, session_id="s-1")
    assert seen == [[], ["started int#1", "finished int#1", "started int#2", "finished int#2"]]


async def test_without_auto_save_a_crash_loses_what_came_after_the_last_checkpoint(world):
    calls: list[int] = []

    @flow
    async def hurried(session: SessionHandle) -> None:
        await session.step(calls.append, 1)
        await session.checkpoint()
        await session.step(calls.append, 2)
        await session.checkpoint()

    async with worker(FillingStore(world.store, room_for=2), clock=world.clock, auto_save=False) as manager:
        with pytest.raises(StoreError, match="full"):
            await manager.run(hurried, session_id="s-1")
    await world.go_on(hurried)
    assert calls == [1, 2, 2]


async def test_without_auto_save_a_question_is_durable_all_the_same(world):
    @flow
    async def asking(session: SessionHandle) -> Any:
        await session.step(int, 1)
        return await session.ask("all right?")

    async with worker(world.store, auto_save=False) as manager:
        running = asyncio.create_task(manager.run(asking, session_id="s-1"))
        await waiting(manager, "s-1")
        assert told(world.store) == ["started int#1", "finished int#1", "asked ask#1"]
        await manager.answer("s-1", 5)
        assert await running == 5


async def test_a_session_whose_steps_are_called_by_hand(world):
    async with worker(world.store) as manager:
        session = await manager.start_flow("by hand", session_id="s-1")
        assert await session.step(int, "5") == 5
        assert await session.gather(session.step(int, "6"), session.step(int, "7")) == [6, 7]
        await manager.end_flow(session, {"sum": 18})
    assert world.store.load("s-1").result().state is SessionState.COMPLETED


async def test_a_step_called_by_hand_says_why_it_was_stopped():
    async with worker() as manager:
        session = await manager.start_flow("by hand", session_id="s-1")
        step = asyncio.create_task(session.step(asyncio.sleep, 30))
        await until(lambda: "started sleep#1" in told(manager.store))
        await manager.cancel("s-1", "enough")
        with pytest.raises(SessionCancelled, match="enough"):
            await step
        with pytest.raises(SessionCancelled, match="enough"):
            await session.step(asyncio.sleep, 0)
        with pytest.raises(SessionCancelled):
            await manager.end_flow(session, "result")
        assert manager.store.load("s-1").result().state is SessionState.CANCELLED


async def test_a_step_called_by_hand_that_its_caller_gives_up_is_just_cancelled():
    async with worker() as manager:
        session = await manager.start_flow("by hand", session_id="s-1")
        step = asyncio.create_task(session.step(asyncio.sleep, 30))
        await until(lambda: "started sleep#1" in told(manager.store))
        step.cancel()
        with pytest.raises(asyncio.CancelledError):
            await step
        assert await session.step(int, "5") == 5
        await manager.end_flow(session)


async def test_a_session_by_hand_is_taken_up_again_where_it_stood(world):
    calls: list[int] = []

    async def work_by_hand(manager: Any, numbers: range) -> None:
        session = await manager.start_flow("by hand", session_id="s-1")
        for number in numbers:
            await session.step(calls.append, number)

    for numbers in (range(2), range(3)):
        async with worker(world.store) as manager:
            await work_by_hand(manager, numbers)
    assert calls == [0, 1, 2]


async def test_code_without_the_session_at_hand_finds_the_step_it_runs_in():
    @flow
    async def paying(session: SessionHandle) -> Any:
        def pay() -> list[Any]:
            step = current_step()
            return [step.session_id, step.identity, step.attempt, step.idempotency_key == session.idempotency_key]

        return await session.step(pay)

    async with worker() as manager:
        assert await manager.run(paying, session_id="s-1") == ["s-1", "pay#1", 1, True]
    with pytest.raises(InvalidStep, match="outside of a step"):
        current_step()
