"""A span of given attributes, as it means after normalising."""

from typing import Any

from reev_flow.collect.normalize import normalize
from reev_flow.trace.span import ModelUse, Source, Span, SpanEvent, ToolUse

PARENT = "00f067aa0ba902b7"


def received(attributes: dict[str, Any] | None = None, *, scope: str = "", **fields: Any) -> Span:
    """A child span unless `parent_id` says otherwise."""
    return Span(
        **{
            "trace_id": "1" * 32,
            "span_id": "2" * 16,
            "parent_id": PARENT,
            "name": "work",
            "start_ns": 1,
            "end_ns": 2,
            "source": Source(scope=scope),
            "attributes": attributes or {},
            **fields,
        }
    )


def understood(attributes: dict[str, Any] | None = None, **fields: Any) -> Span:
    return normalize(received(attributes, **fields))


def event(name: str, **attributes: Any) -> SpanEvent:
    return SpanEvent(time_ns=1, name=name, attributes=attributes)


def model_of(span: Span) -> ModelUse:
    assert span.model is not None
    return span.model


def tool_of(span: Span) -> ToolUse:
    assert span.tool is not None
    return span.tool
