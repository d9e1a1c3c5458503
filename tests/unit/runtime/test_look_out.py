"""What a worker finds when it looks through a store, and what it leaves alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any

from msgspec.structs import replace

from reev_flow.flows.code import Flow
from reev_flow.runtime.keeper import SessionKeeper
from reev_flow.runtime.look_out import GRACE_NS, LookOut
from reev_flow.runtime.repertoire import Repertoire
from reev_flow.runtime.worker_news import WorkerNews
from reev_flow.runtime.workers import worker_name
from reev_flow.sessions.config import SessionConfig
from reev_flow.sessions.data import Message
from reev_flow.sessions.journal import EntryKind
from reev_flow.sessions.records import Question
from reev_flow.sessions.state import SessionState
from reev_flow.stores.memory import MemorySessionStore
from reev_flow.stores.urls import open_session_store
from reev_flow.values.tagged import encode
from support.journals import Story, at
from support.processes import pid_of_nobody
from support.session_stores import JOURNAL_DAMAGES, change
from support.sessions import SetClock, new_session

WAITING = SessionState.WAITING


def pay(session: Any) -> None:
    """A flow."""


class Looking:
    """A worker's look-out, its store, its clock, and what it told."""

    def __init__(self, store: Any) -> None:
        self.clock = SetClock(1_000)
        self.store = store
        self.told: list[WorkerNews] = []
        self.keeper = SessionKeeper(store, SessionConfig(), self.clock)
        self.look_out = LookOut(self.keeper, Repertoire([Flow(pay)]), self.told.append)

    async def found(self) -> list[str]:
        return [left.session.session_id for left in await self.look_out.look()]

    async def why(self) -> dict[str, str]:
        return {left.session.session_id: left.why for left in await self.look_out.look()}


@asynccontextmanager
async def looking(store: Any = None) -> AsyncIterator[Looking]:
    looking = Looking(store or MemorySessionStore(clock=SetClock(1_000)))
    yield looking
    looking.keeper.close()


def story(session_id: str, *, flow: str = "pay", entry_point: str = "here:pay") -> Story:
    facts: dict[str, Any] = {"arguments": encode([[], {}]), "definition": b"", "entry_point": entry_point}
    return Story(session_id, flow=flow, **facts).run(0)


def interrupted(session_id: str, second: float = 1, **facts: Any) -> Story:
    told = story(session_id, **facts)
    told.become(SessionState.INTERRUPTED, second)
    return told


def asked(session_id: str) -> Story:
    told = story(session_id)
    told.ask("ask[go]", 1, "Go on?")
    told.become(WAITING, 2)
    return told


def answer(store: Any, session_id: str) -> None:
    message = Message(session_id=session_id, subject="ask[go]@1", value=encode(True), sent_ns=at(3))  # noqa: FBT003
    store.send(message).result()


async def test_the_one_whose_last_change_is_longest_ago_comes_first():
    async with looking() as out:
        for name, second in (("b", 5), ("a", 7), ("c", 3)):
            interrupted(name, second).keep_in(out.store)
        assert await out.found() == ["c", "b", "a"]


async def test_sessions_whose_steps_are_called_by_hand_are_left_alone():
    async with looking() as out:
        interrupted("s-1", entry_point="").keep_in(out.store)
        assert await out.found() == []
        assert out.told == []


async def test_a_flow_that_is_not_known_is_told_once():
    async with looking() as out:
        for name in ("s-1", "s-2"):
            interrupted(name, flow="lend").keep_in(out.store)
        assert await out.found() == await out.found() == []
        assert [(news.what, news.flow) for news in out.told] == [("unknown", "lend")]


async def test_whose_worker_lives_is_left_to_it_and_whose_worker_is_gone_or_silent_is_found():
    async with looking() as out:
        for name in ("lives", "gone", "silent"):
            story(name).keep_in(out.store)
        machine, _, began, nonce = worker_name("n").split("/")
        out.store.claim("lives", worker_name("n"), 60).result()
        out.store.claim("gone", f"{machine}/{pid_of_nobody()}/{began}/{nonce}", 60).result()
        out.store.claim("silent", "elsewhere/1/2/3", -1).result()
        assert await out.why() == {"gone": "its worker is gone", "silent": "its lease ran out"}


