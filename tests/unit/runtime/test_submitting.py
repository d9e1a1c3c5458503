"""A run is left to whoever works on sessions: it is kept once, and nobody but a worker begins it."""

from typing import Any

import pytest

from reev_flow.errors import SessionExists, SessionForgotten
from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.runtime.manager import SessionManager
from reev_flow.sessions.state import SessionState
from reev_flow.stores.memory import MemorySessionStore
from reev_flow.values.refusal import UnstorableValue
from support.plans import plan, step
from support.sessions import SetClock
from support.workers import state_of, worker

began: list[str] = []


@pytest.fixture(autouse=True)
def nothing_began() -> None:
    began.clear()


@flow
async def greet(session: SessionHandle, name: str) -> str:
    began.append(session.session_id)
    return f"hello {name}"


@flow
async def leave(session: SessionHandle, name: str) -> str:
    return f"bye {name}"


@flow
async def introduce(session: SessionHandle, name: str, other: str) -> str:
    return f"{name} and {other}"


async def run_step(step: Any, *_: Any) -> str:
    return f"did {step.step_id}"


async def test_what_is_submitted_is_kept_and_not_begun():
    async with worker() as manager:
        session = await manager.submit(greet, "ann")
        assert await manager.load(session.session_id) == session
    assert (session.state, session.flow, began) == (SessionState.CREATED, "greet", [])


async def test_a_worker_of_another_process_runs_it():
    store = MemorySessionStore()
    async with worker(store) as manager:
        await manager.submit(greet, "ann", session_id="s-1")
    async with worker(store) as manager:
        await manager.worker(greet, poll_seconds=0.01).work_off()
        assert await manager.resume("s-1") == "hello ann"
    assert began == ["s-1"]


async def test_a_plan_is_run_by_whoever_runs_its_steps():
    async with worker() as manager:
        session = await manager.submit(plan(step("search")), run_step=run_step)
        await manager.worker(run_step, poll_seconds=0.01).work_off()
        assert await state_of(manager.store, session.session_id) is SessionState.COMPLETED


async def test_an_id_of_ones_own_is_submitted_once():
    async with worker() as manager:
        first = await manager.submit(greet, "ann", session_id="s-1")
        assert await manager.submit(greet, "ann", session_id="s-1") == first


async def test_whether_arguments_are_given_by_name_or_in_order_does_not_count():
    async with worker() as manager:
        first = await manager.submit(introduce, "ann", other="bob", session_id="s-1")
        assert await manager.submit(introduce, name="ann", other="bob", session_id="s-1") == first
        assert await manager.run(introduce, "ann", "bob", session_id="s-1") == "ann and bob"
        with pytest.raises(SessionExists):
            await manager.run(introduce, "bob", "ann", session_id="s-1")


async def test_what_was_submitted_before_is_given_as_it_stands():
    async with worker() as manager:
        await manager.run(greet, "ann", session_id="s-1")
        again = await manager.submit(greet, "ann", session_id="s-1")
    assert (again.state, began) == (SessionState.COMPLETED, ["s-1"])


async def test_run_goes_on_with_what_was_submitted():
    async with worker() as manager:
        await manager.submit(greet, "ann", session_id="s-1")
        assert await manager.run(greet, "ann", session_id="s-1") == "hello ann"


@pytest.mark.parametrize(("other", "name"), [(greet, "bob"), (leave, "ann")])
async def test_the_id_of_something_else_is_refused(other: Any, name: str):
    async with worker() as manager:
        await manager.submit(greet, "ann", session_id="s-1")
        with pytest.raises(SessionExists):
            await manager.submit(other, name, session_id="s-1")


async def test_what_was_forgotten_is_not_begun_anew():
    clock = SetClock(1_000)
    async with worker(MemorySessionStore(clock=clock), clock=clock, retention_days=1) as manager:
        await manager.run(greet, "ann", session_id="s-1")
        clock.seconds += 10 * 86_400
        await manager.prune()
        with pytest.raises(SessionForgotten):
            await manager.submit(greet, "ann", session_id="s-1")


async def test_arguments_that_a_worker_could_not_be_given_are_refused_at_once():
    async with worker() as manager:
        with pytest.raises(UnstorableValue):
            await manager.submit(greet, object())
        assert await manager.list() == ()


async def test_it_has_a_trace_of_its_own_also_when_a_step_submits_it():
    async with worker() as manager:

        @flow
        async def pass_on(session: SessionHandle) -> str:
            return str(await session.step(hand_in))

        async def hand_in() -> str:
            return (await manager.submit(greet, "ann")).trace_id

        trace_id = await manager.run(pass_on, session_id="s-1")
        assert trace_id != (await manager.load("s-1")).trace_id


def test_code_that_is_not_async_submits_too(tmp_path):
    with SessionManager.sync(tmp_path) as manager:
        assert manager.submit(greet, "ann", session_id="s-1").session_id == "s-1"
