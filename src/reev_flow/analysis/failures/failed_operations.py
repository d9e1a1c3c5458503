"""Which operations failed and what became of it.

A span that was left on purpose, to pause, to hand over or because it was cancelled, has not failed, and neither has one whose worker
went away: what becomes of that is up to the next worker. A tool that went well by its
status but returned nothing but the report of a known error has. A failure is made good by what goes well later inside the failed flow,
agent or tool around it, else when that one is made good. A step that only handed a failure on is made good with it.
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import msgspec

from reev_flow.analysis.calls.model_calls import ModelCall
from reev_flow.analysis.calls.tool_calls import ToolCall
from reev_flow.analysis.failures.failure_reason import Reason, Reasons, reported_reason
from reev_flow.analysis.failures.recovery import Attempt, Key, Recovery, attempt_of
from reev_flow.analysis.meaning.failure import was_interrupted, was_left_on_purpose
from reev_flow.trace.span import Operation, Value
from reev_flow.trace.trace import NO_PARENT, Trace

BEARERS = frozenset({Operation.FLOW, Operation.AGENT, Operation.TOOL})
# Plumbing is no operation, and a tool call may have several spans.
NOT_BY_SPAN = frozenset({Operation.OTHER, Operation.TOOL})
FOREVER = 1 << 63  # later than any moment


class FailedOperation(msgspec.Struct, frozen=True, kw_only=True):
    """An operation that failed. It is innermost when no failure inside it is still open; open is what was not made good. `was_handed_on`
    says that it is a step which was made good with what had failed in it.
    """

    position: int
    reason: Reason
    was_made_good: bool
    was_handed_on: bool
    is_innermost: bool


def failed_operations(
    trace: Trace,
    failed_positions: Iterable[int],
    tool_calls: Sequence[ToolCall],
    model_calls: Sequence[ModelCall],
    *,
    reported_failures: Mapping[int, str],
    question_of: Callable[[Value], bytes],
) -> tuple[FailedOperation, ...]:
    """In the order of the trace."""
    calls = {call.position: call for call in tool_calls}
    reasons = _reasons(trace, failed_positions, tool_calls, reported_failures)
    if not reasons:
        return ()
    recovery = _recovery(trace, calls, reasons, [call.start_ns for call in model_calls], question_of=question_of)
    made_good = _made_good(trace, calls, reasons, recovery)
    handed_on = _handed_on(trace, list(reasons), made_good)
    holders = _holders(trace, [position for position in reasons if position not in made_good | handed_on])
    return tuple(
        FailedOperation(
            position=position,
            reason=reason,
            was_made_good=position in made_good or position in handed_on,
            was_handed_on=position in handed_on,
            is_innermost=position not in holders,
        )
        for position, reason in reasons.items()
    )


def _reasons(
    trace: Trace, failed_positions: Iterable[int], tool_calls: Sequence[ToolCall], reported_failures: Mapping[int, str]
) -> dict[int, Reason]:
    """By position, in the order of the trace."""
    other_failures = (at for at in failed_positions if trace.spans[at].operation not in NOT_BY_SPAN)
    read = Reasons(trace)
    found = {
        position: read.of(position)
        for position in (*other_failures, *(call.position for call in tool_calls if call.failed))
        if not was_left_on_purpose(trace.spans[position]) and not was_interrupted(trace.spans[position])
    }
    for position, report in reported_failures.items():
        reported = reported_reason(report)
        if reported is not None:
            found[position] = reported
    return dict(sorted(found.items()))


def _recovery(
    trace: Trace,
    calls: Mapping[int, ToolCall],
    reasons: Collection[int],
    model_starts_ns: Sequence[int],
    *,
    question_of: Callable[[Value], bytes],
) -> Recovery:
    attempts = [_attempt(trace, calls, position) for position in reasons]
    first_end_ns: dict[Key, int] = {}
    for attempt in attempts:
        first_end_ns[attempt.key] = min(attempt.end_ns, first_end_ns.get(attempt.key, attempt.end_ns))
    went_well = _went_well(trace, calls, reasons, first_end_ns)
    return Recovery(attempts, went_well, model_starts_ns, question_of=question_of)


def _made_good(
    trace: Trace, calls: Mapping[int, ToolCall], reasons: Mapping[int, Reason], recovery: Recovery
) -> set[int]:
    around = _bearers_around(trace)
    made_good: set[int] = set()
    for position, reason in reasons.items():  # what is outside comes before what is inside
        outer = around[position]
        until_ns = trace.spans[outer].end_ns if outer in reasons else None
        attempt = _attempt(trace, calls, position)
        if outer in made_good or recovery.made_good(attempt, reason.error_class, until_ns):
            made_good.add(position)
    return made_good


def _handed_on(trace: Trace, failed: Sequence[int], made_good: Collection[int]) -> set[int]:
    """Steps that failed by nothing but what was last begun in them, where that was made good later: so were they."""
    found: set[int] = set()
    for index in range(len(failed) - 2, -1, -1):  # what is inside comes before what is outside
        outer = failed[index]
        last_inside = failed[bisect_left(failed, trace.subtree_ends[outer]) - 1]
        if trace.spans[outer].operation is not Operation.STEP or last_inside == outer or outer in made_good:
            continue
        is_last = trace.subtree_ends[last_inside] == trace.subtree_ends[outer]
        if is_last and (last_inside in made_good or last_inside in found):
            found.add(outer)
    return found


def _bearers_around(trace: Trace) -> list[int]:
    """The nearest flow, agent or tool that each span is in; `NO_PARENT` where there is none."""
    around: list[int] = []
    for parent in trace.parents:
        is_bearer = parent != NO_PARENT and trace.spans[parent].operation in BEARERS
        around.append(around[parent] if parent != NO_PARENT and not is_bearer else parent)
    return around


def _attempt(trace: Trace, calls: Mapping[int, ToolCall], position: int) -> Attempt:
    call = calls.get(position)
    if call is None:
        return attempt_of(trace.spans[position])
    return Attempt((Operation.TOOL, call.name), call.arguments, call.start_ns, call.end_ns)


def _went_well(
    trace: Trace, calls: Mapping[int, ToolCall], failed: Collection[int], since_ns: Mapping[Key, int]
) -> Iterator[Attempt]:
    """What began after the first failure of its kind; what went well before that makes nothing good."""
    tools_since_ns = {
        name: moment_ns for (operation, name), moment_ns in since_ns.items() if operation is Operation.TOOL
    }
    for position, call in calls.items():
        if call.start_ns >= tools_since_ns.get(call.name, FOREVER) and not call.failed and position not in failed:
            yield _attempt(trace, calls, position)
    operations = {operation for operation, _ in since_ns} - NOT_BY_SPAN
    for span in trace.spans if operations else ():
        if span.operation in operations and not span.failed:
            attempt = attempt_of(span)
            if attempt.start_ns >= since_ns.get(attempt.key, FOREVER):
                yield attempt


def _holders(trace: Trace, still_open: Sequence[int]) -> set[int]:
    """Failures with an open failure inside them."""
    return {outer for outer, inner in pairwise(still_open) if inner < trace.subtree_ends[outer]}
