"""RF107: time in which the run stood still and nobody says why."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from reev_flow.analysis import tool_names
from reev_flow.analysis.critical_path import NO_SPAN
from reev_flow.analysis.findings import Observation, Saving
from reev_flow.analysis.rules.informative import says_that_work_goes_on
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.durations import told_duration
from reev_flow.trace.span import Flag, Operation, Span
from reev_flow.trace.trace import NO_PARENT, Trace

WORTH_TELLING_NS = 1_000_000_000
SHARE_WORTH_TELLING = 0.1  # of the run
SHARE_AT_AN_EDGE = 0.25  # what is before the first or after the last work is often set-up that nobody traces

ALIKE = 3  # times as long at most
MOST_ALIKE = 2  # pauses that can be alike and each still be a gap

CONTAINERS = frozenset({Operation.FLOW, Operation.AGENT, Operation.STEP})
INCOMPLETE = frozenset(
    {
        Flag.ORPHAN,
        Flag.UNFINISHED,
        Flag.MISSING_START,
        Flag.CLOCK_SKEW,
        Flag.NEGATIVE_DURATION,
        Flag.CYCLE,
    }
)
TOLD_WAIT = re.compile(
    r"wait|sleep|paus|queue|enqueue|backoff|back.off|retry|throttl|rate.?limit|interrupt|suspend|approv|human|schedul|idle|delay|hold|poll|lock",
    re.IGNORECASE,
)

LEAST_SURE, SUREST = 0.65, 0.95
LESS_SURE_AT_AN_EDGE = 0.15


Stretch: TypeAlias = tuple[int, int, int]  # from when to when, and the first span that owns time in it


class Gap(NamedTuple):
    """A stretch of the run's path, the innermost span around all of it, and the operations before and after it."""

    start_ns: int
    end_ns: int
    owner: int
    before: Span | None
    after: Span | None

    @property
    def duration_ns(self) -> int:
        return self.end_ns - self.start_ns


def look_for_idle_gaps(facts: RunFacts) -> Iterator[Observation]:
    """One observation for each gap of at least a second and a tenth of the run. Silent when spans are missing, when any span tells what was done
    in the gap (plumbing too), when there are such pauses throughout the run, when an event in it says that something was waited for, when a tool was asked for that has no span, in agents
    whose models were not traced, between the goes of a poll or a retry, and between an answer and the next question.
    """
    least_ns = max(WORTH_TELLING_NS, int(SHARE_WORTH_TELLING * facts.trace.duration_ns))
    if _owned_by_containers_ns(facts) < least_ns or _is_incomplete(facts.trace):
        return
    holders = _holders(facts.trace)
    stretches = _stretches(facts, holders)
    for stretch in stretches:
        if stretch[1] - stretch[0] >= least_ns and not _is_usual(stretch, stretches):
            for gap in _gaps(facts, stretch, holders):
                if gap.duration_ns >= _least_ns(gap, facts.trace) and not _is_told(facts, gap):
                    yield _observe(facts, gap)


def _owned_by_containers_ns(facts: RunFacts) -> int:
    trace = facts.trace
    return sum(
        segment.end_ns - segment.start_ns
        for segment in facts.spans.flow_path
        if segment.position != NO_SPAN
        and trace.subtree_ends[segment.position] > segment.position + 1
        and trace.spans[segment.position].operation in CONTAINERS
    )


def _is_incomplete(trace: Trace) -> bool:
    return bool(trace.awaited) or any(problem.flag in INCOMPLETE for problem in trace.problems)


def _holders(trace: Trace) -> bytearray:
    """Which spans have an operation below them."""
    holds = bytearray(len(trace))
    for position in range(len(trace) - 1, 0, -1):
        parent = trace.parents[position]
        if parent != NO_PARENT and (holds[position] or trace.spans[position].operation is not Operation.OTHER):
            holds[parent] = 1
    return holds


def _stretches(facts: RunFacts, holders: bytearray) -> list[Stretch]:
    """Where the path leads through flows, agents and steps around other operations, joined where they touch, with the first owner of each."""
    stretches: list[Stretch] = []
    for segment in facts.spans.flow_path:
        position = segment.position
        if position == NO_SPAN or not holders[position] or facts.trace.spans[position].operation not in CONTAINERS:
            continue
        if stretches and stretches[-1][1] == segment.start_ns:
            start_ns, _, owner = stretches[-1]
            stretches[-1] = (start_ns, segment.end_ns, owner)
        else:
            stretches.append((segment.start_ns, segment.end_ns, position))
    return stretches


def _is_usual(stretch: Stretch, stretches: Sequence[Stretch]) -> bool:
    """Whether there are pauses like it throughout: that is how the framework, or what traces it, works."""
    alike_ns = (stretch[1] - stretch[0]) / ALIKE
    return sum(end_ns - start_ns >= alike_ns for start_ns, end_ns, _ in stretches) > MOST_ALIKE


