"""What steps do in a session that came back from a backup: what the backup does not know may have happened."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from reev_flow.clock import SystemClock
from reev_flow.errors import SessionWaiting, StepChanged, StepInDoubt
from reev_flow.flows.code import Flow, flow
from reev_flow.flows.doubt import may_have_run_unseen
from reev_flow.flows.effects import Happened, NotHappened
from reev_flow.flows.handle import SessionHandle
from reev_flow.sessions.journal import Effect
from reev_flow.sessions.recorder import Recorder
from reev_flow.stores.memory import MemorySessionStore
from reev_flow.stores.sqlite.restoring import restore_store
from support.backed_up import made, open_store
from support.journals import Story
from support.sessions import SetClock
from support.workers import told, worker


class Shop:
    """What really happened, and the backup that was made in the middle."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.did: list[str] = []
        self.backup: Path | None = None

    async def quote(self) -> int:
        self.did.append("quote")
        return 3

    async def pay(self, price: int) -> str:
        self.did.append("pay")
        return f"paid {price}"

    async def send(self, receipt: str) -> str:
        self.did.append("send")
        return f"sent {receipt}"

    async def back_up(self) -> None:
        """Once: the life that goes on afterwards is the one that is lost."""
        if self.backup is None:
            store = open_store(self.folder)
            self.backup = made(await asyncio.to_thread(lambda: store.back_up().result()))
            store.close()

    def buying(self, on_interrupt: Any = "ask") -> Flow[Any, Any]:
        @flow(name="buying")
        async def buying(session: SessionHandle) -> str:
            price = await session.step(self.quote, on_interrupt="rerun")
            receipt = await session.step(self.pay, price)
            await session.step(self.back_up, on_interrupt="rerun")
            return str(await session.step(self.send, receipt, on_interrupt=on_interrupt))

        return buying

    async def lose_a_life(self, buying: Flow[Any, Any]) -> None:
        """It came to its end, and then the store was lost."""
        async with worker(self.folder) as manager:
            await manager.run(buying, session_id="s-1")
        assert self.backup is not None
        restore_store(self.backup, self.folder / "sessions.db", SystemClock())
        assert self.did == ["quote", "pay", "send"]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "store")


async def test_a_step_that_the_backup_does_not_know_is_not_run_unasked(shop):
    await shop.lose_a_life(shop.buying())
    async with worker(shop.folder) as manager:
        with pytest.raises(SessionWaiting, match="step send may have run after the backup was made: did it happen"):
            await manager.run(shop.buying(), session_id="s-1", wait=False)
    assert shop.did == ["quote", "pay", "send"]


@pytest.mark.parametrize(
    ("answer", "result", "runs"),
    [({"happened": True, "result": "sent before"}, "sent before", 1), (False, "sent paid 3", 2)],
)
async def test_a_person_says_whether_it_happened(shop, answer, result, runs):
    await shop.lose_a_life(shop.buying())
    async with worker(shop.folder) as manager:
        with pytest.raises(SessionWaiting):
            await manager.run(shop.buying(), session_id="s-1", wait=False)
        await manager.answer("s-1", answer)
        assert await manager.run(shop.buying(), session_id="s-1", wait=False) == result
    assert shop.did.count("send") == runs


async def test_what_the_backup_knows_is_read_back(shop):
    await shop.lose_a_life(shop.buying("rerun"))
    async with worker(shop.folder) as manager:
        await manager.run(shop.buying("rerun"), session_id="s-1")
    assert shop.did == ["quote", "pay", "send", "send"]


@pytest.mark.parametrize(("found", "runs"), [(Happened("sent before"), 1), (NotHappened(), 2)])
async def test_a_probe_is_asked_first(shop, found, runs):
    buying = shop.buying(lambda _: found)
    await shop.lose_a_life(buying)
    async with worker(shop.folder) as manager:
        await manager.run(buying, session_id="s-1")
    assert shop.did.count("send") == runs


async def test_a_step_that_is_to_fail_in_doubt_fails(shop):
    await shop.lose_a_life(shop.buying("fail"))
    async with worker(shop.folder) as manager:
        with pytest.raises(StepInDoubt):
            await manager.run(shop.buying("fail"), session_id="s-1")
    assert shop.did.count("send") == 1


async def test_the_journal_says_that_nobody_knows(shop):
    await shop.lose_a_life(shop.buying())
    async with worker(shop.folder) as manager:
        with pytest.raises(SessionWaiting):
            await manager.run(shop.buying(), session_id="s-1", wait=False)
        assert told(manager.store)[-3:] == ["started send#1", "interrupted send#1", "asked send#1"]
        assert (await manager.load("s-1")).restored_from == shop.backup.name


async def test_what_ran_since_it_came_back_is_known_like_anything_else(shop):
    await shop.lose_a_life(shop.buying())
    async with worker(shop.folder) as manager:
        with pytest.raises(SessionWaiting):
            await manager.run(shop.buying(), session_id="s-1", wait=False)
        await manager.answer("s-1", value=False)
        await manager.run(shop.buying(), session_id="s-1", wait=False)
        assert await manager.run(shop.buying(), session_id="s-1") == "sent paid 3"
    assert shop.did.count("send") == 2


async def test_a_step_that_is_called_with_other_arguments_is_refused_before_anybody_is_asked(shop):
    @flow(name="buying")
    async def buying(session: SessionHandle) -> None:
        await session.step(shop.quote, on_interrupt="rerun")
        await session.step(shop.pay, 77)

    await shop.lose_a_life(shop.buying())
    async with worker(shop.folder) as manager:
        with pytest.raises(StepChanged):
            await manager.run(buying, session_id="s-1", wait=False)


def before_and_since() -> Recorder:
    """Of a session that came back: steps whose attempt failed, was not begun, and ended, before and since."""
    story = Story().run(0)
    for moment in ("before", "since"):
        story.start(f"{moment}-retried#1", 1)
        story.fail(f"{moment}-retried#1", 2, ValueError("no"), is_final=False)
        story.do(f"{moment}-done#1", 2, 3)
        if moment == "before":
            story.come_back(9, heard=3)
    return Recorder(MemorySessionStore(), SetClock(), story.session, story.entries)


@pytest.mark.parametrize(
    ("step", "is_unknown"),
    [
        ("before-retried#1", True),
        ("before-done#1", False),
        ("since-retried#1", False),
        ("since-done#1", False),
        ("never-heard-of#1", True),
    ],
)
def test_a_step_may_have_run_unseen_when_nothing_says_what_became_of_it(step, is_unknown):
    recorder = before_and_since()
    assert may_have_run_unseen(recorder, Effect.ASK, recorder.history.get(step)) is is_unknown


def test_what_may_be_run_again_anyway_is_no_question():
    assert not may_have_run_unseen(before_and_since(), Effect.RERUN, None)
