"""The sessions of one worker: started, run, found again, ended."""

import asyncio
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reev_flow.errors import (
    InvalidState,
    LeaseHeld,
    LeaseLost,
    SessionError,
    SessionExists,
    SessionForgotten,
    SessionInterrupted,
    SessionNotFound,
    SessionTimeout,
    SessionWaiting,
    StoreError,
    TooManySessions,
    UnknownFlow,
)
from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.runtime.manager import SessionManager
from reev_flow.runtime.origins import CODE_CHANGED
from reev_flow.sessions.config import SessionConfig
from reev_flow.sessions.journal import EntryKind
from reev_flow.sessions.records import Change, read_record
from reev_flow.sessions.state import SessionState
from reev_flow.stores.memory import MemorySessionStore
from reev_flow.values.refusal import UnstorableValue
from support.crashes import World
from support.failing_stores import FillingStore, HoldingStore
from support.sessions import NS
from support.virtual_time import LoopClock, run_in_virtual_time
from support.workers import journal, state_of, told, until, waiting, worker


@dataclass
class Receipt:
    number: int


@flow
async def double(session: SessionHandle, number: int, *, plus: int = 0) -> int:
    return int(await session.step(int, number * 2 + plus))


@flow
async def buy(session: SessionHandle) -> Receipt:
    return Receipt(7)


@flow
async def long(session: SessionHandle) -> None:
    await session.step(asyncio.sleep, 30)


@flow
async def asking(session: SessionHandle) -> Any:
    return await session.ask("all right?")


@pytest.fixture
def world() -> World:
    return World()


def states(world: World) -> list[SessionState]:
    changes = [read_record(entry) for entry in journal(world.store) if entry.kind is EntryKind.STATE]
    return [change.state for change in changes if isinstance(change, Change)]


async def test_a_flow_is_run_and_its_result_given():
    async with worker() as manager:
        assert await manager.run(double, 4, plus=1) == 9


async def test_each_run_is_a_session_of_its_own():
    async with worker() as manager:
        assert await asyncio.gather(*(manager.run(double, number) for number in range(20))) == list(range(0, 40, 2))
        assert len(await manager.list()) == 20


async def test_a_run_with_an_id_happens_once_however_often_it_is_asked_for(world):
    calls: list[int] = []

    @flow
    async def counting(session: SessionHandle) -> Any:
        await session.step(calls.append, 1)
        return len(calls)

    async with worker(world.store) as manager:
        assert [await manager.run(counting, session_id="s-1") for _ in range(3)] == [1, 1, 1]


async def test_a_run_that_this_manager_makes_already_is_waited_for():
    calls: list[int] = []

    @flow
    async def counting(session: SessionHandle) -> Any:
        await session.step(calls.append, 1)
        await session.step(asyncio.sleep, 0.01)
        return len(calls)

    async with worker() as manager:
        results = await asyncio.gather(*(manager.run(counting, session_id="s-1") for _ in range(5)))
    assert results == [1] * 5


async def test_an_id_of_another_flow_is_refused(world):
    async with worker(world.store) as manager:
        await manager.run(double, 4, session_id="s-1")
        with pytest.raises(SessionExists, match="choose another id"):
            await manager.run(buy, session_id="s-1")


@pytest.mark.parametrize("arguments", [((5,), {}), ((4,), {"plus": 1}), ((4.0,), {}), (("4",), {})])
async def test_an_id_of_a_run_with_other_arguments_is_refused(world, arguments):
    args, kwargs = arguments
    async with worker(world.store) as manager:
        await manager.run(double, 4, plus=0, session_id="s-1")
        with pytest.raises(SessionExists):
            await manager.run(double, *args, session_id="s-1", **kwargs)


async def test_the_order_of_arguments_by_name_does_not_matter():
    @flow
    async def named(session: SessionHandle, *, a: int, b: int) -> int:
        return a - b

    async with worker() as manager:
        assert await manager.run(named, a=3, b=1, session_id="s-1") == 2
        assert await manager.run(named, b=1, a=3, session_id="s-1") == 2


