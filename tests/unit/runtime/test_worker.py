"""Workers in one process: how much they take up at once, in which order, and how they stop."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from reev_flow.errors import SessionError, StoreError
from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.runtime.manager import SessionManager
from reev_flow.runtime.worker_news import WorkerNews
from reev_flow.sessions.state import SessionState
from reev_flow.stores.memory import MemorySessionStore
from reev_flow.values.tagged import encode
from support.failing_stores import refused
from support.journals import Story
from support.workers import state_of, told, until, worker

POLL_SECONDS = 0.01


class Job:
    """A flow whose step waits until it may go on, and what was told of its sessions."""

    def __init__(self) -> None:
        self.began: list[str] = []
        self.running = self.most_running = 0
        self.may_end = asyncio.Event()
        self.news: list[WorkerNews] = []

        @flow(name="job", on_interrupt="rerun")
        async def job(session: SessionHandle) -> str:
            return str(await session.step(self.work, session.session_id))

        self.flow = job

    async def work(self, session_id: str) -> str:
        self.began.append(session_id)
        self.running += 1
        self.most_running = max(self.running, self.most_running)
        try:
            await self.may_end.wait()
        finally:
            self.running -= 1
        return "done"

    def happened(self, what: str) -> list[str]:
        return [news.session_id for news in self.news if news.what == what]

    def worker(self, manager: SessionManager, *more: Any, concurrent: int = 10, **options: Any) -> Any:
        pace = {"concurrent": concurrent, "poll_seconds": POLL_SECONDS} | options
        return manager.worker(self.flow, *more, tell=self.news.append, **pace)


@pytest.fixture
def job() -> Job:
    return Job()


def left(store: Any, *names: str, flow: str = "job", entry_point: str = "here:job") -> None:
    """Interrupted, one after the other."""
    for second, name in enumerate(names, 1):
        told = Story(name, flow=flow, arguments=encode([[], {}]), definition=b"", entry_point=entry_point).run(0)
        told.become(SessionState.INTERRUPTED, second)
        told.keep_in(store)


async def test_no_more_than_so_many_run_at_once_and_all_are_taken_up(job):
    store = MemorySessionStore()
    left(store, *(f"s-{number}" for number in range(9)))
    async with worker(store) as manager:
        working = asyncio.create_task(job.worker(manager, concurrent=2).work_off())
        await until(lambda: len(job.began) == 2)
        await asyncio.sleep(5 * POLL_SECONDS)
        assert len(job.began) == 2
        job.may_end.set()
        await working
    assert job.most_running == 2
    assert len(job.happened("ended")) == 9


async def test_what_waits_longest_is_taken_up_first(job):
    """Within a few of them workers go different ways."""
    store = MemorySessionStore()
    left(store, *(f"s-{number:02}" for number in range(20)))
    job.may_end.set()
    async with worker(store) as manager:
        await job.worker(manager, concurrent=1).work_off()
    assert [set(job.began[first : first + 4]) for first in range(0, 20, 4)] == [
        {f"s-{number:02}" for number in range(first, first + 4)} for first in range(0, 20, 4)
    ]


async def test_what_comes_later_is_taken_up_at_the_next_round(job):
    store = MemorySessionStore()
    job.may_end.set()
    async with worker(store) as manager:
        working = asyncio.create_task(job.worker(manager).work())
        left(store, "s-1")
        await until(lambda: job.happened("ended") == ["s-1"])
        left(store, "s-2")
        await until(lambda: job.happened("ended") == ["s-1", "s-2"])
    await working


async def test_what_may_just_be_begun_by_another_is_looked_at_again_soon_and_not_a_whole_round_later(job):
    """A round is an hour here."""
    job.may_end.set()
    async with worker() as manager:
        await manager.submit(job.flow, session_id="s-1")
        working = asyncio.create_task(job.worker(manager, poll_seconds=3_600).work())
        await until(lambda: job.happened("ended") == ["s-1"])
    await working


async def test_leaving_the_manager_ends_a_worker_and_leaves_its_sessions_to_others(job):
    store = MemorySessionStore()
    left(store, "s-1", "s-2")
    async with worker(store) as manager:
        working = asyncio.create_task(job.worker(manager, concurrent=1).work())
        await until(lambda: job.began)
    await working
    assert job.happened("left") == job.began
    assert len(job.began) == 1
    assert await state_of(store, job.began[0]) is SessionState.INTERRUPTED
    assert store.holders(["s-1", "s-2"]).result() == {}


async def test_two_workers_take_each_session_once(job):
    store = MemorySessionStore()
    left(store, *(f"s-{number}" for number in range(50)))
    job.may_end.set()
    async with worker(store) as one, worker(store) as other:
        await asyncio.gather(job.worker(one).work_off(), job.worker(other).work_off())
    assert sorted(job.began) == sorted(f"s-{number}" for number in range(50))
    assert job.happened("put_off") == []


async def test_a_session_that_asks_something_is_given_back_until_it_is_answered(job):
    @flow(name="asking")
    async def asking(session: SessionHandle) -> Any:
        return await session.ask("all right?")

    store = MemorySessionStore()
    left(store, "s-1", flow="asking")
    async with worker(store) as manager:
        working = asyncio.create_task(job.worker(manager, asking).work())
        await until(lambda: job.happened("waiting"))
        await manager.answer("s-1", 5)
        await until(lambda: job.happened("ended"))
        assert (await manager.load("s-1")).state is SessionState.COMPLETED
    await working


async def test_whoever_waits_for_an_answer_with_the_flow_in_memory_is_not_robbed_of_it(job):
    @flow(name="asking")
    async def asking(session: SessionHandle) -> Any:
        return await session.ask("all right?")

    asking.entry_point = "here:asking"
    store = MemorySessionStore()
    async with worker(store) as service, worker(store) as manager:
        working = asyncio.create_task(job.worker(manager, asking).work())
        running = asyncio.create_task(service.run(asking, session_id="s-1"))
        await until(lambda: _waits(store))
        await manager.answer("s-1", 5)
        assert await running == 5
    await working
    assert job.news == []


def _waits(store: MemorySessionStore) -> bool:
    try:
        return store.load("s-1").result().state is SessionState.WAITING
    except SessionError:
        return False


async def test_a_flow_that_fails_is_told_with_why(job):
    @flow(name="failing")
    async def failing(session: SessionHandle) -> None:
        raise ValueError("no luck")

    store = MemorySessionStore()
    left(store, "s-1", flow="failing")
    async with worker(store) as manager:
        await job.worker(manager, failing).work_off()
    ended = [news for news in job.news if news.what == "ended"]
    assert [(news.state, news.detail) for news in ended] == [(SessionState.FAILED, "ValueError: no luck")]


async def test_what_cannot_be_read_is_put_off_for_longer_each_time(job):
    def taking(session: SessionHandle, number: int) -> None:
        """Its arguments are no number."""

    store = MemorySessionStore()
    broken = Story("s-1", flow="taking", arguments=b"\xc1", definition=b"", entry_point="here:taking").run(0)
    broken.become(SessionState.INTERRUPTED, 1)
    broken.keep_in(store)
    clock = Ahead()
    async with worker(store, clock=clock) as manager:
        working = asyncio.create_task(job.worker(manager, flow(taking)).work())
        for times in (1, 2, 3):
            await until(_told(job, "put_off", times))
            clock.ahead_ns += 600_000_000_000
    await working
    assert [news.seconds for news in job.news[:3]] == [1, 2, 4]
    assert await state_of(store, "s-1") is SessionState.INTERRUPTED


def _told(job: Job, what: str, times: int) -> Callable[[], bool]:
    return lambda: len(job.happened(what)) >= times


class Ahead:
    """A clock that a test sets forward."""

    def __init__(self) -> None:
        self.ahead_ns = 0

    def now_ns(self) -> int:
        return 1_800_000_000_000_000_000 + self.ahead_ns

    def monotonic_ns(self) -> int:
        return self.ahead_ns


class Unreadable:
    """A store that cannot be looked through for a while."""

    def __init__(self, store: Any) -> None:
        self.store = store
        self.is_broken = True
        self.asked = 0

    def find(self, query: Any) -> Any:
        self.asked += 1
        return refused(StoreError("the store", "it is gone", "look")) if self.is_broken else self.store.find(query)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


async def test_a_store_that_cannot_be_read_is_told_once_and_asked_again(job):
    store = Unreadable(MemorySessionStore())
    left(store.store, "s-1")
    job.may_end.set()
    async with worker(store) as manager:
        working = asyncio.create_task(job.worker(manager).work())
        await until(lambda: store.asked > 3)
        assert [news.what for news in job.news] == ["trouble"]
        store.is_broken = False
        await until(lambda: job.happened("ended") == ["s-1"])
    await working


async def test_what_somebody_else_takes_up_meanwhile_is_nobodys_mistake(job):
    store = MemorySessionStore()
    left(store, "s-1")
    async with worker(store) as one, worker(store) as other:
        working = asyncio.create_task(job.worker(one).work())
        await until(lambda: job.began)
        with pytest.raises(SessionError, match="belongs to"):
            await other.resume("s-1", job.flow)
        job.may_end.set()
        await until(lambda: job.happened("ended"))
    await working
    assert told(store)[-1] == "finished work#1"


async def test_a_wish_to_cancel_that_a_worker_did_not_live_to_hear_of_is_heard_before_anything_runs(job):
    store = MemorySessionStore()
    left(store, "s-1")
    async with worker(store) as manager:
        lease = store.claim("s-1", "elsewhere/1/2/3", 60).result()
        assert not await manager.cancel("s-1", "no longer wanted")
        store.release(lease).result()
        await job.worker(manager).work_off()
    assert job.began == []
    assert await state_of(store, "s-1") is SessionState.CANCELLED


async def test_what_a_manager_runs_itself_is_no_matter_of_its_worker(job):
    store = MemorySessionStore()
    job.flow.entry_point = "here:job"
    async with worker(store) as manager:
        running = asyncio.create_task(manager.run(job.flow, session_id="s-1"))
        await until(lambda: job.began)
        await job.worker(manager).work_off()
        job.may_end.set()
        assert await running == "done"
    assert job.news == []


class Overtaken:
    """A store in which, at the first reading after the first claim, somebody else has claimed the session already."""

    def __init__(self, store: MemorySessionStore) -> None:
        self.store = store
        self.claimed_by: list[str] = []

    def claim(self, session_id: str, worker: str, seconds: float, **options: Any) -> Any:
        claimed = self.store.claim(session_id, worker, seconds, **options)
        if not self.claimed_by:
            self.claimed_by = [worker, "somebody quicker"]
            other = self.store.claim(session_id, self.claimed_by[1], seconds, instead_of=worker).result()
            self.store.release(other).result()
        return claimed

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


async def test_a_session_that_somebody_else_claimed_before_it_was_read_is_not_put_off(job):
    store = MemorySessionStore()
    left(store, "s-1")
    job.may_end.set()
    async with worker(Overtaken(store)) as manager:
        working = asyncio.create_task(job.worker(manager).work())
        await until(lambda: job.happened("ended") == ["s-1"])
    await working
    assert (job.began, job.happened("put_off")) == (["s-1"], [])


async def test_whoever_is_told_and_cannot_bear_it_stops_no_session(job):
    def tell(_: WorkerNews) -> None:
        raise OSError("nobody reads along")

    untold: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: untold.append(context["message"]))
    store = MemorySessionStore()
    left(store, "s-1")
    job.may_end.set()
    async with worker(store) as manager:
        await manager.worker(job.flow, tell=tell).work_off()
    assert await state_of(store, "s-1") is SessionState.COMPLETED
    assert untold == ["telling that s-1 is begun failed", "telling that s-1 is ended failed"]
