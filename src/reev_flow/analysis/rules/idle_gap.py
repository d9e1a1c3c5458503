"""RF107: time in which the run stood still and nobody says why."""

import re
from collections.abc import Iterator, Sequence

from reev_flow.analysis.evidence.informative import says_that_work_goes_on
from reev_flow.analysis.evidence.pauses import Gap, Pauses, Stretch, may_stand_still_ns
from reev_flow.analysis.findings import Observation, Saving
from reev_flow.analysis.meaning import tool_names
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.durations import told_duration
from reev_flow.trace.span import Flag, Operation, Span
from reev_flow.trace.trace import Trace

WORTH_TELLING_NS = 1_000_000_000
SHARE_WORTH_TELLING = 0.1  # of the run
SHARE_AT_AN_EDGE = 0.25  # what is before the first or after the last work is often set-up that nobody traces

ALIKE = 3  # times as long at most
MOST_ALIKE = 2  # pauses that can be alike and each still be a gap

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
    r"(?<![a-z])(?:wait|sleep|paus|queue|enqueue|back.?off|retry|throttl|rate.?limit|interrupt|suspend|approv|human|idle|delay|schedul|"
    r"(?:poll|hold|lock)(?:ed|ing|s)?(?![a-z]))",
    re.IGNORECASE,
)

LEAST_SURE, SUREST = 0.65, 0.95
LESS_SURE_AT_AN_EDGE = 0.15


def look_for_idle_gaps(facts: RunFacts) -> Iterator[Observation]:
    """One observation for each gap of at least a second and a tenth of the run. Silent when spans are missing, when any span tells what was
    done in the gap (plumbing too), when there are such pauses throughout the run, when an event in it says that something was waited for, when a
    tool was asked for that has no span, in agents whose models were not traced, between the goes of a poll or a retry, and between an
    answer and the next question, unless another agent was asked that.
    """
    trace, path = facts.trace, facts.spans.flow_path
    least_ns = max(WORTH_TELLING_NS, int(SHARE_WORTH_TELLING * trace.duration_ns))
    if may_stand_still_ns(trace, path) < least_ns or _is_incomplete(trace):
        return
    pauses = Pauses(trace, path)
    for stretch in pauses.stretches:
        if stretch[1] - stretch[0] >= least_ns and not _is_usual(stretch, pauses.stretches):
            for gap in pauses.gaps(stretch):
                if gap.duration_ns >= _least_ns(gap, trace) and not _is_told(facts, gap):
                    yield _observe(facts, gap)


def _is_incomplete(trace: Trace) -> bool:
    return bool(trace.awaited) or any(problem.flag in INCOMPLETE for problem in trace.problems)


def _is_usual(stretch: Stretch, stretches: Sequence[Stretch]) -> bool:
    """Whether there are pauses like it throughout: that is how the framework, or what traces it, works."""
    alike_ns = (stretch[1] - stretch[0]) / ALIKE
    return sum(end_ns - start_ns >= alike_ns for start_ns, end_ns, _ in stretches) > MOST_ALIKE


def _is_at_an_edge(gap: Gap) -> bool:
    return gap.before is None or gap.after is None


def _least_ns(gap: Gap, trace: Trace) -> int:
    share = SHARE_AT_AN_EDGE if _is_at_an_edge(gap) else SHARE_WORTH_TELLING
    return max(WORTH_TELLING_NS, int(share * trace.duration_ns))


def _is_told(facts: RunFacts, gap: Gap) -> bool:
    if _waits_for_something_told(facts.trace, gap) or _is_between_goes(gap) or _is_before_a_retry(facts, gap):
        return True
    if _agents_around(facts.trace, gap) is not None:
        return _asks_somebody(gap)
    return _was_not_traced(facts, gap) or _is_between_turns(gap)


def _agents_around(trace: Trace, gap: Gap) -> tuple[Span, Span] | None:
    """The agent that had ended and another one that had not yet begun: what each did and heard was before or after the gap."""
    if gap.before is None or gap.after is None:
        return None
    inside = trace.spans[gap.owner + 1 : trace.subtree_ends[gap.owner]]
    agents = [span for span in inside if span.operation is Operation.AGENT]
    ended = max((one for one in agents if one.end_ns <= gap.start_ns), key=lambda one: one.end_ns, default=None)
    begun = min((one for one in agents if one.start_ns >= gap.end_ns), key=lambda one: one.start_ns, default=None)
    if ended is None or begun is None or ended.label == begun.label:
        return None
    is_around = gap.before.end_ns <= ended.end_ns and gap.after.start_ns >= begun.start_ns
    return (ended, begun) if is_around else None


def _asks_somebody(gap: Gap) -> bool:
    """Whether the last that was said was a question."""
    model = gap.before.model if gap.before else None
    return model is not None and (model.answer or "").rstrip().endswith("?")


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


def _is_before_a_retry(facts: RunFacts, gap: Gap) -> bool:
    """Whether the same was asked again after the gap, though a model may have been called first."""
    if gap.before is None or gap.before.operation is not Operation.TOOL:
        return False
    goes = (call for one in facts.retried_calls for call in one.calls[:-1])
    return any(call.span_id == gap.before.span_id for call in goes)


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
    agents = _agents_around(facts.trace, gap)
    where = _told_place(*(agents or (gap.before, gap.after)))
    confidence = min(SUREST, LEAST_SURE + share) - (LESS_SURE_AT_AN_EDGE if _is_at_an_edge(gap) else 0)
    return Observation(
        message=f"{around.operation} {around.label} stood still for {told_duration(gap.duration_ns)} {where} ({share:.0%} of the run)",
        advice="put a span around what happens there; if it waits, name what for, and if it need not, take it off the path",
        evidence=(around.span_id, *(span.span_id for span in neighbours)),
        saving=Saving(duration_ns=gap.duration_ns),
        confidence=round(confidence, 2),
    )


def _told_place(before: Span | None, after: Span | None) -> str:
    if before is None:
        return f"before {after.label}" if after else "throughout"
    return f"between {before.label} and {after.label}" if after else f"after {before.label}"
