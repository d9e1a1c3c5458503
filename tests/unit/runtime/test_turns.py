"""Whose turn it is when more sessions want to run than may."""

import asyncio

import pytest

from reev_flow.errors import SessionError, TooManySessions
from reev_flow.runtime.turns import Turns


async def moment() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_so_many_have_a_turn_at_once():
    turns = Turns(2, 10)
    await turns.take()
    await turns.take()
    third = asyncio.create_task(turns.take())
    await moment()
    assert (turns.running, turns.waiting, third.done()) == (2, 1, False)
    turns.give_back()
    await third
    assert (turns.running, turns.waiting) == (2, 0)


async def test_first_come_first_served():
    turns, served = Turns(1, 10), []

    async def come(number: int) -> None:
        await turns.take()
        served.append(number)
        turns.give_back()

    await turns.take()
    coming = [asyncio.create_task(come(number)) for number in range(5)]
    await moment()
    turns.give_back()
    await asyncio.gather(*coming)
    assert served == [0, 1, 2, 3, 4]
    assert turns.running == 0


async def test_whoever_comes_later_does_not_overtake_the_queue():
    turns = Turns(1, 10)
    await turns.take()
    first = asyncio.create_task(turns.take())
    await moment()
    turns.give_back()
    second = asyncio.create_task(turns.take())
    await moment()
    assert (first.done(), second.done()) == (True, False)
    turns.give_back()
    await second


async def test_a_full_queue_refuses_new_ones_and_says_how_full_it_is():
    turns = Turns(1, 1)
    await turns.take()
    waiting = asyncio.create_task(turns.take())
    await moment()
    with pytest.raises(TooManySessions, match=r"1 sessions run and 1 wait.*REEV_SESSION_MAX_CONCURRENT"):
        await turns.take()
    turns.give_back()
    await waiting


async def test_what_was_begun_before_always_finds_room_in_the_queue():
    turns = Turns(1, 0)
    await turns.take()
    again = asyncio.create_task(turns.take(is_new=False))
    await moment()
    assert turns.waiting == 1
    turns.give_back()
    await again


async def test_whoever_gives_up_waiting_leaves_the_queue():
    turns = Turns(1, 1)
    await turns.take()
    impatient = asyncio.create_task(turns.take())
    await moment()
    impatient.cancel()
    await asyncio.wait([impatient])
    assert (turns.waiting, impatient.cancelled()) == (0, True)
    turns.give_back()
    await turns.take()
    assert turns.running == 1


async def test_a_turn_that_comes_just_when_somebody_gives_up_goes_to_the_next():
    turns = Turns(1, 10)
    await turns.take()
    impatient, patient = (asyncio.create_task(turns.take()) for _ in range(2))
    await moment()
    turns.give_back()
    impatient.cancel()
    await patient
    assert impatient.cancelled()
    assert turns.running == 1


async def test_whoever_gives_up_just_before_its_turn_comes_is_passed_over():
    turns = Turns(1, 10)
    await turns.take()
    impatient, patient = (asyncio.create_task(turns.take()) for _ in range(2))
    await moment()
    impatient.cancel()
    turns.give_back()
    await patient
    await asyncio.wait([impatient])
    assert impatient.cancelled()
    assert turns.running == 1


async def test_when_all_have_given_back_nobody_runs():
    turns = Turns(3, 10)

    async def come() -> None:
        await turns.take()
        await moment()
        turns.give_back()

    coming = [asyncio.create_task(come()) for _ in range(10)]
    await moment()
    coming[4].cancel()
    coming[9].cancel()
    await asyncio.wait(coming)
    assert (turns.running, turns.waiting) == (0, 0)


async def test_when_it_is_closed_nobody_gets_a_turn_who_has_none():
    turns = Turns(1, 10)
    await turns.take()
    waiting = [asyncio.create_task(turns.take()) for _ in range(3)]
    await moment()
    waiting[0].cancel()
    turns.close()
    waiting[1].cancel()
    await asyncio.wait(waiting)
    assert [task.cancelled() for task in waiting] == [True, True, False]
    for late in (waiting[2], turns.take()):
        with pytest.raises(SessionError, match="was left"):
            await late
    turns.give_back()
    assert (turns.running, turns.waiting) == (0, 0)
