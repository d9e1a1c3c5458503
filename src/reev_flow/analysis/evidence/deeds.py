"""What was done in the world during a run: tool calls, and steps of sessions, each with whether it took effect."""

import re
from collections.abc import Container, Iterator
from enum import StrEnum

import msgspec

from reev_flow.analysis.calls.tool_calls import ToolCall
from reev_flow.analysis.failures.failed_operations import FailedOperation
from reev_flow.analysis.meaning.equivalence import question
from reev_flow.analysis.meaning.error_classes import ErrorClass
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace import semantics
from reev_flow.trace.run import HAPPENED, NOT_HAPPENED, Outcome
from reev_flow.trace.span import Operation, Span, Value


class Effect(StrEnum):
    """Whether something took effect. A timeout leaves it open."""

    TAKEN = "taken"
    UNKNOWN = "unknown"
    NONE = "none"


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """One call or one attempt at a step."""

    name: str
    call_id: str | None
    span_id: str
    position: int
    start_ns: int
    end_ns: int
    arguments: Value
    asked: bytes
    result: Value
    effect: Effect


SAFE_TO_RERUN = "rerun"
NEVER_ARRIVED = re.compile(
    r"connect(?:ion)?[ _-]?time|connect(?:ion)? (?:attempt )?timed|pool[ _-]?time|name resolution|dns", re.IGNORECASE
)


def deeds(facts: RunFacts, names: Container[str]) -> Iterator[Deed]:
    """Those of these names, by start. Without what its author declared safe to run again."""
    failed = {operation.position: operation for operation in facts.failed_operations}
    found = [_called(call, facts, failed) for call in facts.tool_calls if call.name in names]
    found += [_attempted(position, span, failed) for position, span in _attempts(facts) if span.label in names]
    for deed in sorted(found, key=lambda deed: (deed.start_ns, deed.position)):
        if facts.trace.spans[deed.position].attributes.get(semantics.REEV_STEP_EFFECT) != SAFE_TO_RERUN:
            yield deed


def _attempts(facts: RunFacts) -> Iterator[tuple[int, Span]]:
    for position, span in enumerate(facts.trace.spans):
        if span.operation is Operation.STEP and semantics.REEV_STEP_ID in span.attributes:
            yield position, span


def _called(call: ToolCall, facts: RunFacts, failed: dict[int, FailedOperation]) -> Deed:
    span = facts.trace.spans[call.position]
    return Deed(
        name=call.name,
        call_id=call.call_id,
        span_id=call.span_id,
        position=call.position,
        start_ns=call.start_ns,
        end_ns=call.end_ns,
        arguments=call.arguments,
        asked=facts.questions.asked(call),
        result=call.result,
        effect=_effect(span, failed.get(call.position), is_failed=facts.went_wrong(call)),
    )


def _attempted(position: int, span: Span, failed: dict[int, FailedOperation]) -> Deed:
    return Deed(
        name=span.label,
        call_id=None,
        span_id=span.span_id,
        position=position,
        start_ns=span.start_ns,
        end_ns=span.end_ns,
        arguments=span.input,
        asked=question(span.input),
        result=span.output,
        effect=_effect(span, failed.get(position), is_failed=span.failed),
    )


def _effect(span: Span, failed: FailedOperation | None, *, is_failed: bool) -> Effect:
    outcome, settled = (span.attributes.get(name) for name in (semantics.REEV_OUTCOME, semantics.REEV_SETTLED))
    if settled in {HAPPENED, NOT_HAPPENED}:
        return Effect.TAKEN if settled == HAPPENED else Effect.NONE
    if outcome in {Outcome.INTERRUPTED, Outcome.RUNNING}:
        return Effect.NONE  # a session only tries again what it may; what is in doubt is another finding
    if not is_failed:
        return Effect.TAKEN
    is_open = failed is not None and failed.reason.error_class is ErrorClass.TIMEOUT
    return Effect.UNKNOWN if is_open and failed and not NEVER_ARRIVED.search(failed.reason.words) else Effect.NONE
