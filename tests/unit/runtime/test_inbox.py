"""What is put to sessions from outside: answers, and the wish that they end."""

import asyncio
from typing import Any

import pytest

from reev_flow.errors import (
    AlreadyAnswered,
    LeaseLost,
    NoSuchQuestion,
    SessionCancelled,
    SessionNotFound,
    SessionTimeout,
    SessionWaiting,
)
from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.runtime.inbox import need_not_wait, open_questions, send_answer
from reev_flow.sessions.state import SessionState
from reev_flow.values.refusal import UnstorableValue
from support.crashes import LONGER_THAN_A_LEASE, World
from support.failing_stores import HoldingStore
from support.sessions import new_session
from support.workers import journal, told, until, waiting, worker


@pytest.fixture
def world() -> World:
    return World()


@flow
async def asking(session: SessionHandle) -> Any:
    return await session.ask("all right?")


@flow
async def long(session: SessionHandle) -> None:
    await session.step(asyncio.sleep, 30)


def state(world: World) -> SessionState:
    return world.store.load("s-1").result().state


async def until_it_waits(world: World) -> None:
    with pytest.raises(SessionWaiting):
        await world.go_on(asking, wait=False)


async def test_a_session_that_nobody_works_on_is_cancelled_at_once(world):
    await until_it_waits(world)
    async with worker(world.store) as manager:
        assert await manager.cancel("s-1", "enough") is True
        with pytest.raises(SessionCancelled, match="enough"):
            await manager.run(asking, session_id="s-1")
    assert world.store._shelves["s-1"].kept.worker == ""


async def test_a_session_that_was_only_created_can_be_cancelled(world):
    world.store.create(new_session()).result()
    async with worker(world.store) as manager:
        assert await manager.cancel("s-1") is True


async def test_who_cancels_and_is_too_slow_ends_nothing_with_the_epoch_of_who_came_after(world):
    await until_it_waits(world)
    holding = HoldingStore(world.store)
    async with worker(holding, clock=world.clock) as slow, worker(world.store, clock=world.clock) as quick:
        holding.hold()
        cancelling = asyncio.create_task(slow.cancel("s-1"))
        await until(lambda: "load" in holding.asked)
        holding.let_go()
        holding.hold()
        await until(lambda: "claim" in holding.asked)
        holding.let_go()
        holding.hold()
        await until(lambda: "read_journal" in holding.asked)
        world.clock.seconds += LONGER_THAN_A_LEASE
        running = asyncio.create_task(quick.run(asking, session_id="s-1"))
        await waiting(quick, "s-1")
        holding.let_go()
        with pytest.raises(LeaseLost):
            await cancelling
        await quick.answer("s-1", 5)
        assert await running == 5


async def test_a_wish_to_cancel_that_no_worker_lived_to_hear_of_ends_the_wait(world):
    await until_it_waits(world)
    lease = world.store.claim("s-1", "a worker about to die", 0.001).result()
    async with worker(world.store, clock=world.clock) as manager:
        assert await manager.cancel("s-1", "enough") is False
        world.store.release(lease).result()
        assert await need_not_wait(world.store, "s-1", world.clock.now_ns())
        assert isinstance((await manager.recover_all())["s-1"], SessionCancelled)
    assert state(world) is SessionState.CANCELLED


async def test_a_session_of_this_worker_is_cancelled_as_soon_as_it_hears_of_it(world):
    async with worker(world.store) as manager:
        running = asyncio.create_task(manager.run(long, session_id="s-1"))
        await until(lambda: world.store._shelves and told(world.store))
        assert await manager.cancel("s-1", "enough") is False
        with pytest.raises(SessionCancelled, match="enough"):
            await running
        assert await manager.cancel("s-1") is True, "it was, before"
    assert told(world.store) == ["started sleep#1", "interrupted sleep#1"]


async def test_a_session_of_another_worker_is_cancelled_as_soon_as_that_one_hears_of_it(world):
    async with worker(world.store) as manager, worker(world.store) as other:
        running = asyncio.create_task(manager.run(long, session_id="s-1"))
        await until(lambda: world.store._shelves and told(world.store))
        assert await other.cancel("s-1", "enough") is False
        assert await other.cancel("s-1", "enough, I said") is False
        with pytest.raises(SessionCancelled, match=r"enough$"):
            await running
    assert state(world) is SessionState.CANCELLED


async def test_a_session_that_waits_at_another_worker_is_cancelled_and_that_one_hears_of_it(world):
    async with worker(world.store) as manager, worker(world.store) as other:
        running = asyncio.create_task(manager.run(asking, session_id="s-1"))
        await waiting(manager, "s-1")
        assert await other.cancel("s-1", "enough") is True
        with pytest.raises(SessionCancelled):
            await running