async def test_arguments_that_a_resumed_run_could_not_be_given_are_refused():
    async with worker() as manager:
        with pytest.raises(UnstorableValue, match="arguments of double"):
            await manager.run(double, threading.Lock())
        assert await manager.list() == ()


async def test_results_are_of_their_type_whoever_asks(world):
    async with worker(world.store) as manager:
        await manager.run(buy, session_id="s-1")
        assert [
            await manager.run(buy, session_id="s-1"),
            await manager.resume("s-1", buy),
            await manager.resume("s-1"),
        ] == [Receipt(7)] * 3


async def test_a_session_is_resumed_by_its_own_memory_of_its_code(world):
    assert await world.cut_off(double, 4, after_writes=1)
    world.clock.seconds += 100
    async with worker(world.store, clock=world.clock) as manager:
        assert await manager.resume("s-1") == 8


async def test_what_cannot_be_found_again_is_told(world):
    @flow
    async def local(session: SessionHandle) -> None:
        await session.step(int, 1)

    assert await world.cut_off(local, after_writes=1)
    world.clock.seconds += 100
    async with worker(world.store, clock=world.clock) as manager:
        with pytest.raises(UnknownFlow, match="--app"):
            await manager.resume("s-1")
        with pytest.raises(UnknownFlow, match="not a @flow"):
            await manager.resume("s-1", print)
        with pytest.raises(SessionNotFound):
            await manager.resume("s-2")
        await manager.resume("s-1", local)


async def test_steps_called_by_hand_cannot_be_resumed_by_the_manager(world):
    async with worker(world.store) as manager:
        await manager.start_flow("by hand", session_id="s-1")
    async with worker(world.store) as manager:
        with pytest.raises(UnknownFlow, match="by hand"):
            await manager.resume("s-1")


@pytest.mark.parametrize("how", ["run", "resume"])
async def test_code_that_changed_under_a_session_is_noted(world, how):
    @flow(name="changing")
    async def before(session: SessionHandle) -> int:
        return int(await session.step(int, 1))

    @flow(name="changing")
    async def after(session: SessionHandle) -> int:
        return 1 + int(await session.step(int, 1))

    assert await world.cut_off(before, after_writes=1)
    world.clock.seconds += 100
    async with worker(world.store, clock=world.clock) as manager:
        again = manager.run(after, session_id="s-1") if how == "run" else manager.resume("s-1", after)
        assert await again == 2
    reasons = [read_record(entry).reason for entry in journal(world.store) if entry.kind is EntryKind.STATE]  # type: ignore[union-attr]
    assert CODE_CHANGED in reasons


async def test_no_more_sessions_run_at_once_than_may():
    running = most = 0

    @flow
    async def counting(session: SessionHandle) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await session.step(asyncio.sleep, 0.002)
        running -= 1

    async with worker(max_concurrent=3) as manager:
        await asyncio.gather(*(manager.run(counting) for _ in range(12)))
    assert most == 3


async def test_sessions_are_served_in_the_order_in_which_they_came():
    served: list[int] = []

    @flow
    async def serving(session: SessionHandle, number: int) -> None:
        served.append(number)
        await session.step(asyncio.sleep, 0)

    async with worker(max_concurrent=1) as manager:
        await asyncio.gather(*(manager.run(serving, number) for number in range(10)))
    assert served == list(range(10))


async def test_when_the_queue_is_full_new_sessions_are_refused():
    async with worker(max_concurrent=1, most_waiting=1) as manager:
        tasks = [asyncio.create_task(manager.run(long)) for _ in range(2)]
        await until(lambda: manager._keeper.turns.waiting == 1)
        with pytest.raises(TooManySessions):
            await manager.run(double, 1)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def test_a_session_that_waits_for_an_answer_takes_nobodys_turn():
    async with worker(max_concurrent=1) as manager:
        waits = asyncio.create_task(manager.run(asking, session_id="s-1"))
        await waiting(manager, "s-1")
        assert await manager.run(double, 4) == 8
        await manager.answer("s-1", 5)
        assert await waits == 5


