"""Steps are run once, and their results are read back."""

import asyncio
import datetime as dt
import functools
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from reev_flow.errors import InvalidStep, StepFailed, StepInDoubt
from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.sessions.records import Stop, read_record
from support.crashes import World
from support.workers import journal, told, until, worker


@dataclass
class Receipt:
    number: int
    at: dt.date


@pytest.fixture
def world() -> World:
    return World()


class Calls:
    """Functions that count how often they were called."""

    def __init__(self) -> None:
        self.made: list[Any] = []

    def pay(self, amount: int) -> str:
        self.made.append(amount)
        return f"paid {amount}"

    async def fetch(self, amount: int) -> str:
        self.made.append(amount)
        return f"fetched {amount}"


async def test_a_step_gives_what_its_function_gives():
    calls = Calls()

    @flow
    async def payment(session: SessionHandle) -> Any:
        return [await session.step(calls.pay, 1), await session.step(calls.fetch, amount=2)]

    async with worker() as manager:
        assert await manager.run(payment) == ["paid 1", "fetched 2"]
    assert calls.made == [1, 2]


async def test_a_finished_step_is_read_back_and_not_run_again(world):
    calls = Calls()

    @flow
    async def payment(session: SessionHandle) -> Any:
        return [await session.step(calls.pay, 1), await session.step(calls.pay, 2)]

    assert await world.cut_off(payment, after_writes=3)
    assert await world.go_on(payment) == ["paid 1", "paid 2"]
    assert calls.made == [1, 2]


async def test_an_effect_does_not_begin_before_its_start_is_durable(world):
    seen = []

    @flow
    async def payment(session: SessionHandle) -> None:
        await session.step(lambda: seen.append(told(world.store)), name="pay")

    await world.go_on(payment)
    assert seen == [["started pay#1"]]


async def test_what_may_be_rerun_does_not_wait_for_its_start_to_be_durable(world):
    seen = []

    @flow
    async def reading(session: SessionHandle) -> None:
        await session.step(lambda: seen.append(told(world.store)), name="read", on_interrupt="rerun")

    await world.go_on(reading)
    assert seen == [[]]
    assert told(world.store) == ["started read#1", "finished read#1"]


async def test_the_start_of_a_long_step_that_may_be_rerun_is_durable_soon():
    @flow
    async def reading(session: SessionHandle) -> None:
        async def read() -> None:
            await until(lambda: told(manager.store) == ["started read#1"])

        await session.step(read, on_interrupt="rerun")

    async with worker() as manager:
        await manager.run(reading, session_id="s-1")


async def test_a_step_is_known_by_the_how_manieth_of_its_name_it_is(world):
    calls = Calls()

    @flow
    async def payments(session: SessionHandle) -> None:
        await session.step(calls.pay, 1)
        await session.step(calls.fetch, 1)
        await session.step(calls.pay, 2)

    await world.go_on(payments)
    assert told(world.store)[::2] == ["started pay#1", "started fetch#1", "started pay#2"]


async def test_steps_are_identified_when_they_are_called_and_not_when_they_are_awaited(world):
    calls = Calls()

    @flow
    async def payments(session: SessionHandle) -> Any:
        first, second = session.step(calls.pay, 1), session.step(calls.pay, 2)
        return [await second, await first]

    await world.go_on(payments)
    assert told(world.store) == ["started pay#2", "finished pay#2", "started pay#1", "finished pay#1"]


@pytest.mark.parametrize("writes", range(1, 6))
async def test_gathered_steps_keep_their_identity_whoever_is_faster(world, writes):
    calls = Calls()

    @flow
    async def payments(session: SessionHandle) -> Any:
        return await asyncio.gather(session.step(calls.pay, 1), session.step(calls.pay, 2))

    def is_paid(amount: int) -> bool:
        return amount in calls.made

    assert await world.cut_off(payments, after_writes=writes)

    @flow(name="payments")
    async def answered(session: SessionHandle) -> Any:
        return await asyncio.gather(
            session.step(calls.pay, 1, on_interrupt="rerun"), session.step(calls.pay, 2, on_interrupt="rerun")
        )

    assert await world.go_on(answered) == ["paid 1", "paid 2"]
    assert {entry.step for entry in journal(world.store) if entry.step} == {"pay#1", "pay#2"}


