"""RF106: one piece of work owns most of the critical path."""

from collections.abc import Iterator, Sequence
from math import inf

from reev_flow.analysis.calls.model_calls import ModelCall
from reev_flow.analysis.findings import Observation, Saving
from reev_flow.analysis.meaning import tool_names
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.analysis.spans import WORK
from reev_flow.trace.durations import told_duration
from reev_flow.trace.semantics import REEV_GAP
from reev_flow.trace.span import Operation, Span
from reev_flow.trace.trace import Trace

OWNS_MOST = 0.5
OWNS_MOST_UNSEEN = 0.75  # of a step or agent that shows nothing inside: models may have written much there
ENOUGH_WORK = 4  # among fewer pieces of work, one of them owning most says nothing
WORTH_TELLING_NS = 500_000_000  # below half a second nobody waits
UNSEEN = frozenset({Operation.STEP, Operation.AGENT})
SLOW_FACTOR = 3  # times as long for each token as the run's other model calls


def look_for_a_critical_owner(facts: RunFacts) -> Iterator[Observation]:
    """Work is also a step or an agent that shows nothing of what it did, but it has to own more.

    Silent when the run has fewer than four pieces of work, when the owner took less than half a second, when it is a tool that is
    meant to wait, when it is a model call that took long because it wrote much, and when the run would take nearly as long without it, since
    other work runs beside it. The saving is what the run would be spared if the owner took no time: its drag.
    """
    owned = facts.spans.operation_critical_ns
    whole_ns = sum(owned)
    owner = max(range(len(owned)), key=owned.__getitem__, default=0)  # of what owns half, there is but one
    if whole_ns == 0:
        return
    share = owned[owner] / whole_ns
    if owned[owner] < WORTH_TELLING_NS or share < _least_share(facts, owner) or _is_meant_to_take_long(facts, owner):
        return
    if len(facts.spans.leaf_work) + sum(_is_unseen_work(facts.trace, at) for at in range(len(owned))) < ENOUGH_WORK:
        return
    saved_ns = min(owned[owner], facts.spans.drag_ns[owner])
    if saved_ns < WORTH_TELLING_NS:
        return
    span = facts.trace.spans[owner]
    told = f"{told_duration(owned[owner])} of {told_duration(whole_ns)}"
    yield Observation(
        message=f"{span.operation} {span.label} alone owns {share:.0%} of the critical path ({told})",
        advice="making anything else faster saves little: shorten, split, cache or move this one first",
        evidence=(span.span_id,),
        saving=Saving(duration_ns=saved_ns),
        confidence=round(min(0.95, 0.6 + (share - OWNS_MOST)), 2),
    )


def _least_share(facts: RunFacts, owner: int) -> float:
    """More than there is for what is no work."""
    if facts.trace.spans[owner].operation in WORK:
        return OWNS_MOST if owner in facts.spans.leaf_work else inf
    return OWNS_MOST_UNSEEN if _is_unseen_work(facts.trace, owner) else inf


def _is_unseen_work(trace: Trace, position: int) -> bool:
    """Whether it is a step or an agent that holds no other operation."""
    span = trace.spans[position]
    if span.operation not in UNSEEN or span.attributes.get(REEV_GAP):
        return False
    inside = range(position + 1, trace.subtree_ends[position])
    return all(trace.spans[inner].operation is Operation.OTHER for inner in inside)


def _is_meant_to_take_long(facts: RunFacts, owner: int) -> bool:
    span = facts.trace.spans[owner]
    if span.operation is Operation.LLM:
        return not _is_slow_for_its_tokens(facts.model_calls, span)
    return tool_names.waits(span.label)


def _is_slow_for_its_tokens(calls: Sequence[ModelCall], span: Span) -> bool:
    """Against the median of the others. False when the tokens of this call or of all others are not known."""
    paces = {call.span_id: call.duration_ns / call.usage.output for call in calls if call.usage and call.usage.output}
    own = paces.pop(span.span_id, None)
    others = sorted(paces.values())
    return own is not None and bool(others) and own > SLOW_FACTOR * others[len(others) // 2]