async def test_many_questions_and_few_turns_do_not_block_each_other():
    @flow
    async def chatty(session: SessionHandle, number: int) -> Any:
        answers = []
        for _ in range(3):
            await session.step(int, number)
            answers.append(await session.ask("again?"))
        return answers

    async with worker(max_concurrent=1, poll_seconds=0.002) as manager:
        runs = [asyncio.create_task(manager.run(chatty, number, session_id=f"s-{number}")) for number in range(8)]
        while not all(run.done() for run in runs):
            for number in range(8):
                if await state_of(manager.store, f"s-{number}") is SessionState.WAITING:
                    for step in await manager.questions(f"s-{number}"):
                        await manager.answer(f"s-{number}", number, question=step)
            await asyncio.sleep(0.002)
        assert [run.result() for run in runs] == [[number] * 3 for number in range(8)]


def test_waiting_for_an_answer_counts_towards_no_time_limit():
    @flow
    async def patient(session: SessionHandle) -> Any:
        answer = await session.ask("all right?")
        await session.step(asyncio.sleep, 2)
        return answer

    async def main() -> None:
        async with worker(MemorySessionStore(), clock=LoopClock(), poll_seconds=5, timeout_seconds=20) as manager:
            running = asyncio.create_task(manager.run(patient, session_id="s-1"))
            await waiting(manager, "s-1")
            await asyncio.sleep(40)
            assert not running.done()
            await manager.answer("s-1", "late")
            assert await running == "late"

    run_in_virtual_time(main())


def test_time_goes_on_counting_after_an_answer():
    @flow
    async def slow(session: SessionHandle) -> None:
        await session.ask("all right?")
        await session.step(asyncio.sleep, 40)

    async def main() -> None:
        async with worker(MemorySessionStore(), clock=LoopClock(), poll_seconds=5, timeout_seconds=20) as manager:
            running = asyncio.create_task(manager.run(slow, session_id="s-1"))
            await waiting(manager, "s-1")
            await manager.answer("s-1", 1)
            with pytest.raises(SessionTimeout):
                await running
            assert await state_of(manager.store, "s-1") is SessionState.TIMED_OUT

    run_in_virtual_time(main())


async def test_the_time_of_former_workers_counts(world):
    @flow
    async def slow(session: SessionHandle) -> None:
        await session.step(int, 1)
        world.clock.seconds += 50
        await session.step(int, 2)
        await session.step(asyncio.sleep, 30, on_interrupt="rerun")

    async with worker(world.store, clock=world.clock, timeout_seconds=50.05) as manager:
        running = asyncio.create_task(manager.run(slow, session_id="s-1"))
        await until(lambda: world.store._shelves and "finished int#2" in told(world.store))
        running.cancel()
        await asyncio.wait([running])
    world.clock.seconds += 10_000
    async with worker(world.store, clock=world.clock, timeout_seconds=50.05) as manager:
        with pytest.raises(SessionTimeout):
            await manager.run(slow, session_id="s-1")


async def test_a_clock_that_goes_backwards_stops_nobody(world):
    @flow
    async def counting(session: SessionHandle) -> list[int]:
        numbers = []
        for number in range(4):
            world.clock.seconds -= 1_000_000
            numbers.append(await session.step(int, number))
        return numbers

    assert await world.cut_off(counting, after_writes=4)
    world.clock.seconds += 10_000_000
    async with worker(world.store, clock=world.clock) as manager:
        with pytest.raises(SessionWaiting):
            await manager.run(counting, session_id="s-1", wait=False)
        await manager.answer("s-1", {"happened": True, "result": 1})
        assert await manager.run(counting, session_id="s-1") == [0, 1, 2, 3]
    times = [entry.time_ns for entry in journal(world.store)]
    assert times == sorted(times)


