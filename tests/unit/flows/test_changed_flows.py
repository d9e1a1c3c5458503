"""Which step is named when the code of a flow no longer does what the journal has, and what may differ."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeAlias

import pytest

from reev_flow.errors import SessionWaiting, StepChanged, StepFailed, StoreError
from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.plans.executor import FlowExecutor
from reev_flow.flows.plans.plan import DynamicFlowPlan, DynamicStep
from reev_flow.runtime.manager import SessionManager
from reev_flow.sessions.state import SessionState
from support.crashes import World
from support.failing_stores import FillingStore
from support.workers import state_of, told, worker

Body: TypeAlias = Callable[[SessionHandle], Awaitable[Any]]


class Office:
    """What flows have done here."""

    def __init__(self) -> None:
        self.world = World()
        self.done: list[str] = []

    async def do(self, what: str) -> str:
        self.done.append(what)
        return what

    async def run(self, body: Body) -> Any:
        """Until it asks; its result when it does not."""
        return await self.world.go_on(flow(name="office")(body), wait=False)

    async def run_until_it_asks(self, body: Body) -> None:
        with pytest.raises(SessionWaiting):
            await self.run(body)
        self.done.clear()

    async def changed(self, body: Body) -> StepChanged:
        with pytest.raises(StepChanged) as raised:
            await self.run(body)
        return raised.value


@pytest.fixture
def office() -> Office:
    return Office()


def letters(office: Office, *names: str, **options: Any) -> Body:
    """A flow that does one step after the other, each of a name of its own, and then asks."""

    async def body(session: SessionHandle) -> str:
        for name in names:
            await session.step(office.do, name, name=name, **options)
        return str(await session.ask("go on?"))

    return body


def without_question(office: Office, *names: str) -> Body:
    async def body(session: SessionHandle) -> list[str]:
        return [await session.step(office.do, name, name=name) for name in names]

    return body


async def test_a_step_with_another_name_is_refused_before_it_runs(office):
    await office.run_until_it_asks(letters(office, "search", "pay"))
    error = await office.changed(letters(office, "search", "charge", "ship"))
    assert (error.step, "'charge#1'" in error.details, office.done) == ("pay#1", True, [])


async def test_a_step_that_is_put_between_others_is_refused_before_it_runs(office):
    await office.run_until_it_asks(letters(office, "search", "pay"))
    error = await office.changed(letters(office, "search", "log", "pay"))
    assert (error.step, office.done) == ("pay#1", [])


async def test_a_step_in_place_of_a_question_that_was_answered_is_refused(office):
    await office.run_until_it_asks(letters(office))
    async with worker(office.world.store, clock=office.world.clock) as manager:
        await manager.answer("s-1", "yes")

    async def asks_twice(session: SessionHandle) -> None:
        await session.ask("go on?")
        await session.step(office.do, "more")
        await session.ask("really?", name="sure")

    await office.run_until_it_asks(asks_twice)

    async def asks_elsewhere(session: SessionHandle) -> None:
        await session.ask("which one?", name="which")

    assert (await office.changed(asks_elsewhere)).step == "ask#1"


async def test_a_flow_that_ends_sooner_is_not_over(office):
    await office.run_until_it_asks(letters(office, "search", "pay"))
    error = await office.changed(without_question(office, "search"))
    assert (error.step, "ends without" in error.details) == ("pay#1", True)
    assert await state_of(office.world.store, "s-1") is SessionState.INTERRUPTED


async def test_a_flow_that_calls_a_step_less_often_is_not_over(office):
    await office.run_until_it_asks(letters(office, "mail", "mail", "mail"))
    assert (await office.changed(without_question(office, "mail", "mail"))).step == "mail#3"


async def test_what_was_put_right_goes_on(office):
    await office.run_until_it_asks(letters(office, "search", "pay"))
    await office.changed(without_question(office, "search"))
    assert await office.run(without_question(office, "search", "pay")) == ["search", "pay"]
    assert office.done == []


async def test_the_first_step_that_differs_is_named(office):
    await office.run_until_it_asks(letters(office, "search", "hold", "pay"))
    assert (await office.changed(without_question(office))).step == "search#1"


async def test_a_flow_that_fails_before_it_comes_as_far_as_it_was_is_not_over(office):
    await office.run_until_it_asks(letters(office, "search", "pay"))

    async def broken(session: SessionHandle) -> None:
        await session.step(office.do, "search", name="search")
        raise KeyError("price")

    error = await office.changed(broken)
    assert (error.step, "KeyError: 'price'" in error.details) == ("pay#1", True)
    assert isinstance(error.__cause__, KeyError)
    assert await state_of(office.world.store, "s-1") is SessionState.INTERRUPTED


async def test_a_flow_that_fails_further_on_has_failed(office):
    await office.run_until_it_asks(letters(office, "search"))

    async def fails_later(session: SessionHandle) -> None:
        await session.step(office.do, "search", name="search")
        raise KeyError("price")

    with pytest.raises(KeyError):
        await office.run(fails_later)
    assert await state_of(office.world.store, "s-1") is SessionState.FAILED


async def test_a_store_that_fails_is_told_of_and_not_what_the_flow_did_not_come_to(office):
    await office.run_until_it_asks(letters(office, "search"))

    async def more(session: SessionHandle) -> None:
        await session.step(office.do, "more", key="more")
        await session.step(office.do, "search", name="search")

    office.world.clock.seconds += 100
    full = FillingStore(office.world.store, room_for=2)
    with suppress(ExceptionGroup), pytest.raises(StoreError, match="the disk is full"):
        async with SessionManager(full, clock=office.world.clock) as manager:
            await manager.run(flow(name="office")(more), session_id="s-1")


async def test_a_step_may_be_added_where_nothing_is_recorded_yet(office):
    await office.run_until_it_asks(letters(office, "search"))
    await office.run_until_it_asks(letters(office, "search", "pay"))
    assert told(office.world.store)[-2:] == ["started pay#1", "finished pay#1"]


async def test_steps_with_keys_may_change_places_and_be_joined_by_others(office):
    def keyed(*keys: str) -> Body:
        async def body(session: SessionHandle) -> None:
            for key in keys:
                await session.step(office.do, key, key=key)
            await session.ask("go on?")

        return body

    await office.run_until_it_asks(keyed("a", "b"))
    with pytest.raises(SessionWaiting):
        await office.run(keyed("b", "new", "a"))
    assert office.done == ["new"]


async def test_a_step_in_a_branch_may_not_take_the_place_of_another_there(office):
    def in_branches(name: str) -> Body:
        async def part(session: SessionHandle, what: str) -> None:
            await session.step(office.do, what, name=what)
            await session.ask("go on?")

        async def body(session: SessionHandle) -> None:
            await session.gather(part(session, "search"), part(session, name))

        return body

    await office.run_until_it_asks(in_branches("pay"))
    error = await office.changed(in_branches("charge"))
    assert (error.step, office.done) == ("gather#1:1/pay#1", [])


async def gathered(session: SessionHandle, *parts: Coroutine[Any, Any, None]) -> None:
    await session.gather(*parts)


async def grouped(session: SessionHandle, *parts: Coroutine[Any, Any, None]) -> None:
    async with session.task_group() as group:
        for part in parts:
            group.create_task(part)


@pytest.mark.parametrize("both", [gathered, grouped])
async def test_a_branch_that_was_cancelled_need_not_come_as_far_again(office, both):
    """The first time it was slow to fail, so the other branch did a step more."""
    is_slow = [True]

    async def fail() -> None:
        raise ValueError("no room")

    async def failing(session: SessionHandle) -> None:
        await session.step(fail)

    async def working(session: SessionHandle) -> None:
        for name in ("first", "second"):
            await session.step(office.do, name, name=name)
            if not is_slow[0]:
                await asyncio.Event().wait()

    async def body(session: SessionHandle) -> str:
        with suppress(ValueError, ExceptionGroup):
            await both(session, working(session), failing(session))
        return str(await session.ask("go on?"))

    await office.run_until_it_asks(body)
    assert "finished second#1" in " ".join(told(office.world.store)).replace("gather#1:0/", "").replace(
        "group#1:0/", ""
    )
    is_slow[0] = False
    async with worker(office.world.store, clock=office.world.clock) as manager:
        await manager.answer("s-1", "yes")
    assert await office.run(body) == "yes"


async def test_a_named_branch_that_was_cancelled_need_not_come_as_far_again(office):
    is_slow = [True]

    async def working(session: SessionHandle) -> None:
        with session.branch("aside"):
            for name in ("first", "second"):
                await session.step(office.do, name, name=name)
                if not is_slow[0]:
                    await asyncio.Event().wait()

    async def body(session: SessionHandle) -> None:
        task = asyncio.create_task(working(session))
        await asyncio.sleep(0.01)
        if not is_slow[0]:
            task.cancel()
        await asyncio.wait([task])
        if is_slow[0]:
            await session.ask("go on?")

    await office.run_until_it_asks(body)
    is_slow[0] = False
    await office.run(body)
    assert office.done == []


async def test_tasks_that_nobody_waits_for_read_back_what_they_did(office):
    async def aside(session: SessionHandle) -> None:
        with session.branch("aside"):
            await session.gather(session.gather(session.step(office.do, "noted")))

    has_room = asyncio.Event()

    async def body(session: SessionHandle) -> str:
        task = asyncio.create_task(aside(session))
        if not has_room.is_set():
            await task
            await session.ask("go on?")
        return "done"

    await office.run_until_it_asks(body)
    has_room.set()
    assert (await office.run(body), office.done) == ("done", [])


async def test_a_plan_in_a_flow_says_itself_what_may_differ(office):
    def booking(*names: str) -> Body:
        async def run_step(step: DynamicStep, _: object) -> str:
            office.done.append(step.step_id)
            return step.step_id

        plan = DynamicFlowPlan(
            flow_id="booking", steps=tuple(DynamicStep(step_id=name, prompt_template=name) for name in names)
        )

        async def body(session: SessionHandle) -> None:
            await FlowExecutor(run_step).execute(plan, session)
            await session.ask("go on?")

        return body

    await office.run_until_it_asks(booking("search", "pay"))
    with pytest.raises(SessionWaiting):
        await office.run(booking("search", "pay", "ship"))
    assert office.done == ["ship"]


async def test_steps_that_are_called_by_hand_may_go_on_where_they_were(office):
    async with SessionManager(office.world.store, clock=office.world.clock) as manager:
        session = await manager.start_flow("by hand", session_id="s-1")
        await session.step(office.do, "search", name="search")
    async with SessionManager(office.world.store, clock=office.world.clock) as manager:
        session = await manager.start_flow("by hand", session_id="s-1")
        await session.step(office.do, "pay", name="pay")
        await manager.end_flow(session, "paid")
    assert office.done == ["search", "pay"]
    assert await state_of(office.world.store, "s-1") is SessionState.COMPLETED


async def test_a_step_that_failed_is_read_back_and_what_follows_it_is_found(office):
    class Odd(Exception):
        """Cannot be made again."""

        def __init__(self) -> None:
            super().__init__("odd")

    async def fail() -> None:
        raise Odd

    async def body(session: SessionHandle) -> str:
        try:
            await session.step(fail)
        except (Odd, StepFailed):
            await session.step(office.do, "instead", name="instead")
        return str(await session.ask("go on?"))

    await office.run_until_it_asks(body)
    with pytest.raises(SessionWaiting):
        await office.run(body)
    assert office.done == []


async def passed_on(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception as error:
        raise RuntimeError("no office today") from error


async def in_a_branch_passed_on(session: SessionHandle, *parts: Coroutine[Any, Any, None]) -> None:
    await session.gather(*(passed_on(part) for part in parts))


@pytest.mark.parametrize("both", [gathered, grouped, in_a_branch_passed_on])
async def test_a_session_is_not_over_however_a_flow_passes_on_that_it_changed(office, both):
    def in_branches(name: str) -> Body:
        async def part(session: SessionHandle, what: str) -> None:
            await session.step(office.do, what, name=what)
            await session.ask("go on?")

        async def body(session: SessionHandle) -> None:
            await both(session, part(session, "search"), part(session, name))

        return body

    await office.run_until_it_asks(in_branches("pay"))
    error = await office.changed(in_branches("charge"))
    assert (error.step.rpartition("/")[2], office.done) == ("pay#1", [])
    assert await state_of(office.world.store, "s-1") is SessionState.INTERRUPTED