async def test_what_was_just_created_is_left_to_whoever_creates_it_for_a_moment():
    async with looking() as out:
        out.store.create(new_session(flow="pay", entry_point="here:pay", definition=b"")).result()
        assert await out.found() == []
        assert out.look_out.is_expecting
        out.clock.seconds += 1
        assert await out.found() == ["s-1"]
        assert not out.look_out.is_expecting


async def test_the_next_look_is_worth_it_when_the_first_of_them_was_left_for_long_enough():
    async with looking() as out:
        assert out.look_out.worth_a_look_ns is None
        for name in ("s-1", "s-2"):
            created = new_session(name, flow="pay", entry_point="here:pay", definition=b"")
            out.store.create(created).result()
            await out.found()
            out.clock.seconds += 0.2
        first_seen_ns = out.clock.monotonic_ns() - 400_000_000
        assert out.look_out.worth_a_look_ns == first_seen_ns + GRACE_NS


async def test_what_was_answered_is_left_to_whoever_waits_for_it_for_a_moment():
    async with looking() as out:
        asked("s-1").keep_in(out.store)
        assert await out.found() == []
        assert not out.look_out.is_expecting
        answer(out.store, "s-1")
        assert await out.found() == []
        out.clock.seconds += 1
        assert await out.found() == ["s-1"]


async def test_what_waits_past_its_deadline_is_found():
    async with looking() as out:
        told = story("s-1")
        told.note(EntryKind.ASKED, Question(text="Go on?", deadline_ns=at(100)), 1, ("ask[go]", 1))
        told.become(WAITING, 2)
        told.session = replace(told.session, deadline_ns=at(100))
        told.keep_in(out.store)
        await out.found()
        out.clock.seconds += 1
        assert await out.why() == {"s-1": "it has an answer, or its deadline passed"}


async def test_what_was_put_off_is_left_alone_for_so_long():
    async with looking() as out:
        interrupted("s-1").keep_in(out.store)
        out.look_out.put_off("s-1", 5_000_000_000)
        out.clock.seconds += 4
        assert await out.found() == []
        out.clock.seconds += 1
        assert await out.found() == ["s-1"]


async def test_what_is_in_hand_is_not_found_again():
    async with looking() as out:
        interrupted("s-1").keep_in(out.store)
        out.look_out.in_hand.add("s-1")
        assert await out.found() == []


async def test_many_that_have_nothing_new_hold_up_nobody_for_long():
    """Each was sent something that answers nothing, so that all of them have to be looked at more closely, some at each look."""
    async with looking() as out:
        for number in range(600):
            asked(f"s-{number}").keep_in(out.store)
            message = Message(session_id=f"s-{number}", subject="other", sent_ns=at(3))
            out.store.send(message).result()
        answer(out.store, "s-599")
        looks = [await out.look_out.look() for _ in range(3)]
        assert not any(looks)
        out.clock.seconds += 1
        assert [name for _ in range(3) for name in await out.found()] == ["s-599"]


async def test_a_session_that_is_damaged_keeps_nobody_from_the_others(tmp_path):
    with closing(open_session_store(tmp_path)) as store:
        async with looking(store) as out:
            for name in ("bad", "good"):
                asked(name).keep_in(store)
                answer(store, name)
            change(tmp_path / "sessions.db", JOURNAL_DAMAGES["an entry"], "bad")
            await out.found()
            out.clock.seconds += 1
            assert await out.found() == ["good"]


class Counting:
    """Counts what is read of single sessions."""

    def __init__(self, store: Any) -> None:
        self.store = store
        self.reads = 0

    def __getattr__(self, name: str) -> Any:
        self.reads += name in {"load", "read_journal", "messages"}
        return getattr(self.store, name)


async def test_of_ten_thousand_that_wait_only_the_one_that_was_answered_is_read(tmp_path):
    with closing(open_session_store(tmp_path)) as store:
        facts: dict[str, Any] = {"flow": "pay", "entry_point": "here:pay", "definition": b"", "state": WAITING}
        await asyncio.gather(
            *(asyncio.wrap_future(store.create(new_session(f"w-{number}", **facts))) for number in range(9_999))
        )
        asked("s-1").keep_in(store)
        answer(store, "s-1")
        counting = Counting(store)
        async with looking(counting) as out:
            await out.found()
            out.clock.seconds += 1
            assert await out.found() == ["s-1"]
        assert counting.reads < 20
