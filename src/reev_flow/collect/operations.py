"""Which operation a span is: by what it says itself, by its name, or by what it could not have otherwise."""

import re
from functools import lru_cache
from typing import NamedTuple

import msgspec

from reev_flow.collect.dialects import KINDS, SPAN_NAMES
from reev_flow.collect.dialects.dialect import Concept, SpanName
from reev_flow.collect.facts import Facts
from reev_flow.collect.readers import text
from reev_flow.trace.span import Operation, Span

MOST_SCOPES = 1_024  # whose forms of names are remembered


class Inference(msgspec.Struct, frozen=True, kw_only=True):
    """A span that tells `needs` and one of `beside` is an operation, unless it is infrastructure."""

    operation: Operation
    needs: Concept
    beside: frozenset[Concept]


# Attributes are passed on to spans they do not describe (conversation ids, agent names), so one alone proves little.
INFERENCES = (
    Inference(
        operation=Operation.LLM,
        needs=Concept.MODEL,
        beside=frozenset(
            {
                Concept.INPUT_TOKENS,
                Concept.OUTPUT_TOKENS,
                Concept.TOTAL_TOKENS,
                Concept.OUTPUT_MESSAGES,
                Concept.ANSWER,
                Concept.FINISH_REASONS,
            }
        ),
    ),
    Inference(operation=Operation.TOOL, needs=Concept.TOOL_NAME, beside=frozenset({Concept.TOOL_NAME})),
)


class NameReading(NamedTuple):
    """What a span's name gives away. `remainder` is the name of the agent or tool in it, "" when there is none."""

    operation: Operation
    remainder: str


def operation_of(span: Span, facts: Facts) -> Operation:
    """What is surest goes first."""
    return (
        _named(span, is_certain=True)
        or _said(span, facts)
        or _named(span)
        or _inferred(facts)
        or _said(span, facts, is_last=True)
        or Operation.OTHER
    )


def read_name(span: Span, *, is_certain: bool = False) -> NameReading | None:
    """With `is_certain` only by the forms that go before what the span says of its kind."""
    name = span.name
    for form in _forms(span.source.scope, is_certain):
        if form.pattern:
            found = re.fullmatch(form.pattern, name)
            if found is not None:
                return NameReading(form.operation, found.groupdict().get("name") or "")
        elif _matches(form, name):
            return NameReading(form.operation, name.removeprefix(form.prefix).removesuffix(form.suffix).strip())
    return None


@lru_cache(MOST_SCOPES)
def _forms(scope: str, is_certain: bool) -> tuple[SpanName, ...]:  # noqa: FBT001 - one caller, just above
    return tuple(form for form in SPAN_NAMES if scope.startswith(form.scope) and (form.is_certain or not is_certain))


def _said(span: Span, facts: Facts, *, is_last: bool = False) -> Operation | None:
    for attribute, value in facts.ranked(Concept.KIND):
        words = (text(value) or "").split(None, 1)
        if not words:
            continue
        kind, word = KINDS[attribute], words[0].lower()
        operation = (kind.if_nothing_else if is_last else kind.meanings).get(word)
        if operation is not None:
            return operation if span.parent_id else kind.as_root.get(word, operation)
    return None


def _named(span: Span, *, is_certain: bool = False) -> Operation | None:
    reading = read_name(span, is_certain=is_certain)
    return None if reading is None else reading.operation


def _inferred(facts: Facts) -> Operation | None:
    if facts.tells(Concept.INFRASTRUCTURE):
        return None
    for inference in INFERENCES:
        if facts.tells(inference.needs) and any(facts.tells(concept) for concept in inference.beside):
            return inference.operation
    return None


def _matches(form: SpanName, name: str) -> bool:
    if form.is_whole:
        return name == form.prefix
    between = name[len(form.prefix) : len(name) - len(form.suffix)]
    is_of_the_form = name.startswith(form.prefix) and name.endswith(form.suffix)
    return is_of_the_form and len(name) >= len(form.prefix) + len(form.suffix) and bool(form.suffix or between.strip())