async def test_a_key_names_a_step(world):
    calls = Calls()

    @flow
    async def payments(session: SessionHandle) -> None:
        await session.step(calls.pay, 1, key="tx-7")
        await session.step(calls.pay, 2, key=8)

    await world.go_on(payments)
    assert told(world.store)[::2] == ["started pay[tx-7]", "started pay[8]"]


async def test_a_key_given_twice_is_refused_before_anything_runs():
    calls = Calls()

    @flow
    async def payments(session: SessionHandle) -> None:
        await session.step(calls.pay, 1, key="tx-7")
        session.step(calls.pay, 2, key="tx-7").close()

    async with worker() as manager:
        with pytest.raises(InvalidStep, match="give each call a key of its own"):
            await manager.run(payments)
    assert calls.made == [1]


@pytest.mark.parametrize("key", [1.5, b"tx", ("tx", 7)])
async def test_a_key_that_is_neither_text_nor_a_whole_number_is_refused(key):
    @flow
    async def payments(session: SessionHandle) -> None:
        session.step(print, key=key).close()

    async with worker() as manager:
        with pytest.raises(InvalidStep, match="use a text or a whole number as key"):
            await manager.run(payments)


async def test_a_step_may_be_given_a_name():
    @flow
    async def payments(session: SessionHandle) -> None:
        await session.step(functools.partial(int, "7"), name="parse")
        await session.step(functools.partial(int, "7"))
        await session.step(lambda: 7)

    async with worker() as manager:
        await manager.run(payments, session_id="s-1")
        assert told(manager.store)[::2] == ["started parse#1", "started int#1", "started lambda#1"]


async def test_a_step_inside_a_step_is_refused():
    @flow
    async def payments(session: SessionHandle) -> None:
        async def outer() -> None:
            await session.step(print)

        await session.step(outer)

    async with worker() as manager:
        with pytest.raises(InvalidStep, match="call steps from the flow, not from steps"):
            await manager.run(payments)


async def test_a_step_that_was_cancelled_in_the_middle_is_in_doubt(world):
    @flow
    async def impatient(session: SessionHandle) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(session.step(asyncio.sleep, 30), 0.01)

    await world.go_on(impatient)
    assert told(world.store) == ["started sleep#1", "interrupted sleep#1"]
    stop = read_record(journal(world.store)[2])
    assert stop == Stop(has_begun=True, reason="cancelled")


async def test_a_step_that_is_to_fail_when_interrupted_fails_and_is_not_run_again(world):
    calls = Calls()

    @flow(on_interrupt="fail")
    async def payment(session: SessionHandle) -> Any:
        return await session.step(calls.pay, 1)

    assert await world.cut_off(payment, after_writes=2)
    for _ in range(2):
        with pytest.raises(StepInDoubt, match="find out outside"):
            await world.go_on(payment)
    assert calls.made == [1]


async def test_a_step_that_may_be_rerun_is_run_again(world):
    calls = Calls()

    @flow(on_interrupt="rerun")
    async def payment(session: SessionHandle) -> Any:
        return await session.step(calls.pay, 1, on_interrupt="rerun")

    assert await world.cut_off(payment, after_writes=1)
    assert await world.go_on(payment) == "paid 1"
    assert calls.made == [1, 1]


async def test_a_step_of_a_flow_that_goes_on_after_its_session_ended_does_not_run():
    calls = Calls()

    async with worker() as manager:
        session = await manager.start_flow("by hand")
        await manager.end_flow(session)
        with pytest.raises(Exception, match="completed"):
            await session.step(calls.pay, 1, on_interrupt="rerun")
    assert calls.made == []


class Odd(msgspec.Struct):
    value: Any


async def test_an_error_that_cannot_be_made_again_is_told_as_a_failed_step(world):
    class Private(Exception):
        """Of a function: no other process finds it."""

    async def fail() -> None:
        raise Private("secret", 3)

    @flow
    async def failing(session: SessionHandle) -> None:
        await session.step(fail)

    for _ in range(2):
        with pytest.raises(StepFailed, match=r"Private: \('secret', 3\)"):
            await world.go_on(failing)
