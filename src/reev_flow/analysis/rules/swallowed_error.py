"""RF201: a tool failed, nothing made it good, and the run ended as if nothing had happened."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from reev_flow.analysis.calls.tool_calls import ToolCall
from reev_flow.analysis.evidence.admission import admits_a_failure, denies_something
from reev_flow.analysis.evidence.final_answer import last_model_call
from reev_flow.analysis.evidence.stand_in import has_stand_in
from reev_flow.analysis.failures.failed_operations import FailedOperation
from reev_flow.analysis.findings import Observation
from reev_flow.analysis.meaning import tool_names
from reev_flow.analysis.meaning.error_classes import TRANSIENT, ErrorClass
from reev_flow.analysis.meaning.failure import quoted
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.span import Operation
from reev_flow.trace.trace import NO_PARENT, Trace

SURE_WITH_ANSWER = 0.85
SURE_WITHOUT_ANSWER = 0.5  # nobody answered after it, or what the run gave back is not recorded
STAND_IN_FACTOR = 0.8  # some tool went well later and may have stood in
REPORT_FACTOR = 0.75  # by its status the tool went well

STRUCTURED = ("{", "[")  # how JSON begins: what programs read

ADVICE = "let the failure reach the run's status, retry it, or make the answer say what is missing"


class Swallowed(msgspec.Struct, frozen=True):
    """A failed call that nobody told of."""

    call: ToolCall
    failed: FailedOperation


def look_for_swallowed_errors(facts: RunFacts) -> Iterator[Observation]:
    """One observation a tool. Silent when the call was made good or another tool stood in for it, when the error reached a span around
    the call, when the answer admits a failure, when models were asked and no answer is recorded, and when a model got what it asked of the
    same tool in another way before it answered.
    """
    failed = [failed for failed in facts.failed_operations if not failed.was_made_good]
    answers = list(_answers(facts)) if failed else []
    if not answers and facts.model_calls:
        return  # models mostly admit failures, and what these said is not recorded
    if not failed or any(admits_a_failure(answer, _topics(failed, facts)) for answer in answers):
        return
    went_well = _calls_that_went_well(facts)
    by_tool: dict[str, list[Swallowed]] = {}
    for one in _not_passed_on(failed, facts, is_denied=any(map(denies_something, answers))):
        if not has_stand_in(one.call, one.failed.reason.error_class, went_well):
            by_tool.setdefault(one.call.name, []).append(one)
    last = last_model_call(facts) if any(not answer.startswith(STRUCTURED) for answer in answers) else None
    latest = {call.name: call for call in went_well}
    for tool, swallowed in by_tool.items():
        failed_ns = swallowed[-1].call.end_ns
        was_answered = last is not None and last.start_ns >= failed_ns
        went_well_later = tool in latest and latest[tool].start_ns >= failed_ns
        if was_answered and went_well_later and swallowed[-1].failed.reason.error_class not in TRANSIENT:
            continue  # a model that saw the failure asked in another way, and answered with what it got
        factor = STAND_IN_FACTOR if went_well and went_well[-1].start_ns >= failed_ns else 1.0
        yield _observe(swallowed, factor, was_answered=was_answered, went_well_later=went_well_later)


def _topics(failed: Iterable[FailedOperation], facts: RunFacts) -> frozenset[str]:
    labels = {facts.trace.spans[operation.position].label for operation in failed}
    return frozenset().union(*map(tool_names.topics, labels))


def _not_passed_on(failed: Iterable[FailedOperation], facts: RunFacts, *, is_denied: bool) -> Iterator[Swallowed]:
    """Failed calls that no span around them tells of. That something was not found is told by an answer that denies anything."""
    calls = {call.position: call for call in facts.tool_calls}
    was_passed_on = _failed_around(facts.trace, facts.failed_positions)
    for operation in failed:
        call = calls.get(operation.position)
        was_told = is_denied and operation.reason.error_class is ErrorClass.NOT_FOUND
        if call is not None and not was_told and not was_passed_on[call.position]:
            yield Swallowed(call, operation)


def _calls_that_went_well(facts: RunFacts) -> list[ToolCall]:
    failed = {failed.position for failed in facts.failed_operations}
    return [call for call in facts.tool_calls if not call.failed and call.position not in failed]


def _failed_around(trace: Trace, failed_positions: Iterable[int]) -> list[bool]:
    """For each span, whether anything around it failed: then somebody was told. Not so if that was but a step of an agent that went on."""
    around = [False] * len(trace)
    for position in failed_positions:
        end = trace.subtree_ends[position]
        if not around[position] and not _is_inner_step(trace, position):
            around[position + 1 : end] = [True] * (end - position - 1)
    return around


def _is_inner_step(trace: Trace, position: int) -> bool:
    above = trace.parents[position]
    is_step = trace.spans[position].operation is Operation.STEP
    return is_step and above != NO_PARENT and trace.spans[above].operation is Operation.AGENT


def _answers(facts: RunFacts) -> Iterator[str]:
    """What the last model said and what the run gave back. An output that is a whole state says nothing beside an answer: it repeats
    what tools said.
    """
    last = last_model_call(facts)
    said = last.answer if last else None
    if said:
        yield said
    stated = facts.stated_output
    if stated and not (said and stated.startswith(STRUCTURED)):
        yield stated


def _observe(
    swallowed: Sequence[Swallowed], factor: float, *, was_answered: bool, went_well_later: bool
) -> Observation:
    calls = [one.call for one in swallowed]
    final = calls[-1]
    confidence = factor * (SURE_WITH_ANSWER if was_answered else SURE_WITHOUT_ANSWER)
    retried = f"was not tried again with {'the same arguments' if went_well_later else 'success'}"
    if all(one.failed.reason.is_report for one in swallowed):
        confidence *= REPORT_FACTOR
    times = "" if len(calls) == 1 else f" {len(calls)} times"
    ending = "the answer does not mention it" if was_answered else "the run ended as a success"
    words = quoted(swallowed[-1].failed.reason.words) or "no reason given"
    return Observation(
        message=f"{final.name} failed{times} ({words}), {retried}, and {ending}",
        advice=ADVICE,
        evidence=tuple(call.span_id for call in calls),
        confidence=round(confidence, 2),
    )
