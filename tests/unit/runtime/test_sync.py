"""Session managers for code that is not async."""

import asyncio
import gc
import threading
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Any

import pytest

from reev_flow.errors import InvalidState, SessionError, SessionInterrupted, SessionNotFound, StoreError
from reev_flow.flows.code import flow
from reev_flow.flows.handing_over import handed_over
from reev_flow.flows.handle import SessionHandle
from reev_flow.runtime.manager import SessionManager
from reev_flow.runtime.sync import LoopThread
from reev_flow.sessions.config import SessionConfig
from reev_flow.stores.memory import MemorySessionStore
from support.workers import told


@flow
async def double(session: SessionHandle, number: int) -> int:
    return int(await session.step(int, number * 2))


@flow
def triple(session: Any, number: int) -> int:
    return int(session.step(int, number * 3))


@pytest.fixture(autouse=True)
def nothing_is_left():
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        if "reev-flow" in thread.name:
            thread.join(10)
            assert not thread.is_alive(), thread.name


def test_flows_of_both_kinds_are_run():
    with SessionManager.sync("memory:") as manager:
        assert [manager.run(double, 4), manager.run(triple, 4)] == [8, 12]


def test_any_number_of_threads_may_use_it():
    with SessionManager.sync("memory:", config=SessionConfig(max_concurrent=3)) as manager:
        with ThreadPoolExecutor(8) as threads:
            assert list(threads.map(lambda number: manager.run(double, number), range(40))) == list(range(0, 80, 2))
        assert len(manager.list()) == 40


def test_steps_are_called_by_hand():
    store = MemorySessionStore()
    with SessionManager.sync(store) as manager:
        session = manager.start_flow("by hand", session_id="s-1")
        assert session.step(int, "5") == 5
        manager.end_flow(session, "done")
        with pytest.raises(InvalidState):
            manager.end_flow(session)
        with pytest.raises(InvalidState):
            session.step(int, "6")
    assert told(store) == ["started int#1", "finished int#1"]


def test_errors_reach_the_caller():
    with SessionManager.sync("memory:") as manager:
        with pytest.raises(SessionNotFound):
            manager.load("s-1")
        with pytest.raises(ValueError, match="many"):
            manager.run(double, "many")
        assert manager.config.max_concurrent == 100


def test_leaving_the_block_stops_what_runs_in_other_threads():
    store, begun = MemorySessionStore(), threading.Event()
    outcomes: list[BaseException] = []

    @flow
    def endless(session: Any) -> None:
        begun.set()
        while True:
            session.step(int, 1)

    def run() -> None:
        try:
            manager.run(endless, session_id="s-1")
        except SessionError as error:
            outcomes.append(error)

    with SessionManager.sync(store) as manager:
        thread = threading.Thread(target=run)
        thread.start()
        begun.wait(10)
    thread.join(10)
    assert len(outcomes) == 1
    assert store.load("s-1").result().state.value == "interrupted"


def test_a_store_that_cannot_be_opened_leaves_nothing_behind(tmp_path):
    (tmp_path / "a_file").write_text("")
    with pytest.raises(StoreError), SessionManager.sync(tmp_path / "a_file"):
        pass


def test_a_block_can_be_left_while_a_flow_takes_no_notice(tmp_path):
    store, begun, ends = MemorySessionStore(), threading.Event(), threading.Event()

    @flow
    def deaf(session: Any) -> None:
        begun.set()
        ends.wait(20)

    with SessionManager.sync(store, config=SessionConfig(stop_seconds=0.05)) as manager:
        manager.start(deaf, session_id="s-1")
        begun.wait(10)
    assert store.load("s-1").result().state.value == "interrupted"
    ends.set()


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_manager_that_is_not_open_says_so_and_forgets_no_coroutine():
    manager = SessionManager.sync("memory:")
    with pytest.raises(SessionError, match="is not open"):
        manager.list()
    with manager:
        session = manager.start_flow("by hand")
    with pytest.raises(SessionError, match="is not open"):
        manager.list()
    with pytest.raises(SessionInterrupted):
        session.step(int, "5")
    gc.collect()


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_steps_that_a_flow_calls_after_its_manager_was_left_are_refused():
    begun, left, ended = threading.Event(), threading.Event(), threading.Event()
    outcomes: list[SessionError] = []

    @flow
    def late(session: Any) -> None:
        begun.set()
        left.wait(20)
        try:
            session.step(int, "5")
        except SessionError as error:
            outcomes.append(error)
        ended.set()

    with SessionManager.sync("memory:", config=SessionConfig(stop_seconds=0.05)) as manager:
        manager.start(late)
        begun.wait(10)
    left.set()
    assert ended.wait(10)
    gc.collect()
    assert [type(error) for error in outcomes] == [SessionInterrupted]


def test_what_is_handed_over_while_the_loop_stops_is_cancelled_and_not_forgotten():
    thread = LoopThread()
    began: list[str] = []

    async def work() -> None:
        began.append("work")

    async def hand_over_at_the_end() -> Future[None]:
        thread.loop.stop()
        return handed_over(work(), thread.loop)

    late = handed_over(hand_over_at_the_end(), thread.loop).result(10)
    with pytest.raises(CancelledError):
        late.result(10)
    assert began == []


def test_a_manager_can_be_opened_again_but_not_twice_at_once():
    manager = SessionManager.sync(MemorySessionStore())
    with manager:
        manager.run(double, 4, session_id="s-1")
        with pytest.raises(SessionError, match="open already"):
            manager.__enter__()
    with manager:
        assert manager.run(double, 4, session_id="s-1") == 8


def test_what_given_up_work_raises_is_reported_by_nobody(caplog):
    thread, begun = LoopThread(), threading.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.sleep(20)
        except asyncio.CancelledError:
            raise SessionInterrupted("s-1") from None

    future = handed_over(work(), thread.loop)
    begun.wait(10)
    future.cancel()
    thread.end()
    gc.collect()
    assert caplog.records == []


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_work_that_is_given_up_before_it_begins_never_does():
    thread, may_go_on, began = LoopThread(), threading.Event(), []

    async def work() -> None:
        began.append("work")

    thread.loop.call_soon_threadsafe(may_go_on.wait, 10)
    handed_over(work(), thread.loop).cancel()
    may_go_on.set()
    thread.end()
    gc.collect()
    assert began == []
