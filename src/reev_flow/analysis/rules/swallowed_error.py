"""RF201: a tool failed, nothing made it good, and the run ended as if nothing had happened."""

import re
from collections.abc import Iterator

from reev_flow.analysis.final_answer import final_answer
from reev_flow.analysis.findings import Observation
from reev_flow.analysis.rules.recovery import unrecovered
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.analysis.tool_calls import ToolCall
from reev_flow.trace.trace import Trace

# An answer that says so has not swallowed the error. English only; in other languages the confidence stays as it is.
ADMISSION = re.compile(
    r"\b(?:error|errors|fail(?:ed|s|ure)?|unable|unavailable|cannot|can['’]?t|could ?n['’]t|could not|was ?n['’]t able|not able|"
    r"were not|did ?n['’]t work|sorry|apologi[sz]e|unfortunately|problem|issue|trouble|denied|timed out|timeout|rate limit)",
    re.IGNORECASE,
)
CONFIDENCE_WITH_ANSWER = 0.85
CONFIDENCE_WITHOUT_ANSWER = 0.6
FALLBACK_FACTOR = 0.7  # another tool went well afterwards and may have stood in


def look_for_swallowed_errors(facts: RunFacts) -> Iterator[Observation]:
    """One observation a tool. Silent when a later call of the tool went well, when the error reached the span the call was made in
    or the run's root, and when the answer admits it."""
    answer = final_answer(facts)
    if answer is not None and ADMISSION.search(answer):
        return
    by_tool: dict[str, list[ToolCall]] = {}
    for call in unrecovered(facts.tool_calls):
        if not _was_passed_on(facts.trace, call):
            by_tool.setdefault(call.name, []).append(call)
    for calls in by_tool.values():
        yield _observe(calls, facts, answer)


def _was_passed_on(trace: Trace, call: ToolCall) -> bool:
    """Whether anything around the call failed as well: then somebody was told."""
    return any(trace.spans[ancestor].failed for ancestor in trace.ancestors(call.position))


def _observe(calls: list[ToolCall], facts: RunFacts, answer: str | None) -> Observation:
    last = calls[-1]
    confidence = CONFIDENCE_WITHOUT_ANSWER if answer is None else CONFIDENCE_WITH_ANSWER
    if any(not call.failed and call.start_ns >= last.end_ns for call in facts.tool_calls):
        confidence *= FALLBACK_FACTOR
    times = "" if len(calls) == 1 else f" {len(calls)} times"
    ending = "the run ended as a success" if answer is None else "the answer does not mention it"
    return Observation(
        message=f"{last.name} failed{times} ({_short(last.error)}), was not tried again with success, and {ending}",
        advice="let the failure reach the run's status, retry it, or make the answer say what is missing",
        evidence=tuple(call.span_id for call in calls),
        confidence=round(confidence, 2),
    )


def _short(error: str | None) -> str:
    words = " ".join((error or "no reason given").split())
    return words if len(words) <= 80 else words[:79] + "…"
