"""Finished spans of an OpenTelemetry SDK without the secrets in them."""

from collections.abc import Mapping
from typing import Any

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import Link, SpanContext, Status, TraceFlags

from reev_flow.collect.redaction import Redaction


def redacted(span: ReadableSpan, redaction: Redaction) -> ReadableSpan:
    """A span like it, as sampled: whoever passes it on has decided."""
    return ReadableSpan(
        name=redaction.text("", span.name),
        context=_sampled(span.get_span_context()),
        parent=span.parent,
        resource=span.resource,
        attributes=_attributes(span.attributes, span.dropped_attributes, redaction),
        events=[
            Event(redaction.text("", event.name), _attributes(event.attributes, 0, redaction), event.timestamp)
            for event in span.events
        ],
        links=[Link(link.context, _attributes(link.attributes, 0, redaction)) for link in span.links],
        kind=span.kind,
        instrumentation_scope=span.instrumentation_scope,
        status=_status(span.status, redaction),
        start_time=span.start_time,
        end_time=span.end_time,
    )


def _sampled(context: SpanContext | None) -> SpanContext | None:
    if context is None or context.trace_flags & TraceFlags.SAMPLED:
        return context
    flags = TraceFlags(context.trace_flags | TraceFlags.SAMPLED)
    return SpanContext(context.trace_id, context.span_id, context.is_remote, flags, context.trace_state)


def _status(status: Status, redaction: Redaction) -> Status:
    return Status(status.status_code, redaction.text("", status.description)) if status.description else status


def _attributes(attributes: Mapping[str, Any] | None, dropped: int, redaction: Redaction) -> Any:
    masked = BoundedAttributes(None, {key: _value(key, value, redaction) for key, value in (attributes or {}).items()})
    masked.dropped = dropped
    return masked


def _value(key: str, value: Any, redaction: Redaction) -> Any:
    return redaction.value(key, list(value) if isinstance(value, tuple) else value)
