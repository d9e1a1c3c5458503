"""RF304: tokens were spent on a branch whose outcome nobody used."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from reev_flow.analysis.findings import Observation, Saving
from reev_flow.analysis.meaning import tool_names
from reev_flow.analysis.replay.cut_short import was_cancelled
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.canonical import canonical
from reev_flow.trace.span import Operation, Value
from reev_flow.trace.trace import NO_PARENT, Trace

BESIDE = tool_names.vocabulary(
    "guard guards guardrail guardrails moderation moderator safety policy filter check checker validate validator verifier judge critic review "
    "reviewer eval evaluator memory log logger title summary summarizer suggest suggestions classifier router intent tag tagger telemetry audit"
)
"""What is done beside the answer and is no other go at it."""
BRANCHES = frozenset({Operation.FLOW, Operation.AGENT, Operation.STEP})
CAN_BE_CANCELLED = BRANCHES | {Operation.LLM, Operation.TOOL}
LEAST_WORTH_TELLING, SURELY_WORTH_TELLING = 300, 1_500  # tokens
SHARE_WORTH_TELLING = 0.03  # of the run's, in between

SURE_OF_CANCELLED = 0.9
SURE_OF_REDONE = 0.8
SURE_OF_A_LOSER = 0.7


class Fate(NamedTuple):
    """What became of a branch, what to do about it, and how sure that is."""

    told: str
    advice: str
    confidence: float


CANCELLED = Fate(
    "was cancelled",
    "start the likelier branch first and the others only when it takes too long, or cancel them sooner",
    SURE_OF_CANCELLED,
)
REDONE = Fate(
    "failed, and another go had to do it all again",
    "keep what the failed go had worked out, and go on from there instead of from the beginning",
    SURE_OF_REDONE,
)
LOST = Fate(
    "gave an outcome that was not used",
    "decide which branch is needed before it spends tokens, or use what all of them found",
    SURE_OF_A_LOSER,
)


def look_for_thrown_away_branches(facts: RunFacts) -> Iterator[Observation]:
    """Silent when the run as a whole was cancelled or failed, when the branch spent little, and without evidence: a branch that was cancelled
    while the run went on, one that failed and was gone through again or had another take its place, or one of several side by side of which just one gave the
    outcome of what is around them.
    """
    if facts.usage.total.total == 0:
        return
    told: set[int] = set()
    for fate, positions in ((CANCELLED, _cancelled(facts)), (REDONE, _redone(facts)), (LOST, _losers(facts))):
        for position in positions:
            if position not in told and told.isdisjoint(facts.trace.ancestors(position)):
                told.add(position)
                yield from _observe(facts, position, fate)


def _observe(facts: RunFacts, position: int, fate: Fate) -> Iterator[Observation]:
    tokens = facts.usage.of(position).total
    least = SHARE_WORTH_TELLING * facts.usage.total.total
    if tokens < max(LEAST_WORTH_TELLING, min(SURELY_WORTH_TELLING, least)):
        return
    span = facts.trace.spans[position]
    yield Observation(
        message=f"{span.operation} {span.label} spent {tokens:,} tokens and {fate.told}",
        advice=fate.advice,
        evidence=(span.span_id,),
        saving=Saving(tokens=tokens),
        confidence=fate.confidence,
    )


def _cancelled(facts: RunFacts) -> Iterator[int]:
    """Outermost ones, inside something that went on."""
    trace = facts.trace
    covered = 0
    for position in facts.failed_positions:
        span, parent = trace.spans[position], trace.parents[position]
        if position < covered or not was_cancelled(span):
            continue
        covered = trace.subtree_ends[position]
        went_on = parent != NO_PARENT and trace.spans[parent].end_ns > span.end_ns
        if span.operation in CAN_BE_CANCELLED and went_on:
            yield position


def _redone(facts: RunFacts) -> Iterator[int]:
    for failed in facts.failed_operations:
        is_branch = facts.trace.spans[failed.position].operation in BRANCHES
        if is_branch and (
            (failed.was_made_good and not failed.was_handed_on) or _was_replaced(facts.trace, failed.position)
        ):
            yield failed.position


def _was_replaced(trace: Trace, position: int) -> bool:
    """Whether another agent or flow, begun after this one had failed, did its work for the same parent."""
    failed, parent = trace.spans[position], trace.parents[position]
    if parent == NO_PARENT or failed.operation is Operation.STEP or trace.spans[parent].failed:
        return False
    others = (trace.spans[child] for child in trace.children(parent))
    return any(
        other.operation is failed.operation and not other.failed and other.start_ns >= failed.end_ns for other in others
    )


def _losers(facts: RunFacts) -> Iterator[int]:
    """Of branches side by side, all of whose outcomes are told, those that differ from what came out around them while another is that."""
    trace = facts.trace
    by_parent = sorted(
        (trace.parents[position], position)
        for position in facts.usage.by_position
        if trace.spans[position].operation in BRANCHES and trace.parents[position] != NO_PARENT
    )
    for parent, pairs in groupby(by_parent, key=lambda pair: pair[0]):
        branches = [position for _, position in pairs]
        if len(branches) > 1 and trace.spans[parent].output is not None and _are_side_by_side(trace, branches):
            yield from _unused(trace, parent, branches)


def _are_side_by_side(trace: Trace, branches: Sequence[int]) -> bool:
    last_start_ns = max(trace.spans[branch].start_ns for branch in branches)
    return all(trace.spans[branch].end_ns > last_start_ns for branch in branches)


def _unused(trace: Trace, parent: int, branches: Sequence[int]) -> Iterator[int]:
    """Nothing when any work began after the branches: it may have read them all. Nor when they were not given the same, or one of them has
    a part of its own.
    """
    if any(not BESIDE.isdisjoint(tool_names.words(trace.spans[branch].label)) for branch in branches):
        return
    if len({_bare(trace.spans[branch].input) for branch in branches} - {None}) > 1:
        return
    outcomes = [_bare(trace.spans[branch].output) for branch in branches]
    outcome = _bare(trace.spans[parent].output)
    if None in outcomes or outcomes.count(outcome) != 1:
        return
    first_end_ns = min(trace.spans[branch].end_ns for branch in branches)
    if all(trace.spans[child].start_ns < first_end_ns for child in trace.children(parent)):
        yield from (branch for branch, told in zip(branches, outcomes, strict=True) if told != outcome)


def _bare(value: Value) -> bytes | None:
    return None if value is None else canonical(value.strip() if isinstance(value, str) else value)
