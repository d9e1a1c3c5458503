"""What a span means, read out of whatever dialects its attributes are in."""

from collections.abc import Iterator

import msgspec

from reev_flow.collect.dialects.dialect import Concept
from reev_flow.collect.dialects.wrappers import ARGUMENT_WRAPPERS, RESULT_WRAPPERS
from reev_flow.collect.facts import Facts
from reev_flow.collect.flags import flagged
from reev_flow.collect.messages import NO_REPLY, Reply, read_reply, read_requests
from reev_flow.collect.operations import operation_of, read_name
from reev_flow.collect.readers import as_text, integer, text, texts
from reev_flow.collect.unwrap import Unwrapped, unwrap
from reev_flow.collect.usage import read_usage
from reev_flow.trace.span import ModelUse, Operation, Span, ToolUse, Value

MODEL_OPERATIONS = frozenset({Operation.LLM, Operation.EMBEDDING})


def normalize(span: Span) -> Span:
    """The span with its meaning filled in, from what was received and nothing else. Never raises. What was received stays, except
    that work which is told to have failed elsewhere than in its status has failed.

    Inputs and outputs stay as they were sent, except those of tools: JSON in them is read, and what frameworks wrap around them
    is taken off. The messages a model was sent are never opened; they are most of a trace's bytes.
    """
    facts = Facts(span)
    operation = operation_of(span, facts)
    span = flagged(span, facts)
    if facts.are_none and operation is Operation.OTHER:
        return span
    is_tool = operation is Operation.TOOL
    call_id = facts.first(Concept.CALL_ID, text) if is_tool else None
    given = _arguments(facts, call_id) if is_tool else Unwrapped(facts.sent(Concept.INPUT))
    returned = _result(facts, call_id) if is_tool else Unwrapped(_output(facts))
    return msgspec.structs.replace(
        span,
        operation=operation,
        conversation_id=facts.first(Concept.CONVERSATION, text),
        flow=_flow(span, facts) if operation is Operation.FLOW else None,
        agent=_agent(span, facts, operation),
        tool=_tool(span, facts, call_id or returned.call_id) if is_tool else None,
        model=_model(facts, operation) if operation in MODEL_OPERATIONS else None,
        usage=read_usage(facts),
        input=given.content,
        output=returned.content,
    )


def _flow(span: Span, facts: Facts) -> str | None:
    name = facts.first(Concept.WORKFLOW, text) or facts.first(Concept.ENTITY, text)
    return name or _name_within(span, Operation.FLOW)


def _agent(span: Span, facts: Facts, operation: Operation) -> str | None:
    name = facts.first(Concept.AGENT, text)
    if name is None and operation is Operation.AGENT:
        name = facts.first(Concept.ENTITY, text) or _name_within(span, operation)
    return name


def _tool(span: Span, facts: Facts, call_id: str | None) -> ToolUse:
    name = facts.first(Concept.TOOL_NAME, text) or facts.first(Concept.ENTITY, text)
    return ToolUse(
        name=name or _name_within(span, Operation.TOOL) or span.name,
        call_id=call_id,
    )


def _name_within(span: Span, operation: Operation) -> str | None:
    reading = read_name(span)
    return reading.remainder or None if reading is not None and reading.operation is operation else None


def _arguments(facts: Facts, call_id: str | None) -> Unwrapped:
    sent = facts.sent(Concept.ARGUMENTS)
    return unwrap(facts.sent(Concept.INPUT) if sent is None else sent, ARGUMENT_WRAPPERS, call_id)


def _result(facts: Facts, call_id: str | None) -> Unwrapped:
    sent = facts.sent(Concept.RESULT)
    return unwrap(_output(facts) if sent is None else sent, RESULT_WRAPPERS, call_id)


def _output(facts: Facts) -> Value:
    for concept in (Concept.OUTPUT, Concept.OUTPUT_MESSAGES, Concept.ANSWER):
        sent = facts.sent(concept)
        if sent is not None:
            return sent
    return None


def _model(facts: Facts, operation: Operation) -> ModelUse:
    reply = _reply(facts) if operation is Operation.LLM else NO_REPLY
    return ModelUse(
        name=facts.first(Concept.MODEL, text) or "",
        provider=(facts.first(Concept.PROVIDER, text) or "").lower(),
        answer=reply.answer,
        asked=reply.asked,
        finish_reasons=facts.first(Concept.FINISH_REASONS, texts) or reply.finish_reasons,
        tells_cache=facts.first(Concept.CACHE_READ_TOKENS, integer) is not None,
    )


def _reply(facts: Facts) -> Reply:
    """The first account of the reply that tells an answer or a tool call, else the first that tells anything."""
    told = NO_REPLY
    for reply in _accounts(facts):
        if reply.answer or reply.asked:
            return reply
        told = told if told.tells_something else reply
    return told


def _accounts(facts: Facts) -> Iterator[Reply]:
    for _, told in facts.ranked(Concept.OUTPUT_MESSAGES):
        yield read_reply(told)
    requests = facts.sent(Concept.REQUESTS)
    yield Reply(facts.first(Concept.ANSWER, as_text), read_requests(requests), ())
    for _, told in facts.ranked(Concept.OUTPUT):
        yield read_reply(told)
