"""RF102: the same was tried many times in a short time, and nothing had changed in between."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import TypeAlias

import msgspec

from reev_flow.analysis.calls.tool_calls import ToolCall
from reev_flow.analysis.evidence.saved_time import critical_ns
from reev_flow.analysis.findings import Observation, Saving
from reev_flow.analysis.meaning import tool_names
from reev_flow.analysis.meaning.equivalence import question
from reev_flow.analysis.meaning.error_classes import ErrorClass
from reev_flow.analysis.meaning.failure import was_left_on_purpose
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.durations import told_duration
from reev_flow.trace.intervals import covered_ns
from reev_flow.trace.span import Operation, Span
from reev_flow.trace.trace import Trace

MANY = 4  # failed goes; three are what careful programs allow themselves
GROWING = 1.5  # how much longer the later half of the pauses is
TOO_SHORT_NS = 250_000_000  # a pause below a quarter of a second lets nothing recover
LONG_NS = 10_000_000_000  # whoever waits ten seconds each time does not hammer
SURE_OF_A_FEW, SURE_OF_MANY = 0.8, 0.9
VERY_MANY = 6
WENT_WELL_FACTOR = 0.85  # it was worth it in the end
NOT_MENDED = frozenset(
    {ErrorClass.RATE_LIMITED, ErrorClass.SERVICE_ERROR, ErrorClass.TIMEOUT, ErrorClass.ACCESS_REFUSED}
)
"""What nothing that is done on this side can change."""
RETRIED = frozenset({Operation.LLM, Operation.STEP, Operation.RETRIEVAL, Operation.EMBEDDING})

Family: TypeAlias = tuple[int, Operation, str]  # what stands below one span by one name


class Go(msgspec.Struct, frozen=True):
    """One stretch of work."""

    position: int
    start_ns: int
    end_ns: int


class Goes(msgspec.Struct, frozen=True):
    """The failed goes at one thing, by start."""

    name: str
    goes: Sequence[Go]
    went_well: bool


def look_for_retry_storms(facts: RunFacts) -> Iterator[Observation]:
    """At least four failed goes at the same thing, one after the other, whose pauses neither grew nor were long. The time in which models or
    other tools worked is no pause. Silent about tools that wait or watch: with them, failing is how one hears that it is not ready. A go
    after something was done that may have changed the answer begins anew, unless the other side is to blame.
    """
    candidates = [found for found in (*_tool_goes(facts), *_other_goes(facts)) if len(found.goes) >= MANY]
    work = _work(facts) if candidates else []
    for found in candidates:
        if not _backs_off([_pause_ns(*pair, work) for pair in pairwise(found.goes)]):
            yield _observe(found, facts)


def _tool_goes(facts: RunFacts) -> Iterator[Goes]:
    retried = [
        one
        for one in facts.retried_calls
        if len(one.calls) >= MANY and not (tool_names.waits(one.name) or tool_names.watches(one.name))
    ]
    if not retried:
        return
    acts = [call for call in facts.tool_calls if tool_names.may_act(call.name) and not facts.went_wrong(call)]
    classes = {one.position: one.reason.error_class for one in facts.failed_operations}
    for one in retried:
        failed = one.calls[:-1] if one.went_well else one.calls
        for goes in _in_vain(failed, acts, classes):
            went_well = one.went_well and goes[-1].position == failed[-1].position
            yield Goes(f"tool {one.name}", goes, went_well)


def _in_vain(
    failed: Sequence[ToolCall], acts: Sequence[ToolCall], classes: Mapping[int, ErrorClass | None]
) -> Iterator[list[Go]]:
    """The goes between which nothing was done that may have changed the answer, such as an edit between two runs of the tests."""
    goes: list[Go] = []
    for call in failed:
        if goes and classes.get(goes[-1].position) not in NOT_MENDED:
            first = bisect_left(acts, goes[-1].end_ns, key=lambda act: act.start_ns)
            if first < len(acts) and acts[first].start_ns < call.start_ns:
                yield goes
                goes = []
        goes.append(Go(call.position, call.start_ns, call.end_ns))
    yield goes


def _other_goes(facts: RunFacts) -> Iterator[Goes]:
    """Failed model calls, steps and look-ups of the same name and input below the same span, one after the other. A go that went well ends
    them; where the failed ones do not tell their input, one with any input does.
    """
    trace = facts.trace
    failed = {position for position in facts.failed_positions if trace.spans[position].operation in RETRIED}
    if len(failed) < MANY:
        return
    families = {_family(trace, position) for position in failed}
    found: dict[tuple[Family, bytes], list[Go]] = {}
    for position, span in enumerate(trace.spans):
        if span.operation not in RETRIED or (family := _family(trace, position)) not in families:
            continue
        if position not in failed:
            for key in ((family, question(span.input)), (family, question(None))):
                if key in found and _begins_after(found[key], span):
                    yield Goes(_told(family), found.pop(key), went_well=True)
        elif not was_left_on_purpose(span) and _begins_after(
            goes := found.setdefault((family, question(span.input)), []), span
        ):
            goes.append(Go(position, span.start_ns, span.end_ns))
    yield from (Goes(_told(family), goes, went_well=False) for (family, _), goes in found.items())


def _begins_after(goes: Sequence[Go], span: Span) -> bool:
    return not goes or span.start_ns >= goes[-1].end_ns


def _family(trace: Trace, position: int) -> Family:
    span = trace.spans[position]
    return trace.parents[position], span.operation, span.label


def _told(family: Family) -> str:
    _, operation, label = family
    return f"{operation} {label}"


def _work(facts: RunFacts) -> list[Go]:
    """By start. A tool that waits makes a pause."""
    calls = [call for call in facts.tool_calls if not tool_names.waits(call.name)]
    work = [Go(call.position, call.start_ns, call.end_ns) for call in calls]
    work += [Go(call.positions[0], call.start_ns, call.end_ns) for call in facts.model_calls]
    return sorted(work, key=lambda one: one.start_ns)


def _pause_ns(earlier: Go, later: Go, work: Sequence[Go]) -> int:
    """Between the two, without what was begun and done there."""
    first = bisect_left(work, earlier.end_ns, key=lambda one: one.start_ns)
    last = bisect_left(work, later.start_ns, lo=first, key=lambda one: one.start_ns)
    stretches = [(one.start_ns, one.end_ns) for one in work[first:last] if one.end_ns <= later.start_ns]
    return later.start_ns - earlier.end_ns - covered_ns(stretches)


def _backs_off(pauses_ns: Sequence[int]) -> bool:
    half = len(pauses_ns) // 2
    first_ns, last_ns = median(pauses_ns[:half]), median(pauses_ns[-half:])
    return min(pauses_ns) >= LONG_NS or last_ns >= max(TOO_SHORT_NS, GROWING * first_ns)


def _observe(found: Goes, facts: RunFacts) -> Observation:
    goes, went_well = found.goes, found.went_well
    confidence = SURE_OF_MANY if len(goes) >= VERY_MANY else SURE_OF_A_FEW
    ending = "before it went well" if went_well else "and never went well"
    took = told_duration(goes[-1].end_ns - goes[0].start_ns)
    return Observation(
        message=f"{found.name} failed {len(goes)} times within {took} without growing pauses, {ending}",
        advice="wait longer before each further go, give up after a few, and let the failure be known",
        evidence=tuple(facts.trace.spans[go.position].span_id for go in goes),
        saving=Saving(duration_ns=critical_ns((go.position for go in goes[MANY - 1 :]), facts)),
        confidence=round(confidence * (WENT_WELL_FACTOR if went_well else 1), 2),
    )