async def test_leaving_the_block_interrupts_what_still_runs_and_it_goes_on_later(world):
    @flow
    async def slow(session: SessionHandle) -> Any:
        await session.step(int, 1)
        return await session.step(asyncio.sleep, 0.02, "slept", on_interrupt="rerun")

    async with worker(world.store) as manager:
        running = asyncio.create_task(manager.run(slow, session_id="s-1"))
        await until(lambda: world.store._shelves and "finished int#1" in told(world.store))
    with pytest.raises(SessionInterrupted, match="reev-flow resume s-1"):
        await running
    assert await world.go_on(slow) == "slept"


async def test_leaving_the_block_does_not_wait_for_ever_for_a_flow_that_does_not_stop(world):
    ends = asyncio.Event()

    @flow
    async def deaf(session: SessionHandle) -> None:
        await session.step(int, 1)
        while not ends.is_set():
            try:
                await ends.wait()
            except asyncio.CancelledError:
                continue
        await session.step(int, 2)

    async with worker(world.store, stop_seconds=0.05) as manager:
        running = asyncio.create_task(manager.run(deaf, session_id="s-1"))
        await until(lambda: world.store._shelves and "finished int#1" in told(world.store))
    assert states(world)[-1] is SessionState.INTERRUPTED
    ends.set()
    with pytest.raises(SessionError):
        await running
    assert told(world.store) == ["started int#1", "finished int#1"]


async def test_leaving_the_block_with_a_full_disk_gives_everything_back(world):
    filling = FillingStore(world.store, room_for=100)
    async with worker(filling, clock=world.clock) as manager:
        by_hand = await manager.start_flow("by hand", session_id="s-2")
        await by_hand.step(int, 1)
        running = [asyncio.create_task(manager.run(long, session_id="s-1"))]
        await until(lambda: "s-1" in world.store._shelves and told(world.store))
        filling.room_for = len(filling.writes)
    with pytest.raises(SessionError):
        await running[0]
    assert not any("reev-flow" in thread.name and "heartbeat" in thread.name for thread in threading.enumerate())


async def test_a_session_that_begins_while_the_manager_leaves_is_interrupted(world):
    holding = HoldingStore(world.store)
    async with SessionManager(holding) as manager:
        holding.hold()
        beginning = asyncio.create_task(manager.run(long))
        await until(lambda: "append" in holding.asked)
    holding.let_go()
    with pytest.raises(SessionInterrupted):
        await beginning
    (shelf,) = world.store._shelves.values()
    assert shelf.kept.worker == ""


@pytest.mark.parametrize("call", ["run", "list", "load", "cancel", "answer", "questions", "prune", "expire", "resume"])
async def test_outside_of_its_block_a_manager_says_how_it_is_used(call):
    arguments: dict[str, Any] = {"run": (buy,), "answer": ("s-1", 1)}
    manager = SessionManager("memory:")
    for _ in range(2):
        with pytest.raises(SessionError, match="async with SessionManager"):
            await getattr(manager, call)(*arguments.get(call, () if call in {"list", "prune", "expire"} else ("s-1",)))
        async with manager:
            await manager.list()


async def test_a_store_of_ones_own_stays_open(world):
    async with worker(world.store) as manager:
        await manager.run(buy)
    async with worker(world.store) as manager:
        assert len(await manager.list()) == 1


async def test_a_place_that_cannot_be_used_is_told_before_anything_runs(tmp_path: Path):
    (tmp_path / "a_file").write_text("")
    with pytest.raises(StoreError, match="a file, not a folder"):
        async with SessionManager(tmp_path / "a_file"):
            pass


def test_without_an_event_loop_it_says_what_to_use():
    manager = SessionManager("memory:")
    with pytest.raises(SessionError, match=r"SessionManager\.sync\(\)"):
        manager.__aenter__().send(None)


