"""Which step is which, when several parts of a flow run beside each other."""

import asyncio
import threading
from collections.abc import AsyncGenerator
from contextlib import aclosing
from contextvars import copy_context
from typing import Any

import pytest

from reev_flow.errors import InvalidStep
from reev_flow.flows.branches import Branch, current_branch, entered, is_over
from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from support.workers import told, worker


def steps(manager: Any) -> list[str]:
    return sorted(line.removeprefix("started ") for line in told(manager.store) if line.startswith("started "))


async def work() -> None:
    """What a step does here."""


async def steps_of(flow_of_the_test: Any) -> list[str]:
    async with worker() as manager:
        await manager.run(flow_of_the_test, session_id="s-1")
        return steps(manager)


async def test_steps_of_the_flow_itself_are_in_no_branch():
    @flow
    async def plain(session: SessionHandle) -> None:
        await session.step(work)
        await session.step(work)

    assert await steps_of(plain) == ["work#1", "work#2"]


async def test_a_branch_counts_its_own_steps():
    @flow
    async def branched(session: SessionHandle) -> None:
        await session.step(work)
        with session.branch("left"):
            await session.step(work)
            with session.branch("inner"):
                await session.step(work)
        with session.branch("left"):
            await session.step(work)

    assert await steps_of(branched) == ["left#1/inner#1/work#1", "left#1/work#1", "left#2/work#1", "work#1"]


@pytest.mark.parametrize("name", [3, b"left"])
async def test_a_branch_and_a_step_have_a_text_as_their_name(name: Any):
    @flow
    async def branched(session: SessionHandle) -> None:
        with pytest.raises(InvalidStep, match="use a text as the name"), session.branch(name):
            pass
        with pytest.raises(InvalidStep, match="use a text as the name"):
            await session.step(work, name=name)

    assert await steps_of(branched) == []


async def test_a_branch_that_was_left_is_left():
    @flow
    async def branched(session: SessionHandle) -> None:
        with pytest.raises(ValueError, match="no"), session.branch("left"):
            raise ValueError("no")
        await session.step(work)

    assert await steps_of(branched) == ["work#1"]


async def found(session: SessionHandle) -> AsyncGenerator[int, None]:
    with session.branch("found"):
        for number in range(3):
            await session.step(work)
            yield number


async def test_who_leaves_a_generator_and_closes_it_has_left_its_branch():
    @flow
    async def looking(session: SessionHandle) -> None:
        async with aclosing(found(session)) as numbers:
            async for _ in numbers:
                break
        await session.step(work)

    assert await steps_of(looking) == ["found#1/work#1", "work#1"]


async def test_who_leaves_a_generator_without_closing_it_stays_in_its_branch_and_hears_no_error():
    @flow
    async def looking(session: SessionHandle) -> None:
        async for _ in found(session):
            break
        for _ in range(2):
            await session.step(work)
            await asyncio.sleep(0)

    assert await steps_of(looking) == ["found#1/work#1", "found#1/work#2", "found#1/work#3"]


async def test_foreign_tasks_with_branches_of_their_own_are_told_apart_by_name():
    @flow
    async def branched(session: SessionHandle) -> None:
        async def side(name: str) -> None:
            with session.branch(name):
                await session.step(work)
                await asyncio.sleep(0)
                await session.step(work)

        await asyncio.gather(side("a"), side("b"))

    assert await steps_of(branched) == ["a#1/work#1", "a#1/work#2", "b#1/work#1", "b#1/work#2"]


async def test_a_step_of_a_foreign_task_is_refused_with_advice_even_when_it_is_the_first():
    @flow
    async def careless(session: SessionHandle) -> None:
        async def side() -> None:
            await session.step(work)

        await asyncio.create_task(side())

    async with worker() as manager:
        with pytest.raises(InvalidStep, match=r"session\.gather, session\.task_group\(\).*give the step a key"):
            await manager.run(careless, session_id="s-1")
        assert steps(manager) == []


async def test_a_step_with_a_key_may_be_called_from_anywhere():
    @flow
    async def keyed(session: SessionHandle) -> None:
        async def side(key: str) -> None:
            await session.step(work, key=key)

        await asyncio.gather(side("a"), side("b"))

    assert await steps_of(keyed) == ["work[a]", "work[b]"]


