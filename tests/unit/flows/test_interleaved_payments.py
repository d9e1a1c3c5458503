"""Two branches of `id = step(new_id); step(pay, id)`: cut off anywhere and any number of times, two payments are made."""

import asyncio
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reev_flow.errors import InvalidStep, SessionError
from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from support.crashes import LONGER_THAN_A_LEASE, World
from support.event_loops import run_alone
from support.failing_stores import FillingStore
from support.payments import FORMS, BankInMemory, one_payment, with_answers
from support.workers import worker

MOST_WRITES = 14
ENOUGH = 1_000


async def pay_twice(world: World, form: str, bank: BankInMemory, after_writes: int) -> Any:
    """What one worker gets to; None when it is cut off."""
    filling = FillingStore(world.store, room_for=after_writes)
    world.clock.seconds += LONGER_THAN_A_LEASE
    result = None
    try:
        async with worker(filling, clock=world.clock, poll_seconds=0.001) as manager:
            run = manager.run(FORMS[form](bank), session_id="s-1")
            result = await with_answers(run, world.store, "s-1", bank)
    except* SessionError:
        if not filling.is_full:
            raise
    return result


async def two_payments_are_made(form: str, cuts: list[int], seed: int) -> None:
    world, bank = World(), BankInMemory(seed)
    for writes in cuts:
        await pay_twice(world, form, bank, writes)
    result = await pay_twice(world, form, bank, ENOUGH)
    assert sorted(result) == sorted(f"receipt of {payment}" for payment in bank.paid())
    assert len(set(bank.paid())) == len(bank.paid()) == 2


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("writes", range(1, MOST_WRITES))
async def test_cut_off_after_any_number_of_writes(form, writes):
    for seed in range(3):
        await two_payments_are_made(form, [writes], seed)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(FORMS)), st.lists(st.integers(1, MOST_WRITES), max_size=4), st.integers(0, 1_000))
@example("gather", [3, 3, 3, 3], 1)
def test_cut_off_again_and_again(form, cuts, seed):
    run_alone(two_payments_are_made(form, cuts, seed))


async def test_branches_that_are_not_told_apart_are_refused_before_anything_is_paid():
    world, bank = World(), BankInMemory()

    @flow
    async def careless(session: SessionHandle) -> Any:
        return await asyncio.gather(one_payment(session, bank), one_payment(session, bank))

    with pytest.raises(InvalidStep, match=r"session\.gather"):
        await world.go_on(careless)
    assert bank.paid() == []
