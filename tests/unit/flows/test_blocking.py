"""Flows that are not async."""

import asyncio
import threading
from typing import Any

import pytest

from reev_flow.errors import InvalidStep, SessionCancelled, SessionInterrupted, SessionTimeout
from reev_flow.flows.blocking import BlockingSession
from reev_flow.flows.code import flow
from reev_flow.flows.retry import Retry
from support.crashes import World
from support.workers import told, until, waiting, worker


@pytest.fixture
def world() -> World:
    return World()


def add(one: int, other: int) -> int:
    return one + other


async def test_a_flow_that_is_not_async_runs_its_steps_and_gets_their_results(world):
    @flow
    def adding(session: BlockingSession, number: int) -> Any:
        total = session.step(add, number, 1)
        return session.step(add, total, other=10)

    assert await world.go_on(adding, 4) == 15
    assert told(world.store)[::2] == ["started add#1", "started add#2"]


async def test_it_goes_on_after_a_crash_and_runs_no_step_twice(world):
    calls: list[int] = []

    @flow
    def counting(session: BlockingSession) -> Any:
        for number in range(3):
            session.step(calls.append, number)
        return len(calls)

    assert await world.cut_off(counting, after_writes=5)
    assert await world.go_on(counting) == 3
    assert calls == [0, 1, 2]


async def test_it_says_what_its_session_is(world):
    @flow(name="facts")
    def facts(session: BlockingSession) -> Any:
        session.checkpoint()
        return [session.session_id, session.flow_id, session.state.value]

    assert await world.go_on(facts) == ["s-1", "facts", "running"]


async def test_parts_run_beside_each_other_in_branches_of_their_own(world):
    meeting = threading.Barrier(3, timeout=20)

    @flow
    def gathering(session: BlockingSession) -> Any:
        def part(number: int) -> Any:
            meeting.wait()
            return session.step(add, number, 1) + session.step(add, number, 1)

        return [session.gather(*(lambda number=number: part(number) for number in range(3))), session.gather()]

    assert await world.go_on(gathering) == [[2, 4, 6], []]
    started = sorted(line for line in told(world.store) if line.startswith("started"))
    assert started == [f"started gather#1:{part}/add#{number}" for part in range(3) for number in (1, 2)]


async def test_the_first_part_that_fails_is_told_when_all_have_ended(world):
    ended = []

    @flow
    def gathering(session: BlockingSession) -> None:
        def fail(number: int) -> None:
            try:
                session.step(lambda: 1 // 0, name="fail")
            finally:
                ended.append(number)

        session.gather(lambda: fail(1), lambda: fail(2))

    with pytest.raises(ZeroDivisionError):
        await world.go_on(gathering)
    assert sorted(ended) == [1, 2]


async def test_a_branch_may_be_named(world):
    @flow
    def branched(session: BlockingSession) -> None:
        with session.branch("left"):
            session.step(add, 1, 1)

    await world.go_on(branched)
    assert told(world.store)[0] == "started left#1/add#1"


async def test_a_thread_that_the_flow_did_not_open_through_the_session_is_refused(world):
    errors: list[str] = []

    @flow
    def careless(session: BlockingSession) -> None:
        def work() -> None:
            try:
                session.step(add, 1, 1)
            except InvalidStep as error:
                errors.append(str(error))

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    await world.go_on(careless)
    assert len(errors) == 1
    assert told(world.store) == []


async def test_a_task_group_is_for_async_code():
    @flow
    def grouped(session: BlockingSession) -> None:
        session.task_group()

    async with worker() as manager:
        with pytest.raises(InvalidStep, match="use gather, with functions"):
            await manager.run(grouped)


async def test_it_waits_for_an_answer(world):
    @flow
    def asking(session: BlockingSession) -> Any:
        return session.ask("all right?", schema=bool)

    async with worker(world.store) as manager:
        running = asyncio.create_task(manager.run(asking, session_id="s-1"))
        await waiting(manager, "s-1")
        await manager.answer("s-1", True)  # noqa: FBT003 - that is the answer
        assert await running is True


async def test_what_a_step_raises_reaches_the_flow(world):
    @flow
    def handling(session: BlockingSession) -> str:
        try:
            session.step(int, "many", retry=Retry(attempts=2, wait_seconds=0))
        except ValueError:
            return "handled"
        return "not raised"

    assert await world.go_on(handling) == "handled"


@pytest.mark.parametrize("reason", [SessionCancelled, SessionTimeout, SessionInterrupted])
async def test_a_flow_that_is_stopped_hears_of_it_at_its_step(world, reason):
    heard: list[type] = []

    @flow
    def stopped(session: BlockingSession) -> None:
        try:
            session.step(asyncio.sleep, 30)
        except Exception as error:
            heard.append(type(error))
            raise

    async with worker(world.store) as manager:
        running = asyncio.create_task(manager.run(stopped, session_id="s-1"))
        await until(lambda: world.store._shelves and told(world.store))
        if reason is SessionCancelled:
            await manager.cancel("s-1")
        elif reason is SessionTimeout:
            manager._keeper.held["s-1"].work.stop(SessionTimeout("s-1", 60))
    with pytest.raises(reason):
        await running
    await until(lambda: heard)
    assert heard == [reason]


async def test_a_flow_called_by_a_flow_is_a_branch(world):
    @flow
    def inner(session: BlockingSession, number: int) -> Any:
        return session.step(add, number, 1)

    @flow
    def outer(session: BlockingSession) -> Any:
        return inner(session, inner(session, 1))

    assert await world.go_on(outer) == 3
    assert told(world.store)[::2] == ["started inner#1/add#1", "started inner#2/add#1"]
