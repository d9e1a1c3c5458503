"""Every way in which workers, deaths, stops, answers and clocks may follow each other, in worlds small enough to look at all of them."""

from pathlib import Path

import pytest

from model.explorer import CAN_STILL_END, Explorer, Seen
from model.invariants import ALWAYS, EACH_MOVE, IF_NOBODY_IS_STOPPED
from model.mutants import MUTANTS
from model.people import all_moves
from model.world import Rules, Scope, Step, is_over, key, new_world
from reev_flow.sessions.journal import Effect

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "leases-and-epochs.md"

PAY = Step("pay#1")
LOOK = Step("look#1", effect=Effect.RERUN)
ASK = Step("ask#1", is_question=True)

SCOPES: dict[str, Scope] = {
    "nothing goes wrong": Scope(steps=(PAY, ASK), deaths=0),
    "somebody dies": Scope(steps=(PAY,), deaths=2),
    "somebody dies on another machine": Scope(steps=(PAY,), deaths=2, is_one_machine=False),
    "a step that may be run again": Scope(steps=(LOOK, PAY), deaths=1),
    "a question": Scope(steps=(PAY, ASK), deaths=1),
    "somebody is stopped": Scope(steps=(PAY,), deaths=0, slow_seconds=1),
    "somebody is stopped, with a question": Scope(steps=(PAY, ASK), deaths=0, slow_seconds=1),
    "somebody is stopped, somebody dies": Scope(steps=(PAY,), deaths=1, slow_seconds=1),
    "the clock is set, somebody dies": Scope(steps=(PAY,), deaths=1, jumps=1),
    "the clock is set, somebody is stopped": Scope(steps=(PAY,), deaths=0, slow_seconds=1, jumps=1),
    "three workers, somebody dies": Scope(steps=(PAY,), workers=3, deaths=1),
    "three workers, somebody is stopped": Scope(steps=(PAY,), workers=3, deaths=0, slow_seconds=1),
}


INVARIANTS = {*ALWAYS, *EACH_MOVE, *IF_NOBODY_IS_STOPPED, CAN_STILL_END}


def explored(scope: Scope, rules: Rules, *, only: str = "") -> Seen:
    nobody_is_stopped = not (scope.slow_seconds or scope.jumps)
    always = ALWAYS | (IF_NOBODY_IS_STOPPED if nobody_is_stopped else {})
    explorer = Explorer(
        all_moves,
        key,
        is_over,
        always={name: check for name, check in always.items() if only in {"", name}},
        each_move={name: check for name, check in EACH_MOVE.items() if only in {"", name}},
    )
    return explorer.explore(new_world(scope, rules))


@pytest.mark.parametrize("name", SCOPES)
def test_every_invariant_holds_in_every_state(name: str) -> None:
    assert explored(SCOPES[name], Rules()).broken is None


@pytest.mark.parametrize(
    ("name", "invariant"), [(name, one) for name, mutant in MUTANTS.items() for one in mutant.breaks]
)
def test_a_wrong_rule_is_noticed(name: str, invariant: str) -> None:
    mutant = MUTANTS[name]
    broken = explored(SCOPES[mutant.scope], mutant.rules, only=invariant).broken
    assert broken is not None
    assert broken.invariant == invariant


def test_every_invariant_notices_something() -> None:
    assert INVARIANTS - {one for mutant in MUTANTS.values() for one in mutant.breaks} == set()


def test_every_invariant_is_told() -> None:
    told = {line.split("|")[1].strip() for line in PAGE.read_text(encoding="utf-8").splitlines() if line.count("|") > 1}
    assert INVARIANTS - told == set()


def test_a_step_may_happen_again_when_who_was_stopped_goes_on_after_a_person_looked() -> None:
    """What no lease can prevent, and why steps are given an idempotency key."""
    explorer = Explorer(all_moves, key, is_over, always=IF_NOBODY_IS_STOPPED, each_move={})
    broken = explorer.explore(new_world(SCOPES["somebody is stopped"], Rules())).broken
    assert broken is not None
    assert "somebody answers pay#1@1: it did not" in broken.moves
    assert broken.moves[-1].endswith(" acts")
