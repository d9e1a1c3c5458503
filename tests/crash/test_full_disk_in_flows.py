"""A disk that fills up under running flows, and has room again later: nothing acknowledged is lost, nothing happens twice."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from reev_flow.errors import NoSuchQuestion, SessionError, SessionWaiting, StoreError
from reev_flow.flows.code import Flow, flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.runtime.manager import SessionManager
from reev_flow.sessions.state import SessionState
from reev_flow.stores.urls import open_session_store
from support.payments import argument_of
from support.session_stores import writer_connection
from support.sessions import is_unbroken
from support.workers import worker

SESSIONS = [f"s-{number}" for number in range(8)]
STEPS = 12


class Shop:
    """What really happened, step by step."""

    def __init__(self) -> None:
        self.sold: Counter[str] = Counter()

    async def sell(self, thing: str) -> str:
        self.sold[thing] += 1
        return "x" * 3_000  # so that it fills up soon

    def selling(self) -> Flow[Any, Any]:
        @flow(name="selling")
        async def selling(session: SessionHandle) -> int:
            receipts = [await session.step(self.sell, f"{session.session_id}/{number}") for number in range(STEPS)]
            return sum(len(receipt) for receipt in receipts)

        return selling

    async def answer(self, manager: SessionManager, session_id: str) -> None:
        """Whoever is asked knows what was sold."""
        for step in await manager.questions(session_id):
            thing = argument_of(manager.store, session_id, step)
            answer = {"happened": True, "result": "x" * 3_000} if self.sold[thing] else False
            await manager.answer(session_id, answer, question=step)


@pytest.mark.parametrize("pages", [1, 5, 20, 60])
async def test_flows_go_on_when_there_is_room_again(pages, tmp_path: Path):
    store, shop = open_session_store(tmp_path), Shop()
    connection = writer_connection(store)
    usual = connection.pragma("max_page_count")
    connection.pragma("max_page_count", connection.pragma("page_count") + pages)
    async with worker(store) as manager:
        runs = [manager.run(shop.selling(), session_id=name) for name in SESSIONS]
        failed = await asyncio.gather(*runs, return_exceptions=True)
        assert {type(error) for error in failed} == {StoreError}, "it was full for all of them"
        connection.pragma("max_page_count", usual)
        for name in SESSIONS:
            assert await sold_in_the_end(manager, shop, name) == STEPS * 3_000
    assert set(shop.sold.values()) == {1}
    assert len(shop.sold) == STEPS * len(SESSIONS)
    for name in SESSIONS:
        session, journal = store.load(name).result(), store.read_journal(name).result()
        assert session.state is SessionState.COMPLETED
        assert is_unbroken(session, journal)
    assert store.damaged().result() == ()
    store.close()


async def sold_in_the_end(manager: SessionManager, shop: Shop, name: str) -> Any:
    try:
        return await manager.run(shop.selling(), session_id=name, wait=False)
    except SessionWaiting:
        await shop.answer(manager, name)
        return await manager.run(shop.selling(), session_id=name, wait=False)


async def test_an_answer_that_was_acknowledged_before_the_disk_was_full_counts(tmp_path: Path):
    store = open_session_store(tmp_path)

    @flow
    async def asking(session: SessionHandle) -> Any:
        answer = await session.ask("all right?")
        await session.step(lambda: "x" * 1_000_000, name="fill", on_interrupt="rerun")
        return answer

    connection = writer_connection(store)
    usual = connection.pragma("max_page_count")
    async with worker(store) as manager:
        with pytest.raises(SessionWaiting):
            await manager.run(asking, session_id="s-1", wait=False)
        await manager.answer("s-1", "yes")
        connection.pragma("max_page_count", connection.pragma("page_count") + 5)
        with pytest.raises(StoreError, match="full"):
            await manager.run(asking, session_id="s-1")
        with pytest.raises((NoSuchQuestion, SessionError)):
            await manager.answer("s-1", "no")
        connection.pragma("max_page_count", usual)
        assert await manager.run(asking, session_id="s-1") == "yes"
    store.close()
