"""A bank that counts what is really paid, flows that pay twice, and a person who knows what became of a payment."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any, Protocol

from reev_flow.clock import SystemClock
from reev_flow.errors import AlreadyAnswered, NoSuchQuestion
from reev_flow.flows.code import Flow, flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.runtime.inbox import open_questions, send_answer
from reev_flow.sessions.journal import EntryKind
from reev_flow.sessions.records import Began, read_record
from reev_flow.sessions.store import SessionStore
from reev_flow.values.tagged import decode


class Bank(Protocol):
    """The outside world."""

    async def new_id(self) -> str:
        """Another one each time."""

    async def pay(self, payment: str) -> str:
        """Really pays; a receipt."""

    def paid(self) -> list[str]:
        """Every payment that was ever made, as often as it was made."""


class BankInMemory:
    """Takes its time, each time another."""

    def __init__(self, seed: int = 0) -> None:
        self.ids = 0
        self._paid: list[str] = []
        self._random = Random(seed)

    async def new_id(self) -> str:
        await self._dawdle()
        self.ids += 1
        return f"id-{self.ids}"

    async def pay(self, payment: str) -> str:
        await self._dawdle()
        self._paid.append(payment)
        await self._dawdle()
        return f"receipt of {payment}"

    def paid(self) -> list[str]:
        return list(self._paid)

    async def _dawdle(self) -> None:
        for _ in range(self._random.randrange(4)):
            await asyncio.sleep(0)


async def one_payment(session: SessionHandle, bank: Bank) -> Any:
    payment = await session.step(bank.new_id, on_interrupt="rerun")
    return await session.step(bank.pay, payment)


def gathered(bank: Bank) -> Flow[Any, Any]:
    @flow(name="two_payments")
    async def two_payments(session: SessionHandle) -> Any:
        return await session.gather(one_payment(session, bank), one_payment(session, bank))

    return two_payments


def grouped(bank: Bank) -> Flow[Any, Any]:
    @flow(name="two_payments")
    async def two_payments(session: SessionHandle) -> Any:
        async with session.task_group() as group:
            tasks = [group.create_task(one_payment(session, bank)) for _ in range(2)]
        return [task.result() for task in tasks]

    return two_payments


def branched(bank: Bank) -> Flow[Any, Any]:
    @flow(name="two_payments")
    async def two_payments(session: SessionHandle) -> Any:
        async def in_branch(name: str) -> Any:
            with session.branch(name):
                return await one_payment(session, bank)

        return await asyncio.gather(in_branch("left"), in_branch("right"))

    return two_payments


FORMS: dict[str, Callable[[Bank], Flow[Any, Any]]] = {"gather": gathered, "task_group": grouped, "branch": branched}


async def answer_truthfully(store: SessionStore, session_id: str, bank: Bank) -> None:
    """Whoever is asked looks into the books of the bank."""
    for step in await open_questions(store, session_id):
        payment = argument_of(store, session_id, step)
        happened = payment in bank.paid()
        answer = {"happened": True, "result": f"receipt of {payment}"} if happened else False
        try:
            await send_answer(store, SystemClock(), session_id, answer, step=step, sender="ann")
        except (AlreadyAnswered, NoSuchQuestion):
            return


def argument_of(store: SessionStore, session_id: str, step: str) -> str:
    """What the step was last started with."""
    entries = store.read_journal(session_id).result()
    started = [entry for entry in entries if entry.step == step and entry.kind is EntryKind.STARTED]
    began = read_record(started[-1])
    assert isinstance(began, Began)
    return str(decode(began.arguments)[0][0])


async def with_answers(run: Awaitable[Any], store: SessionStore, session_id: str, bank: Bank) -> Any:
    """What the run gives, with somebody beside it who answers its questions."""
    running = asyncio.ensure_future(run)
    while not running.done():
        await asyncio.wait([running], timeout=0.002)
        if not running.done():
            await answer_truthfully(store, session_id, bank)
    return await running
