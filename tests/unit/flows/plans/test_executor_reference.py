"""The executor comes to what a model of under a hundred lines says, in every combination of mode, critical, failure and strategy."""

import itertools
from collections.abc import Iterator, Sequence
from math import inf, sqrt
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from reev_flow.flows.plans.plan import AtomicMode, DynamicFlowPlan, RecoveryStrategy, RetryStep
from support import reference_executor
from support.plans import plan, step
from support.reference_executor import predict
from support.scripted import carried_out, told
from support.scripts import Script
from support.virtual_time import run_in_virtual_time

NAMES = "abcde"
PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71)
SECONDS = dict(
    zip([*NAMES, *(f"{name}{number}" for name in NAMES for number in (1, 2))], map(sqrt, PRIMES), strict=False)
)
"""No sum of some of these is a sum of others, so no two things happen at the same time."""

RETRY = RetryStep(attempts=2, wait_seconds=0.25, factor=1)
THINKS = sqrt(73)


class Behaviour(msgspec.Struct, frozen=True):
    """A step with its strategies, and how it fails: `failures` attempts, and what its alternative's only step does."""

    critical: bool = True
    failures: float = 0
    retries: bool = False
    alternative: str = ""
    answers: tuple[str, ...] = ()


ENDINGS = ((), ("skip",), ("abort",), ("retry",), ("retry", "skip"), ("retry", "abort"))
FINE = Behaviour()
FAILS = Behaviour(failures=inf)
CURED = Behaviour(failures=inf, alternative="works")


def every_behaviour() -> Iterator[Behaviour]:
    """All that differ: what never fails has no use for strategies."""
    yield FINE
    yield Behaviour(failures=1, retries=True)
    for critical, retries, alternative, answers in itertools.product(
        (True, False), (True, False), ("", "works", "fails"), ENDINGS
    ):
        runs = 2 if retries else 1
        failures = runs if answers == ("retry",) else inf
        yield Behaviour(critical, failures, retries, alternative, answers)


EVERY = tuple(every_behaviour())


def combined(
    mode: str, shape: Sequence[tuple[str, ...]], behaviours: Sequence[Behaviour]
) -> tuple[DynamicFlowPlan, dict[str, Script]]:
    """A plan whose steps depend on each other as `shape` says, and the script of its run."""
    steps, scripts = [], {}
    for name, before, behaviour in zip(NAMES, shape, behaviours, strict=False):
        steps.append(
            step(name, *before, critical=behaviour.critical, recovery_strategies=strategies_of(name, behaviour))
        )
        scripts[name] = Script(SECONDS[name], behaviour.failures, behaviour.answers, THINKS + SECONDS[name] / 100)
        fails = inf if behaviour.alternative == "fails" else 0
        scripts[f"{name}1"] = Script(SECONDS[f"{name}1"])
        scripts[f"{name}2"] = Script(SECONDS[f"{name}2"], fails)
    return plan(*steps, atomic_mode=AtomicMode(mode)), scripts


def strategies_of(name: str, behaviour: Behaviour) -> tuple[Any, ...]:
    alternative = RecoveryStrategy.alternative_flow(step(f"{name}1"), step(f"{name}2", f"{name}1"))
    wanted = (
        (behaviour.retries, RETRY),
        (behaviour.alternative, alternative),
        (behaviour.answers, RecoveryStrategy.ask()),
    )
    return tuple(strategy for is_wanted, strategy in wanted if is_wanted)


def shapes(count: int) -> Iterator[tuple[tuple[str, ...], ...]]:
    """Every way in which so many steps can depend on those listed before them."""
    choices = [
        [tuple(chosen) for size in range(position + 1) for chosen in itertools.combinations(NAMES[:position], size)]
        for position in range(count)
    ]
    return itertools.product(*choices)


def disagreements(cases: Iterator[tuple[str, Any, Any]]) -> list[Any]:
    """Those whose run differs from the prediction; the first ten."""

    async def compare() -> list[Any]:
        different: list[Any] = []
        for mode, shape, behaviours in cases:
            work, scripts = combined(mode, shape, behaviours)
            found, expected = told(await carried_out(work, scripts)), predict(work, scripts)
            if found != expected and len(different) < 10:
                different.append((mode, shape, behaviours, found, expected))
        return different

    return run_in_virtual_time(compare())


def test_the_reference_is_short():
    assert len(Path(reference_executor.__file__).read_text(encoding="utf-8").splitlines()) < 100


def test_one_step_with_every_behaviour():
    assert disagreements(itertools.product(AtomicMode, shapes(1), itertools.product(EVERY))) == []


def test_two_steps_with_every_pair_of_behaviours():
    once = [behaviour for behaviour in EVERY if not behaviour.retries]
    assert disagreements(itertools.product(AtomicMode, shapes(2), itertools.product(once, repeat=2))) == []


def test_three_steps_of_every_shape_with_one_behaviour_of_each_kind():
    kinds = (
        FINE,
        FAILS,
        Behaviour(critical=False, failures=inf),
        CURED,
        Behaviour(failures=inf, answers=("skip",)),
        Behaviour(failures=inf, answers=("abort",)),
    )
    assert disagreements(itertools.product(AtomicMode, shapes(3), itertools.product(kinds, repeat=3))) == []


def test_four_steps_of_every_shape_with_every_failure():
    kinds = (FINE, FAILS, Behaviour(critical=False, failures=inf))
    assert disagreements(itertools.product(AtomicMode, shapes(4), itertools.product(kinds, repeat=4))) == []


def test_five_steps_of_every_fortieth_shape_with_every_failure():
    kinds = (FINE, FAILS, Behaviour(critical=False, failures=inf))
    some = itertools.islice(shapes(5), 0, None, 40)
    assert disagreements(itertools.product(AtomicMode, some, itertools.product(kinds, repeat=5))) == []


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_up_to_five_steps_of_any_shape_and_behaviour(data: st.DataObject):
    count = data.draw(st.integers(3, 5))
    shape = [
        data.draw(st.sets(st.sampled_from(NAMES[:position])) if position else st.just(set()))
        for position in range(count)
    ]
    behaviours = data.draw(st.lists(st.sampled_from(EVERY), min_size=count, max_size=count))
    mode = data.draw(st.sampled_from(AtomicMode))
    assert disagreements(iter([(mode, [tuple(sorted(before)) for before in shape], behaviours)])) == []