def _gaps(facts: RunFacts, stretch: Stretch, holders: bytearray) -> Iterator[Gap]:
    """What is left of a stretch without what ran in it: work that outlived the span it is in, and plumbing, unless it ran beside all of the owner
    and so tells nothing of this moment.
    """
    start_ns, end_ns, first_owner = stretch
    trace = facts.trace
    around = (first_owner, *trace.ancestors(first_owner))
    owner = next((outer for outer in around if trace.spans[outer].end_ns >= end_ns), around[-1])
    inside = range(owner, trace.subtree_ends[owner])
    bare = [(position, span) for position, span in enumerate(trace.spans) if not holders[position]]
    told = sorted(
        (span.start_ns, span.end_ns)
        for position, span in bare
        if span.start_ns < end_ns
        and span.end_ns > start_ns
        and (position in inside or (span.operation is Operation.OTHER and not _covers(span, trace.spans[owner])))
    )
    operations = [span for _, span in bare if span.operation is not Operation.OTHER]
    moment_ns = start_ns
    for from_ns, until_ns in (*told, (end_ns, end_ns)):
        if from_ns > moment_ns:
            before = max((span for span in operations if span.end_ns <= moment_ns), key=_end_ns, default=None)
            after = min((span for span in operations if span.start_ns >= from_ns), key=_start_ns, default=None)
            yield Gap(moment_ns, from_ns, owner, before, after)
        moment_ns = max(moment_ns, until_ns)


def _covers(span: Span, other: Span) -> bool:
    return span.start_ns <= other.start_ns and span.end_ns >= other.end_ns


def _end_ns(span: Span) -> int:
    return span.end_ns


def _start_ns(span: Span) -> int:
    return span.start_ns


def _is_at_an_edge(gap: Gap) -> bool:
    return gap.before is None or gap.after is None


def _least_ns(gap: Gap, trace: Trace) -> int:
    share = SHARE_AT_AN_EDGE if _is_at_an_edge(gap) else SHARE_WORTH_TELLING
    return max(WORTH_TELLING_NS, int(share * trace.duration_ns))


def _is_told(facts: RunFacts, gap: Gap) -> bool:
    return (
        _waits_for_something_told(facts.trace, gap)
        or _was_not_traced(facts, gap)
        or _is_between_goes(gap)
        or _is_between_turns(gap)
    )


def _waits_for_something_told(trace: Trace, gap: Gap) -> bool:
    """Whether something around the gap is named for waiting, or has an event in it that is."""
    for position in (gap.owner, *trace.ancestors(gap.owner)):
        for event in trace.spans[position].events:
            if gap.start_ns <= event.time_ns <= gap.end_ns and TOLD_WAIT.search(event.name):
                return True
    return TOLD_WAIT.search(trace.spans[gap.owner].name) is not None


def _was_not_traced(facts: RunFacts, gap: Gap) -> bool:
    """Whether what went on is of a kind that this trace does not show: models of an agent, or the tools that a model had asked for."""
    trace = facts.trace
    inside = trace.spans[gap.owner + 1 : trace.subtree_ends[gap.owner]]
    if trace.spans[gap.owner].operation is Operation.AGENT and not any(s.operation is Operation.LLM for s in inside):
        return True
    if gap.before is None or gap.before.operation is not Operation.LLM:
        return False
    if any(asked.asked_by == gap.before.span_id and asked.executed_by is None for asked in facts.asked_calls):
        return True
    return not facts.tool_calls and (gap.after is None or gap.after.operation is Operation.LLM)


def _is_between_goes(gap: Gap) -> bool:
    """Whether a tool that had failed, or that watches something or told that work goes on, was called again after the gap."""
    before, after = gap.before, gap.after
    if before is None or after is None:
        return False
    goes_on = (
        tool_names.watches(before.label) or tool_names.waits(before.label) or says_that_work_goes_on(before.output)
    )
    is_same = (before.operation, before.label) == (after.operation, after.label)
    return (is_same and (before.failed or before.operation is Operation.TOOL)) or goes_on


def _is_between_turns(gap: Gap) -> bool:
    """Whether a model had answered and is asked again: somebody may have read the answer and thought of the next question."""
    if gap.before is None or gap.after is None or gap.before.model is None:
        return False
    has_answered = bool(gap.before.model.answer) and not gap.before.model.asked
    return has_answered and gap.after.operation is Operation.LLM


def _observe(facts: RunFacts, gap: Gap) -> Observation:
    share = gap.duration_ns / max(facts.trace.duration_ns, 1)
    neighbours = [span for span in (gap.before, gap.after) if span is not None]
    around = facts.trace.spans[gap.owner]
    where = _told_place(gap)
    confidence = min(SUREST, LEAST_SURE + share) - (LESS_SURE_AT_AN_EDGE if _is_at_an_edge(gap) else 0)
    return Observation(
        message=f"{around.operation} {around.label} stood still for {told_duration(gap.duration_ns)} {where} ({share:.0%} of the run)",
        advice="put a span around what happens there; if it waits, name what for, and if it need not, take it off the path",
        evidence=(around.span_id, *(span.span_id for span in neighbours)),
        saving=Saving(duration_ns=gap.duration_ns),
        confidence=round(confidence, 2),
    )


def _told_place(gap: Gap) -> str:
    if gap.before is None:
        return f"before {gap.after.label}" if gap.after else "throughout"
    return f"between {gap.before.label} and {gap.after.label}" if gap.after else f"after {gap.before.label}"
