"""Slots are handed on in order, the gate opens when all is read, and a stop reaches what is inside."""

import asyncio

from reev_flow.flows.plans.traffic import Gate, Slots, Stop


async def test_who_waits_longest_for_a_slot_is_served_first():
    slots, served = Slots(1), []
    await slots.take()

    async def waiting(name: str) -> None:
        await slots.take()
        served.append(name)

    tasks = [asyncio.ensure_future(waiting(name)) for name in "abc"]
    await asyncio.sleep(0)
    for _ in tasks:
        slots.give_back()
    await asyncio.wait(tasks)
    assert served == ["a", "b", "c"]


async def test_who_no_longer_waits_for_a_slot_is_passed_over():
    slots = Slots(1)
    await slots.take()
    gone, there = (asyncio.ensure_future(slots.take()) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    slots.give_back()
    await there
    assert not slots.has_free


async def test_a_slot_that_somebody_waits_for_is_not_offered_to_others():
    slots, offers = Slots(1), []
    slots.add_taker(lambda: offers.append("offered"))
    await slots.take()
    waiting = asyncio.ensure_future(slots.take())
    await asyncio.sleep(0)
    slots.give_back()
    await waiting
    assert offers == []
    slots.give_back()
    assert offers == ["offered"]


async def test_a_slot_that_is_not_free_is_not_taken_at_once():
    slots = Slots(1)
    assert [slots.take_free(), slots.take_free()] == [True, False]


async def test_the_gate_opens_when_the_last_reader_has_left_or_waits():
    gate, passed = Gate(is_open=False), []
    gate.enter()
    gate.enter()

    async def new_work() -> None:
        await gate.wait()
        passed.append("new work")

    waiting = asyncio.ensure_future(new_work())
    for _ in range(3):
        await asyncio.sleep(0)
    assert passed == []
    gate.leave()
    await waiting
    assert gate.is_open


def test_a_stop_reaches_flows_inside_and_none_around():
    outer = Stop()
    middle = Stop(outer)
    inner = Stop(middle)
    middle.set()
    assert (outer.is_set, middle.is_set, inner.is_set) == (False, True, True)


def test_a_flow_that_begins_inside_a_stopped_one_is_stopped():
    outer = Stop()
    outer.set()
    assert Stop(outer).is_set
