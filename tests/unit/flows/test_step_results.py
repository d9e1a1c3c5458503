"""What steps give: the same in a first run and in a resumed one."""

import datetime as dt
import threading
from dataclasses import dataclass
from typing import Any

import pytest

from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.retry import Retry
from reev_flow.values.refusal import UnstorableValue
from support.crashes import World
from support.workers import told, worker


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


async def test_a_step_of_a_session_that_ended_gives_its_result_again(world):
    calls = Calls()

    @flow
    async def payment(session: SessionHandle) -> Any:
        return await session.step(calls.pay, 1)

    assert [await world.go_on(payment) for _ in range(3)] == ["paid 1"] * 3
    assert calls.made == [1]


async def test_a_first_run_gives_what_a_resumed_run_will_give(world):
    results = []

    def buy() -> Receipt:
        return Receipt(7, dt.date(2026, 1, 2))

    @flow
    async def purchase(session: SessionHandle) -> None:
        results.append(await session.step(buy))
        await session.step(print, "")

    assert await world.cut_off(purchase, after_writes=3)
    await world.go_on(purchase)
    assert results == [Receipt(7, dt.date(2026, 1, 2))] * 2


async def test_a_result_is_a_copy_also_in_the_first_run():
    basket = ["apple"]

    @flow
    async def shopping(session: SessionHandle) -> Any:
        return await session.step(lambda: basket, name="fill") is basket

    async with worker() as manager:
        assert await manager.run(shopping) is False


async def test_a_result_that_cannot_be_kept_fails_the_step_and_says_where(world):
    calls = Calls()

    @flow
    async def payment(session: SessionHandle) -> None:
        def pay() -> dict[str, object]:
            return {"receipt": calls.pay(1), "connection": threading.Lock()}

        await session.step(pay, retry=Retry(attempts=5, wait_seconds=0))

    for _ in range(2):
        with pytest.raises(UnstorableValue, match=r'result of pay\["connection"\]'):
            await world.go_on(payment)
    assert calls.made == [1], "it happened, and is not tried again"


async def test_a_result_of_fifty_megabytes_is_refused_with_advice(world):
    @flow
    async def download(session: SessionHandle) -> None:
        await session.step(lambda: "x" * 50_000_000, name="load")

    with pytest.raises(UnstorableValue, match="keep it in a file and return its path"):
        await world.go_on(download)


async def test_a_result_of_fifteen_megabytes_is_kept(world):
    @flow
    async def download(session: SessionHandle) -> Any:
        return len(await session.step(lambda: "x" * 15_000_000, name="load"))

    assert await world.go_on(download) == 15_000_000


async def test_a_result_that_a_step_gives_in_vain_is_never_awaited_by_mistake():
    """A step that is called and not awaited does nothing but take its place."""
    calls = Calls()

    @flow
    async def payments(session: SessionHandle) -> Any:
        session.step(calls.pay, 1).close()
        return await session.step(calls.pay, 2)

    async with worker() as manager:
        await manager.run(payments, session_id="s-1")
        assert told(manager.store) == ["started pay#2", "finished pay#2"]
