"""Branches that run beside each other."""

import asyncio
from typing import Any

import pytest

from reev_flow.errors import InvalidStep
from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from support.workers import told, until, worker


async def fail(text: str, *, after: int = 0) -> None:
    for _ in range(after):
        await asyncio.sleep(0)
    raise ValueError(text)


async def give(value: Any) -> Any:
    return value


async def run(flow_of_the_test: Any) -> Any:
    async with worker() as manager:
        return await manager.run(flow_of_the_test)


async def test_a_gather_gives_results_in_the_order_of_its_parts():
    @flow
    async def gathered(session: SessionHandle) -> Any:
        async def late(value: int) -> int:
            await asyncio.sleep(0.01)
            return value

        return await session.gather(late(1), give(2), asyncio.ensure_future(give(3)))

    assert await run(gathered) == [1, 2, 3]


async def test_a_gather_of_nothing_gives_nothing():
    @flow
    async def gathered(session: SessionHandle) -> Any:
        return await session.gather()

    assert await run(gathered) == []


async def test_the_first_part_that_fails_ends_the_others_before_its_error_is_raised():
    ended = []

    @flow
    async def gathered(session: SessionHandle) -> None:
        async def long() -> None:
            try:
                await asyncio.sleep(30)
            finally:
                ended.append("long")

        try:
            await session.gather(long(), fail("no", after=3))
        finally:
            ended.append("gather")

    with pytest.raises(ValueError, match="no"):
        await run(gathered)
    assert ended == ["long", "gather"]


async def test_of_parts_that_fail_at_once_the_first_is_told():
    @flow
    async def gathered(session: SessionHandle) -> None:
        await session.gather(fail("one"), fail("two"), fail("three", after=1))

    with pytest.raises(ValueError, match="one"):
        await run(gathered)


async def test_a_part_that_fails_while_it_is_ended_changes_nothing():
    @flow
    async def gathered(session: SessionHandle) -> None:
        async def stubborn() -> None:
            try:
                await asyncio.sleep(30)
            except asyncio.CancelledError:
                raise ValueError("two") from None

        await session.gather(stubborn(), fail("one", after=2))

    with pytest.raises(ValueError, match="one"):
        await run(gathered)


async def test_a_gather_that_is_cancelled_ends_its_parts():
    ended = []

    @flow
    async def gathered(session: SessionHandle) -> None:
        async def long() -> None:
            try:
                await asyncio.sleep(30)
            finally:
                ended.append(1)

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await session.gather(long(), long())

    await run(gathered)
    assert ended == [1, 1]


async def test_a_gather_that_is_cancelled_just_when_a_part_fails_forgets_no_error():
    @flow
    async def gathered(session: SessionHandle) -> None:
        whole: asyncio.Task[Any] = asyncio.current_task()  # type: ignore[assignment]

        async def fail_and_cancel() -> None:
            whole.cancel()
            raise ValueError("no")

        await session.gather(fail_and_cancel(), asyncio.sleep(30))

    with pytest.raises(asyncio.CancelledError):
        await run(gathered)


async def test_a_part_that_was_cancelled_by_itself_cancels_the_gather():
    @flow
    async def gathered(session: SessionHandle) -> None:
        async def give_up() -> None:
            raise asyncio.CancelledError

        with pytest.raises(asyncio.CancelledError):
            await session.gather(give_up(), give(1))

    await run(gathered)


async def test_tasks_of_a_group_are_branches_by_name_or_by_number():
    @flow
    async def grouped(session: SessionHandle) -> Any:
        async def side(value: int) -> Any:
            return await session.step(give, value)

        async with session.task_group() as group:
            tasks = [group.create_task(side(1)), group.create_task(side(2), name="two"), group.create_task(side(3))]
        return [task.result() for task in tasks]

    async with worker() as manager:
        assert await manager.run(grouped, session_id="s-1") == [1, 2, 3]
        started = [line for line in told(manager.store) if line.startswith("started")]
    assert sorted(started) == [
        "started group#1:0/give#1",
        "started group#1:1/give#1",
        "started group#1:two/give#1",
    ]


async def test_a_failure_in_a_group_comes_as_that_of_asyncio_does():
    @flow
    async def grouped(session: SessionHandle) -> None:
        async with session.task_group() as group:
            group.create_task(fail("one", after=1))
            group.create_task(asyncio.sleep(30))

    async with worker() as manager:
        with pytest.raises(Exception, match="unhandled errors in a TaskGroup") as caught:
            await manager.run(grouped)
    assert isinstance(caught.value.__cause__, ExceptionGroup)


async def test_tasks_that_a_task_creates_in_its_group_need_names():
    @flow
    async def grouped(session: SessionHandle) -> None:
        async with session.task_group() as group:

            async def side() -> None:
                group.create_task(give(1), name="named")
                with pytest.raises(InvalidStep, match="give create_task a name"):
                    group.create_task(give(2))

            group.create_task(side())

    await run(grouped)


async def test_two_tasks_of_one_name_are_refused():
    @flow
    async def grouped(session: SessionHandle) -> None:
        async with session.task_group() as group:
            group.create_task(give(1), name="a")
            with pytest.raises(InvalidStep, match="give each call a name of its own"):
                group.create_task(give(2), name="a")

    await run(grouped)


async def test_steps_of_the_parts_run_beside_each_other():
    begun: list[int] = []

    async def meet(number: int) -> None:
        begun.append(number)
        await until(lambda: len(begun) == 3)

    @flow
    async def gathered(session: SessionHandle) -> None:
        async def side(number: int) -> None:
            await session.step(meet, number)

        await session.gather(*(side(number) for number in range(3)))

    await run(gathered)
    assert sorted(begun) == [0, 1, 2]
