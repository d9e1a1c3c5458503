"""Flows of any shape, cut off at any writes and gone on with, give what they give without that, and have the same effects."""

import re
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from support.crashes import NEVER, World
from support.event_loops import run_alone
from support.odd_flows import CUT_SHORT, PROGRAMS, UNDONE, Program, Street, odd_flow

CUT_SHORT_PLACE = re.compile(rf"{re.escape(CUT_SHORT)}\d+")
CUTS = st.lists(st.integers(1, 16), min_size=1, max_size=3)


async def run(program: Program, cuts: list[int], seed: int, *, asks: bool) -> tuple[Any, Counter[str]]:
    """The result, and the effects of all workers together."""
    world, street = World(), Street(seed)
    for after_writes in cuts:
        await world.cut_off(odd_flow(street, program, asks=asks), after_writes=after_writes)
    result = await world.go_on(odd_flow(street, program, asks=asks), wait=False)
    return result, Counter(street.effects)


async def is_the_same(program: Program, cuts: list[int], seed: int, *, asks: bool) -> None:
    result, effects = await run(program, cuts, seed, asks=asks)
    wanted, wanted_effects = await run(program, [NEVER], seed + 1, asks=asks)
    assert result == wanted
    assert {name for name in effects if CUT_SHORT not in name} == {
        name for name in wanted_effects if CUT_SHORT not in name
    }
    if asks:  # others may have run without being recorded when the worker died
        assert set(effects.values()) <= {1}, effects
        assert not_undone(effects) == set()


def not_undone(effects: Counter[str]) -> set[str]:
    """What was cut short after it had an effect, and was not undone."""
    begun = {place for name in effects if not name.startswith(UNDONE) for place in cut_short_around(name)}
    return {place for place in begun if f"{UNDONE}{place}" not in effects}


def cut_short_around(name: str) -> set[str]:
    """`p.0?1.2.3?0.1` is in `p.0?1` and in `p.0?1.2.3?0`."""
    return {name[: found.end()] for found in CUT_SHORT_PLACE.finditer(name)}


@settings(max_examples=100, deadline=None)
@given(PROGRAMS, CUTS, st.integers(0, 1_000))
def test_flows_whose_steps_may_run_again(program, cuts, seed):
    run_alone(is_the_same(program, cuts, seed, asks=False))


@settings(max_examples=100, deadline=None)
@given(PROGRAMS, CUTS, st.integers(0, 1_000))
def test_flows_whose_steps_are_looked_for_before_they_run_again(program, cuts, seed):
    run_alone(is_the_same(program, cuts, seed, asks=True))
