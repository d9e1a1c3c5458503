"""What has to be said about a span because of what it tells: that something was cut, that it failed without its status saying so."""

from functools import lru_cache

from msgspec.structs import replace

from reev_flow.collect.dialects import FAILURES
from reev_flow.collect.dialects.dialect import Failure
from reev_flow.collect.facts import Facts
from reev_flow.trace.span import Flag, Span, Status, Value


def flagged(span: Span, facts: Facts) -> Span:
    """The span itself when there is nothing to say."""
    if facts.are_cut and Flag.CUT_CONTENT not in span.flags:
        span = replace(span, flags=span.flags | {Flag.CUT_CONTENT})
    if span.status is not Status.ERROR and any(_tells(failure, span) for failure in _failures_of(span.source.scope)):
        span = replace(span, status=Status.ERROR, flags=span.flags | {Flag.TOLD_FAILURE})
    return span


@lru_cache(maxsize=1_024)
def _failures_of(scope: str) -> tuple[Failure, ...]:
    return tuple(failure for failure in FAILURES if scope.startswith(failure.scope))


def _tells(failure: Failure, span: Span) -> bool:
    if failure.event:
        return any(event.name == failure.event for event in span.events)
    return failure.attribute in span.attributes and _word(span.attributes[failure.attribute]) == failure.value


def _word(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool | str) else ""
