"""A careful person answers what is asked, and looks into the books first."""

import asyncio
from typing import Any

import pytest

from reev_flow import SessionHandle, flow
from reev_flow.chaos.ledger import Happening, Ledger
from reev_flow.chaos.person import NeedsAnswer, Person
from reev_flow.clock import SystemClock
from reev_flow.sessions.identity import idempotency_key
from support.crashes import World
from support.workers import worker


class Books:
    """What happened outside."""

    def __init__(self, *happenings: Happening) -> None:
        self.happenings = list(happenings)

    def read(self) -> list[Happening]:
        return self.happenings


async def attended(schema: Any, answers: dict[str, Any]) -> Any:
    @flow
    async def asks(session: SessionHandle) -> Any:
        return await session.ask("Which?", schema=schema, name="which")

    async with worker() as manager:
        running = asyncio.ensure_future(manager.run(asks, session_id="s-1"))
        attending = asyncio.ensure_future(Person(manager.store, SystemClock(), Books(), answers).attend("s-1"))
        await asyncio.wait([running, attending], return_when=asyncio.FIRST_COMPLETED)
        attending.cancel()
        if running.done():
            return running.result()
        running.cancel()
        await asyncio.wait([running])
        return attending.exception()


@pytest.mark.parametrize("name", ["which", "which#1"])
async def test_a_question_is_answered_as_told_by_the_name_or_the_place_of_its_step(name):
    assert await attended(None, {name: 7}) == 7


async def test_a_question_of_yes_or_no_is_answered_with_yes():
    assert await attended(bool, {}) is True


async def test_a_choice_is_answered_with_the_first():
    assert await attended({"enum": ["red", "blue"]}, {}) == "red"


async def test_anything_else_has_to_be_told():
    missing = await attended(str, {})
    assert isinstance(missing, NeedsAnswer)
    assert (missing.step, missing.question) == ("which#1", "Which?")


@pytest.mark.parametrize(("has_happened", "calls"), [(True, 1), (False, 2)])
async def test_of_a_step_in_doubt_the_books_are_believed(has_happened, calls):
    called: list[str] = []
    world = World()

    @flow
    async def pays(session: SessionHandle) -> str:
        async def pay() -> str:
            called.append("paid")
            return "a receipt"

        return str(await session.step(pay))

    assert await world.cut_off(pays, after_writes=2), "the start of the step is kept, its end is not"
    happened = [Happening("pay", idempotency_key("s-1", "pay#1"), "a receipt")] if has_happened else []
    ledger: Ledger = Books(*happened)
    attending = asyncio.ensure_future(Person(world.store, world.clock, ledger, {}).attend("s-1"))
    assert await world.go_on(pays) == "a receipt"
    attending.cancel()
    assert len(called) == calls