async def test_the_settings_say_where_and_how(tmp_path, monkeypatch):
    monkeypatch.setenv("REEV_SESSION_STORE_PATH", str(tmp_path / "kept"))
    monkeypatch.setenv("REEV_SESSION_MAX_CONCURRENT", "3")
    async with SessionManager() as manager:
        await manager.run(buy)
        assert manager.config.max_concurrent == 3
    assert (tmp_path / "kept" / "sessions.db").is_file()


async def test_sessions_are_found_by_state_flow_and_beginning_of_their_id(world):
    async with worker(world.store, clock=world.clock) as manager:
        await manager.run(buy, session_id="a-1")
        await manager.run(double, 1, session_id="a-2")
        with pytest.raises(SessionWaiting):
            await manager.run(asking, session_id="b-1", wait=False)
        found = {
            "waiting": await manager.list(states=frozenset({SessionState.WAITING})),
            "buy": await manager.list(flow="buy"),
            "a": await manager.list(id_prefix="a-"),
            "one": await manager.list(limit=1),
        }
        assert await manager.load("a-1") in found["buy"]
    assert {name: len(sessions) for name, sessions in found.items()} == {"waiting": 1, "buy": 1, "a": 2, "one": 1}


async def test_sessions_that_ended_long_ago_are_forgotten(world):
    async with worker(world.store, clock=world.clock, retention_days=1) as manager:
        await manager.run(buy, session_id="s-1")
        with pytest.raises(SessionWaiting):
            await manager.run(asking, session_id="s-2", wait=False)
        world.clock.seconds += 25 * 3_600
        assert await manager.prune() == ("s-1",)
        assert [session.session_id for session in await manager.list()] == ["s-2"]


async def test_as_long_as_there_is_something_to_forget_it_is_forgotten_within_minutes(world):
    async with worker(world.store, clock=world.clock, retention_days=1) as manager:
        for second, name in ((0, "s-1"), (50, "s-2"), (24 * 3_600 + 10, "s-3"), (24 * 3_600 + 71, "s-4")):
            world.clock.seconds = second
            await manager.run(buy, session_id=name)
        left = {session.session_id for session in await manager.list()}
    assert left == {"s-3", "s-4"}


async def test_a_forgotten_session_is_not_run_again_unasked(world):
    async with worker(world.store, clock=world.clock, retention_days=30) as manager:
        await manager.run(buy, session_id="pay-nov")
        world.clock.seconds += 40 * 24 * 3_600
        await manager.run(buy)
        await manager.prune()
        for again in (manager.run, manager.start, manager.start_flow):
            with pytest.raises(SessionForgotten, match="`reev-flow sessions free pay-nov`"):
                await again(buy, session_id="pay-nov")
        assert {session.session_id for session in await manager.list()}.isdisjoint({"pay-nov"})


async def test_a_forgotten_session_that_was_freed_is_run_again(world):
    async with worker(world.store, clock=world.clock, retention_days=30) as manager:
        await manager.run(buy, session_id="pay-nov")
        world.clock.seconds += 40 * 24 * 3_600
        await manager.prune()
        manager.store.free("pay-nov").result()
        await manager.run(buy, session_id="pay-nov")
        assert (await manager.load("pay-nov")).state is SessionState.COMPLETED


async def test_of_a_forgotten_session_without_a_chosen_id_nothing_is_kept(world):
    async with worker(world.store, clock=world.clock, retention_days=30) as manager:
        await manager.run(buy)
        world.clock.seconds += 40 * 24 * 3_600
        (forgotten,) = await manager.prune()
        assert manager.store.free(forgotten).result() is False


async def test_sessions_are_kept_for_a_very_long_time_if_wanted(world):
    async with worker(world.store, clock=world.clock, retention_days=1_000_000_000) as manager:
        await manager.run(buy, session_id="s-1")
        world.clock.seconds += 10**6
        assert await manager.prune() == ()


