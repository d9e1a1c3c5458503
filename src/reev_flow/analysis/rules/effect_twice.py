"""RF401: something was done in the world twice."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from reev_flow.analysis.calls.askers import runs
from reev_flow.analysis.evidence.deeds import Deed, Effect, deeds
from reev_flow.analysis.evidence.duplicate_told import (
    has_key_of_one_request,
    is_known_duplicate,
    names_another,
    was_not_done,
)
from reev_flow.analysis.evidence.informative import is_known
from reev_flow.analysis.evidence.undoing import calls_that_undo, may_be_undone
from reev_flow.analysis.findings import Observation
from reev_flow.analysis.meaning import effect_names
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace import semantics
from reev_flow.trace.trace import NO_PARENT

SURE_BY_WHAT_CAME_OF_IT = 0.9  # two orders, two bookings
SURE_BY_ACKNOWLEDGEMENT = 0.8
SURE_AFTER_A_TIMEOUT = 0.55  # the first may have come to nothing
MAYBE_FACTOR = 0.7  # for this tool twice need not be wrong
OTHER_AGENT_FACTOR = 0.8

ADVICE = "give the call an idempotency key, or make it a step of a session, which is done once; after a timeout, look before trying again"
ADVICE_ON_STEPS = "let the first of the two steps hand on what came of it; each step has an idempotency key of its own, so give the call one of yours"


def look_for_effects_done_twice(facts: RunFacts) -> Iterator[Observation]:
    """One observation for each thing that was done again. Silent about tools that read, set or undo, about calls with an idempotency
    key, results that tell of one and the same thing, and about what was undone in between.
    """
    groups = [done for done in _groups(facts) if len(done) > 1]
    if not groups:
        return
    undoing = calls_that_undo(facts)
    around = runs(facts.trace)
    for done in groups:
        pairs = [pair for pair in pairwise(done) if _is_again(*pair, facts, around)]
        pairs = [pair for pair in pairs if not may_be_undone(*pair, undoing)]
        if pairs:
            yield _observe(pairs, facts)


def _groups(facts: RunFacts) -> Iterator[list[Deed]]:
    """Deeds with equivalent arguments that took effect or may have."""
    names = {name for name in _names(facts) if effect_names.may_double(name)}
    if not names:
        return
    found: dict[tuple[str, bytes], list[Deed]] = {}
    for deed in deeds(facts, names):
        if deed.effect is not Effect.NONE and deed.arguments:
            found.setdefault((deed.name, deed.asked), []).append(deed)
    for alike in found.values():
        arguments = alike[0].arguments
        if len(alike) > 1 and is_known(arguments) and not has_key_of_one_request(arguments):
            yield [deed for deed in alike if not was_not_done(deed.result)]


def _names(facts: RunFacts) -> set[str]:
    steps = (span.label for span in facts.trace.spans if semantics.REEV_STEP_ID in span.attributes)
    return {*(call.name for call in facts.tool_calls), *steps}


def _is_again(earlier: Deed, later: Deed, facts: RunFacts, around: Sequence[int]) -> bool:
    if later.effect is not Effect.TAKEN or is_known_duplicate(earlier, later):
        return False
    is_same_account = earlier.call_id is not None and earlier.call_id == later.call_id
    is_side_by_side = later.start_ns < earlier.end_ns
    if is_same_account or (is_side_by_side and not (earlier.call_id and later.call_id)):
        return False
    return around[earlier.position] == around[later.position] and not _is_another_go(earlier, later, facts)


def _is_another_go(earlier: Deed, later: Deed, facts: RunFacts) -> bool:
    """Of the same agent, which then begins anew."""
    first, second = facts.askers[earlier.position], facts.askers[later.position]
    if first == second or NO_PARENT in {first, second}:
        return False
    return facts.trace.spans[first].label == facts.trace.spans[second].label


def _observe(pairs: Sequence[tuple[Deed, Deed]], facts: RunFacts) -> Observation:
    done = [pairs[0][0], *(later for _, later in pairs)]
    name = done[0].name
    is_open = any(earlier.effect is Effect.UNKNOWN for earlier, _ in pairs)
    how = "the first time it timed out and may have taken effect" if is_open else "and went well each time"
    return Observation(
        message=f"{name} was executed {len(done)} times with the same arguments, {how}",
        advice=ADVICE_ON_STEPS if _are_steps_of_their_own(done, facts) else ADVICE,
        evidence=tuple(deed.span_id for deed in done),
        confidence=_confidence(pairs, facts, is_open=is_open),
    )


def _are_steps_of_their_own(done: Sequence[Deed], facts: RunFacts) -> bool:
    """Each a step of a session, and no further attempts at one."""
    steps = [facts.trace.spans[deed.position].attributes.get(semantics.REEV_STEP_ID) for deed in done]
    return None not in steps and len(set(map(str, steps))) == len(steps)


def _confidence(pairs: Sequence[tuple[Deed, Deed]], facts: RunFacts, *, is_open: bool) -> float:
    confidence = SURE_BY_WHAT_CAME_OF_IT if any(names_another(*pair) for pair in pairs) else SURE_BY_ACKNOWLEDGEMENT
    if is_open:
        confidence = SURE_AFTER_A_TIMEOUT
    if not effect_names.doubles(pairs[0][0].name):
        confidence *= MAYBE_FACTOR
    if any(facts.askers[one.position] != facts.askers[other.position] for one, other in pairs):
        confidence *= OTHER_AGENT_FACTOR
    return round(confidence, 2)
