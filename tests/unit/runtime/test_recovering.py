"""Sessions that nobody works on are found and gone on with, again and again."""

import asyncio
from typing import Any

import pytest

from reev_flow.errors import SessionWaiting
from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.runtime import recovering
from reev_flow.runtime.manager import SessionManager
from reev_flow.sessions.config import SessionConfig
from reev_flow.sessions.state import SessionState
from reev_flow.stores.memory import MemorySessionStore
from reev_flow.stores.urls import open_session_store
from support.crashes import World
from support.failing_stores import FillingStore
from support.session_stores import JOURNAL_DAMAGES, change
from support.workers import told, until, worker

CALLS: list[str] = []


@flow
async def counting(session: SessionHandle) -> Any:
    await session.step(CALLS.append, session.session_id, on_interrupt="rerun")
    return "done"


@flow
async def asking(session: SessionHandle) -> Any:
    return await session.ask("all right?")


@pytest.fixture
def world() -> World:
    CALLS.clear()
    return World()


def looking(store: Any, **settings: Any) -> SessionManager:
    config = SessionConfig(poll_seconds=0.01, stop_seconds=0.2, **settings)
    return SessionManager(store, config=config, recover_every_seconds=0.005)


async def stalled(store: MemorySessionStore, *names: str) -> None:
    """Begun, and left by workers that are not heard of any more."""
    for name in names:
        filling = FillingStore(store, room_for=1)
        async with SessionManager(filling, config=SessionConfig(lease_seconds=0.001)) as manager:
            await asyncio.gather(manager.run(counting, session_id=name), return_exceptions=True)
    await asyncio.sleep(0.01)


async def test_what_was_left_is_gone_on_with(world):
    store = MemorySessionStore()
    await stalled(store, "s-1", "s-2")
    CALLS.clear()
    async with looking(store):
        await until(lambda: sorted(CALLS) == ["s-1", "s-2"])
        await until(lambda: store.load("s-2").result().state is SessionState.COMPLETED)
    assert sorted(CALLS) == ["s-1", "s-2"]


async def test_what_is_left_later_is_found_too_and_so_is_what_was_answered(world):
    store = MemorySessionStore()
    async with looking(store) as manager:
        async with worker(store) as other:
            with pytest.raises(SessionWaiting):
                await other.run(asking, session_id="s-3", wait=False)
        await asyncio.sleep(0.03)
        assert store.load("s-3").result().state is SessionState.WAITING
        await manager.answer("s-3", 5)
        await until(lambda: store.load("s-3").result().state is SessionState.COMPLETED)


async def test_sessions_that_only_wait_do_not_crowd_out_one_that_could_go_on(world, monkeypatch):
    monkeypatch.setattr(recovering, "MOST_AT_ONCE", 2)
    store = MemorySessionStore()
    await stalled(store, "s-1")
    async with worker(store) as other:
        for name in ("s-2", "s-3", "s-4"):
            with pytest.raises(SessionWaiting):
                await other.run(asking, session_id=name, wait=False)
    async with worker(store) as manager:
        assert await manager.recover_all() == {"s-1": "done"}


async def test_sessions_that_wait_for_their_turn_are_taken_once(world):
    store = MemorySessionStore()
    await stalled(store, *(f"s-{number}" for number in range(10)))
    CALLS.clear()
    async with looking(store, max_concurrent=1) as manager:
        holder = await manager.start_flow("by hand", session_id="x")
        await until(lambda: manager._keeper.turns.waiting >= 10)
        await asyncio.sleep(0.1)
        assert manager._keeper.turns.waiting == 10
        await manager.end_flow(holder)
        await until(lambda: len(CALLS) == 10)
    assert len(CALLS) == 10


async def test_code_that_does_not_fit_is_tried_once(world):
    tries: list[int] = []

    async def resume(_: str) -> None:
        tries.append(1)
        raise ValueError("no such code")

    store = MemorySessionStore()
    await stalled(store, "s-1")
    manager = looking(store)
    manager.resume = resume  # type: ignore[method-assign, assignment]
    async with manager:
        await until(lambda: tries)
        await asyncio.sleep(0.05)
    assert tries == [1]


async def test_a_store_that_fails_for_a_while_is_asked_again(world):
    store = MemorySessionStore()
    await stalled(store, "s-1")
    filling = FillingStore(store, room_for=0)
    filling.writes.append(None)  # type: ignore[arg-type]  # it is full
    async with looking(filling):
        await asyncio.sleep(0.03)
        filling.make_room()
        await until(lambda: store.load("s-1").result().state is SessionState.COMPLETED)
    assert "finished append#1" in told(store)


async def test_a_damaged_session_keeps_nobody_from_the_others(tmp_path):
    CALLS.clear()
    store = open_session_store(tmp_path)
    async with worker(store) as manager:
        for name in ("s-1", "s-2"):
            with pytest.raises(SessionWaiting):
                await manager.run(asking, session_id=name, wait=False)
        await manager.answer("s-1", 1)
        await manager.answer("s-2", 2)
        change(tmp_path / "sessions.db", JOURNAL_DAMAGES["an entry"], "s-2")
        assert await manager.recover_all() == {"s-1": 1}
    store.close()