async def test_two_foreign_tasks_cannot_open_a_branch_of_the_same_name():
    @flow
    async def branched(session: SessionHandle) -> None:
        async def side() -> None:
            with session.branch("left"):
                await session.step(work)

        await asyncio.gather(side(), side())

    async with worker() as manager:
        with pytest.raises(InvalidStep, match="twice with the same name"):
            await manager.run(branched)


async def test_the_flow_and_a_foreign_task_cannot_open_a_branch_of_the_same_name():
    @flow
    async def branched(session: SessionHandle) -> None:
        async def side() -> None:
            with session.branch("left"):
                await session.step(work)

        with session.branch("left"):
            await session.step(work)
        await asyncio.create_task(side())

    async with worker() as manager:
        with pytest.raises(InvalidStep, match="twice with the same name"):
            await manager.run(branched)


async def test_a_group_cannot_be_opened_by_a_foreign_task():
    @flow
    async def grouped(session: SessionHandle) -> None:
        async def side() -> None:
            await session.gather(session.step(work, key="a"), session.step(work, key="b"))

        await asyncio.create_task(side())

    async with worker() as manager:
        with pytest.raises(InvalidStep, match="gather"):
            await manager.run(grouped)


async def test_gathers_are_counted_too():
    @flow
    async def gathered(session: SessionHandle) -> None:
        async def side() -> None:
            await session.step(work)

        await session.gather(side(), side())
        await session.gather(side())

    assert await steps_of(gathered) == ["gather#1:0/work#1", "gather#1:1/work#1", "gather#2:0/work#1"]


async def test_a_flow_called_by_a_flow_is_a_branch():
    @flow
    async def inner(session: SessionHandle, number: int) -> int:
        await session.step(work)
        return number

    @flow
    async def outer(session: SessionHandle) -> list[int]:
        first = await inner(session, 1)
        return [first, *await session.gather(inner(session, 2), inner(session, 3))]

    async with worker() as manager:
        assert await manager.run(outer, session_id="s-1") == [1, 2, 3]
        assert steps(manager) == ["gather#1:0/inner#1/work#1", "gather#1:1/inner#1/work#1", "inner#1/work#1"]


async def test_flows_in_each_other_keep_their_sessions_apart():
    @flow
    async def other(session: SessionHandle) -> None:
        await session.step(work)

    @flow
    async def outer(session: SessionHandle) -> None:
        with session.branch("left"):
            await manager.run(other, session_id="s-2")
            await session.step(work)

    async with worker() as manager:
        await manager.run(outer, session_id="s-1")
        assert steps(manager) == ["left#1/work#1"]
        assert told(manager.store, "s-2") == ["started work#1", "finished work#1"]


async def test_a_session_whose_steps_are_called_by_hand_belongs_to_one_task_at_a_time():
    async with worker() as manager:
        session = await manager.start_flow("by hand", session_id="s-1")

        async def side() -> None:
            await session.step(work)

        await asyncio.create_task(side())
        await session.step(work)
        with pytest.raises(InvalidStep, match="did not start"):
            await asyncio.create_task(side())
        await manager.end_flow(session)
        assert steps(manager) == ["work#1", "work#2"]


def test_the_current_branch_is_found_by_session():
    mine, others = Branch("mine", "left#1", None), Branch("others", "right#1", None)

    def inside() -> tuple[Branch | None, Branch | None, Branch | None]:
        with entered(mine), entered(others):
            return current_branch("mine"), current_branch("others"), current_branch("nobody's")

    assert copy_context().run(inside) == (mine, others, None)


def test_outside_of_every_branch_there_is_none():
    assert copy_context().run(current_branch, "mine") is None


def test_a_thread_that_ended_owns_nothing():
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
    assert is_over(thread)
    assert not is_over(threading.current_thread())


def test_a_branch_of_a_thread_is_not_for_other_threads():
    branch = Branch("s-1", "", None)
    refused: list[str] = []

    def call_from_another() -> None:
        try:
            branch.step("pay", None)
        except InvalidStep as error:
            refused.append(str(error))

    assert branch.step("pay", None) == "pay#1"
    thread = threading.Thread(target=call_from_another)
    thread.start()
    thread.join()
    assert len(refused) == 1
    assert branch.step("pay", None) == "pay#2"
