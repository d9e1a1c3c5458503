"""RF201: a tool failed, nothing made it good, and the run ended as if nothing had happened."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

import msgspec

from reev_flow.analysis import tool_names
from reev_flow.analysis.failed_operations import FailedOperation
from reev_flow.analysis.failure import quoted
from reev_flow.analysis.final_answer import last_model_call
from reev_flow.analysis.findings import Observation
from reev_flow.analysis.model_calls import ModelCall
from reev_flow.analysis.rules.admission import admits_a_failure
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.analysis.tool_calls import ToolCall
from reev_flow.trace.canonical import canonical
from reev_flow.trace.trace import NO_PARENT, Trace

SURE_WITH_ANSWER = 0.85
SURE_WITHOUT_ANSWER = 0.5  # what the run said is not recorded, and models often admit failures
SAME_TOOL_FACTOR = 0.6  # it went well later with another input, which may have been a correction
OTHER_TOOL_FACTOR = 0.8  # another tool went well later and may have stood in
REPORT_FACTOR = 0.75  # by its status the tool went well

SOON = 8  # calls after a failure among which a stand-in is looked for
ADVICE = "let the failure reach the run's status, retry it, or make the answer say what is missing"


class Swallowed(msgspec.Struct, frozen=True):
    """A failed call that nobody told of."""

    call: ToolCall
    failed: FailedOperation


def look_for_swallowed_errors(facts: RunFacts) -> Iterator[Observation]:
    """One observation a tool. Silent when the call was made good or another tool stood in for it, when the error reached a span around
    the call, and when the answer admits a failure.
    """
    failed = [failed for failed in facts.failed_operations if not failed.was_made_good]
    if not failed:
        return
    went_well = _calls_that_went_well(facts)
    calls = {call.position: call for call in facts.tool_calls}
    was_passed_on = _failed_around(facts.trace)
    by_tool: dict[str, list[Swallowed]] = {}
    for operation in failed:
        call = calls.get(operation.position)
        if call is not None and not was_passed_on[call.position] and not _has_stand_in(call, went_well):
            by_tool.setdefault(call.name, []).append(Swallowed(call, operation))
    if by_tool and not any(admits_a_failure(answer) for answer in _answers(facts)):
        last = last_model_call(facts)
        latest = {call.name: call for call in went_well}
        for swallowed in by_tool.values():
            tool = swallowed[0].call.name
            yield _observe(swallowed, last, same_tool=latest.get(tool), any_tool=went_well[-1] if went_well else None)


def _calls_that_went_well(facts: RunFacts) -> list[ToolCall]:
    failed = {failed.position for failed in facts.failed_operations}
    return [call for call in facts.tool_calls if not call.failed and call.position not in failed]


def _failed_around(trace: Trace) -> list[bool]:
    """For each span, whether anything around it failed: then somebody was told."""
    around: list[bool] = []
    for parent in trace.parents:
        around.append(parent != NO_PARENT and (around[parent] or trace.spans[parent].failed))
    return around


def _answers(facts: RunFacts) -> Iterator[str]:
    """What the last model said and what the run gave back. An output that is a whole state says nothing beside an answer: it repeats
    what tools said.
    """
    last = last_model_call(facts)
    said = last.answer if last else None
    if said:
        yield said
    stated = facts.stated_output
    if stated and not (said and stated.startswith(("{", "["))):
        yield stated


def _has_stand_in(failed: ToolCall, went_well: Sequence[ToolCall]) -> bool:
    first = bisect_left(went_well, failed.end_ns, key=lambda call: call.start_ns)
    return any(_stands_in(other, failed) for other in went_well[first : first + SOON])


def _stands_in(other: ToolCall, failed: ToolCall) -> bool:
    """Whether another tool was asked for the same: with all the values of the arguments, or by a name with the same topic. What only
    looks does not stand in for what acts.
    """
    if other.name == failed.name or (tool_names.acts(failed.name) and not tool_names.acts(other.name)):
        return False
    wanted = _argument_values(failed)
    has_same_values = bool(wanted) and wanted <= _argument_values(other)
    return has_same_values or not tool_names.topics(failed.name).isdisjoint(tool_names.topics(other.name))


def _argument_values(call: ToolCall) -> set[bytes]:
    values = call.arguments.values() if isinstance(call.arguments, dict) else [call.arguments]
    return {canonical(value) for value in values if value is not None}


def _observe(
    swallowed: Sequence[Swallowed], last: ModelCall | None, *, same_tool: ToolCall | None, any_tool: ToolCall | None
) -> Observation:
    """With the latest calls that went well, of the same tool and of any."""
    calls = [one.call for one in swallowed]
    final = calls[-1]
    was_answered = last is not None and bool(last.answer) and last.start_ns >= final.end_ns
    confidence = SURE_WITH_ANSWER if was_answered else SURE_WITHOUT_ANSWER
    if same_tool is not None and same_tool.start_ns >= final.end_ns:
        confidence *= SAME_TOOL_FACTOR
    elif any_tool is not None and any_tool.start_ns >= final.end_ns:
        confidence *= OTHER_TOOL_FACTOR
    if all(one.failed.reason.is_report for one in swallowed):
        confidence *= REPORT_FACTOR
    times = "" if len(calls) == 1 else f" {len(calls)} times"
    ending = "the answer does not mention it" if was_answered else "the run ended as a success"
    words = quoted(swallowed[-1].failed.reason.words) or "no reason given"
    return Observation(
        message=f"{final.name} failed{times} ({words}), was not tried again with success, and {ending}",
        advice=ADVICE,
        evidence=tuple(call.span_id for call in calls),
        confidence=round(confidence, 2),
    )
