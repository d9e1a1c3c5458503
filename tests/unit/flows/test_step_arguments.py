"""What steps are called with, and that it stays the same."""

import datetime as dt
import threading
import uuid
from dataclasses import dataclass
from typing import Any

import pytest

from reev_flow.errors import StepChanged
from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.sessions.journal import Effect, EntryKind
from reev_flow.sessions.records import Began, read_record
from support.crashes import World
from support.workers import journal


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


async def test_a_step_that_is_called_with_other_arguments_than_before_is_refused_and_nothing_runs(world):
    calls = Calls()

    def payment_of(amount: int):
        @flow
        async def payment(session: SessionHandle) -> Any:
            return await session.step(calls.pay, amount)

        return payment

    assert await world.cut_off(payment_of(1), after_writes=3)
    with pytest.raises(StepChanged, match="pay#1"):
        await world.go_on(payment_of(2))
    assert calls.made == [1]


@pytest.mark.parametrize("make", [dt.datetime.now, uuid.uuid4], ids=["now", "uuid"])
async def test_an_argument_that_differs_each_time_is_noticed(world, make):
    @flow
    async def payment(session: SessionHandle) -> None:
        await session.step(lambda _: None, make(), name="pay")

    assert await world.cut_off(payment, after_writes=3)
    with pytest.raises(StepChanged):
        await world.go_on(payment)


async def test_an_argument_that_cannot_be_stored_counts_by_its_type(world):
    calls = Calls()

    class Client:
        """What no journal can keep."""

    @flow
    async def payment(session: SessionHandle) -> Any:
        def pay(client: Client, amount: int) -> str:
            return calls.pay(amount)

        return await session.step(pay, Client(), 1)

    assert await world.cut_off(payment, after_writes=3)
    assert await world.go_on(payment) == "paid 1"
    assert calls.made == [1]


async def test_an_argument_of_another_type_is_noticed_even_when_it_cannot_be_stored(world):
    def payment_by(client: object):
        @flow(name="payment")
        async def payment(session: SessionHandle) -> None:
            await session.step(lambda _: None, client, name="pay")

        return payment

    assert await world.cut_off(payment_by(threading.Lock()), after_writes=3)
    with pytest.raises(StepChanged):
        await world.go_on(payment_by(threading.Event()))


async def test_the_arguments_are_kept_for_those_who_look_at_the_run(world):
    calls = Calls()

    @flow
    async def payment(session: SessionHandle) -> None:
        await session.step(calls.pay, amount=1, operation="tool")

    await world.go_on(payment)
    (started,) = (entry for entry in journal(world.store) if entry.kind is EntryKind.STARTED)
    assert started.effect is Effect.ASK
    assert read_record(started) == Began(name="pay", operation="tool", arguments=b'[[],{"amount":1}]')


@pytest.mark.parametrize("argument", ["x" * 20_000, object()], ids=["large", "unstorable"])
async def test_large_and_unstorable_arguments_are_not_kept(world, argument):
    @flow
    async def payment(session: SessionHandle) -> None:
        await session.step(lambda _: None, argument, name="pay")

    await world.go_on(payment)
    (started,) = (entry for entry in journal(world.store) if entry.kind is EntryKind.STARTED)
    assert read_record(started) == Began(name="pay")