async def test_a_session_that_another_worker_took_while_it_waited_is_left_to_that_one(world):
    async with worker(world.store) as manager, worker(world.store) as other:
        first = asyncio.create_task(manager.run(asking, session_id="s-1"))
        await waiting(manager, "s-1")
        second = asyncio.create_task(other.run(asking, session_id="s-1"))
        with pytest.raises(LeaseLost):
            await first
        await other.answer("s-1", 5)
        assert await second == 5


async def test_an_answer_does_not_make_two_workers_run_into_each_other(world):
    """Both wait for it, and the first no longer has the session."""
    async with worker(world.store, poll_seconds=0.05) as manager, worker(world.store, poll_seconds=0.005) as other:
        first = asyncio.create_task(manager.run(asking, session_id="s-1"))
        await waiting(manager, "s-1")
        second = asyncio.create_task(other.run(asking, session_id="s-1"))
        await until(lambda: world.store.load("s-1").result().epoch == 2)
        await waiting(other, "s-1")
        await manager.answer("s-1", 5)
        results = await asyncio.gather(first, second, return_exceptions=True)
    assert isinstance(results[0], LeaseLost)
    assert results[1] == 5


async def test_a_session_that_ended_is_not_cancelled(world):
    @flow
    async def short(session: SessionHandle) -> int:
        return 5

    await world.go_on(short)
    async with worker(world.store) as manager:
        assert await manager.cancel("s-1") is False
    assert state(world) is SessionState.COMPLETED


async def test_a_session_that_is_not_there_cannot_be_cancelled_answered_or_asked():
    async with worker() as manager:
        for attempt in (manager.cancel("s-1"), manager.answer("s-1", 1), manager.questions("s-1")):
            with pytest.raises(SessionNotFound):
                await attempt


async def test_an_expired_session_that_somebody_works_on_is_not_told_to_end(world):
    """The one who works on it knows how much time it has spent."""
    async with worker(world.store, clock=world.clock) as manager:
        running = asyncio.create_task(manager.run(long, session_id="s-1"))
        await until(lambda: world.store._shelves and told(world.store))
        async with worker(world.store, clock=world.clock, timeout_seconds=1) as other:
            manager._keeper._heartbeat._seconds = 3_600
            lease = manager._keeper._heartbeat._leases["s-1"]
            await asyncio.wrap_future(world.store.renew(lease, 3_600))
            world.clock.seconds += 100
            assert await other.expire() == ()
        await asyncio.sleep(0.1)
        assert (running.done(), world.store.messages("s-1").result()) == (False, ())
        running.cancel()
        await asyncio.wait([running])


async def test_an_expired_session_that_nobody_works_on_ends(world):
    assert await world.cut_off(long, after_writes=1)
    async with worker(world.store, clock=world.clock, timeout_seconds=1) as manager:
        world.clock.seconds += 100
        assert await manager.expire() == ("s-1",)
        assert await manager.expire() == ()
        with pytest.raises(SessionTimeout):
            await manager.run(long, session_id="s-1")
    assert state(world) is SessionState.TIMED_OUT


async def test_a_session_that_waits_for_an_answer_does_not_expire(world):
    await until_it_waits(world)
    async with worker(world.store, clock=world.clock, timeout_seconds=1) as manager:
        world.clock.seconds += 1_000_000
        assert await manager.expire() == ()


async def test_an_open_question_is_known_with_what_an_answer_is_addressed_to(world):
    await until_it_waits(world)
    (asked,) = (await open_questions(world.store, "s-1")).values()
    assert (asked.question.text, asked.subject) == ("all right?", "ask#1@1")


async def test_there_is_news_when_an_answer_was_not_read_yet(world):
    await until_it_waits(world)
    news = [await need_not_wait(world.store, "s-1", 0)]
    await send_answer(world.store, world.clock, "s-1", 5)
    news.append(await need_not_wait(world.store, "s-1", 0))
    await world.go_on(asking)
    news.append(await need_not_wait(world.store, "s-1", 0))
    assert news == [False, True, False]


async def test_an_answer_that_cannot_be_kept_is_refused(world):
    await until_it_waits(world)
    with pytest.raises(UnstorableValue, match="answer"):
        await send_answer(world.store, world.clock, "s-1", object())


async def test_two_people_answer_at_once(world):
    await until_it_waits(world)
    answers = await asyncio.gather(
        *(send_answer(world.store, world.clock, "s-1", number, sender=str(number)) for number in range(3)),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers if answer is not None] in (
        [AlreadyAnswered] * 2,
        [NoSuchQuestion] * 2,
    )
    assert await world.go_on(asking) == 0


async def test_everything_that_was_sent_is_in_the_journal_once(world):
    await until_it_waits(world)
    await send_answer(world.store, world.clock, "s-1", 5)
    for _ in range(2):
        assert await world.go_on(asking) == 5
    assert told(world.store) == ["asked ask#1", "answered ask#1"]
    assert journal(world.store)[-1].kind.value == "state"