async def test_everything_that_stopped_goes_on(world):
    assert await world.cut_off(long_enough, after_writes=1)
    world.clock.seconds += 100
    async with worker(world.store, clock=world.clock) as manager:
        for name in ("s-2", "s-3"):
            with pytest.raises(SessionWaiting):
                await manager.run(asking, session_id=name, wait=False)
        await manager.start_flow("by hand", session_id="s-4")
    async with worker(world.store, clock=world.clock) as manager:
        await manager.answer("s-3", 5)
        assert await manager.recover_all() == {"s-1": "slept", "s-3": 5}


@flow
async def long_enough(session: SessionHandle) -> Any:
    return await session.step(asyncio.sleep, 0.01, "slept", on_interrupt="rerun")


async def test_a_session_by_hand_that_ended_cannot_be_ended_or_started_again(world):
    async with worker(world.store) as manager:
        session = await manager.start_flow("by hand", session_id="s-1")
        await manager.end_flow(session, 5)
        with pytest.raises(InvalidState, match="completed"):
            await manager.end_flow(session, 6)
        with pytest.raises(SessionError, match="start another one"):
            await manager.start_flow("by hand", session_id="s-1")


async def test_a_session_by_hand_ends_with_what_went_wrong(world):
    async with worker(world.store) as manager:
        session = await manager.start_flow("by hand", session_id="s-1")
        await manager.end_flow(session, error=ValueError("no"))
        with pytest.raises(ValueError, match="no"):
            await manager.start_flow("by hand", session_id="s-1")


async def test_a_session_by_hand_that_was_timed_out_has_no_result(world):
    async with worker(world.store, timeout_seconds=0.01) as manager:
        session = await manager.start_flow("by hand", session_id="s-1")
        await asyncio.sleep(0.05)
        with pytest.raises(SessionTimeout):
            await manager.end_flow(session, 5)
    assert states(world)[-1] is SessionState.TIMED_OUT


async def test_a_session_by_hand_that_is_taken_up_again_by_another_is_lost_to_the_first(world):
    async with worker(world.store) as manager:
        session = await manager.start_flow("by hand", session_id="s-1")
        asked = asyncio.create_task(session.ask("all right?"))
        await waiting(manager, "s-1")
        again = await manager.start_flow("by hand", session_id="s-1")
        with pytest.raises(LeaseLost):
            await asked
        with pytest.raises(LeaseHeld):
            await manager.start_flow("by hand", session_id="s-1")
        with pytest.raises(LeaseLost):
            await session.step(int, 1)
        assert await again.step(int, 1) == 1
        await manager.end_flow(again)
    assert states(world)[-1] is SessionState.COMPLETED


async def test_a_session_that_another_manager_runs_is_refused_until_it_is_over(world):
    goes_on = asyncio.Event()

    @flow
    async def held_up(session: SessionHandle) -> Any:
        await session.step(goes_on.wait)
        return "done"

    async with worker(world.store) as one, worker(world.store) as other:
        running = asyncio.create_task(one.run(held_up, session_id="s-1"))
        await until(lambda: world.store._shelves and told(world.store))
        with pytest.raises(LeaseHeld, match="s-1"):
            await other.run(held_up, session_id="s-1")
        goes_on.set()
        assert [await running, await other.run(held_up, session_id="s-1")] == ["done"] * 2


async def test_a_config_of_ones_own_counts():
    async with SessionManager("memory:", config=SessionConfig(max_concurrent=7)) as manager:
        assert manager._keeper.turns._most_running == 7


async def test_memory_does_not_grow_with_the_number_of_sessions(world):
    async with worker(world.store) as manager:
        await asyncio.gather(*(manager.run(double, number) for number in range(50)))
        keeper = manager._keeper
        assert (keeper.held, keeper._going_on, keeper._heartbeat._leases, len(keeper.turns._queue)) == ({}, {}, {}, 0)


async def test_the_clock_given_is_the_one_used(world):
    world.clock.seconds = 1_000
    async with worker(world.store, clock=world.clock) as manager:
        await manager.run(buy, session_id="s-1")
        session = await manager.load("s-1")
    assert session.created_ns == world.clock.now_ns()
    assert session.ended_ns == session.created_ns
    assert session.created_ns % NS == 0
