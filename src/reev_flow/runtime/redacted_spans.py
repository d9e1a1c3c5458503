"""Finished spans of an OpenTelemetry SDK without the secrets in them."""

from collections.abc import Iterable, Mapping
from typing import Any

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, Status, TraceFlags, TraceState

from reev_flow.collect.redaction import Redaction


def redacted(spans: Iterable[ReadableSpan], redaction: Redaction) -> list[ReadableSpan]:
    """Spans like them, as sampled: whoever passes them on has decided."""
    spans = tuple(spans)
    # By identity: resources and scopes are few objects, and many spans share them.
    resources = {id(span.resource): _resource(span.resource, redaction) for span in _one_of_each(spans, "resource")}
    scopes = {
        id(span.instrumentation_scope): _scope(span.instrumentation_scope, redaction)
        for span in _one_of_each(spans, "instrumentation_scope")
    }
    return [
        _span(span, resources[id(span.resource)], scopes[id(span.instrumentation_scope)], redaction) for span in spans
    ]


def _one_of_each(spans: Iterable[ReadableSpan], name: str) -> Iterable[ReadableSpan]:
    return {id(getattr(span, name)): span for span in spans}.values()


def _span(
    span: ReadableSpan, resource: Resource, scope: InstrumentationScope | None, redaction: Redaction
) -> ReadableSpan:
    return ReadableSpan(
        name=redaction.text("", span.name),
        context=_context(span.get_span_context(), TraceFlags.SAMPLED, redaction),
        parent=span.parent,
        resource=resource,
        attributes=_attributes(span.attributes, span.dropped_attributes, redaction),
        events=[
            Event(
                redaction.text("", event.name),
                _attributes(event.attributes, event.dropped_attributes, redaction),
                event.timestamp,
            )
            for event in span.events
        ],
        links=[_link(link, redaction) for link in span.links],
        kind=span.kind,
        instrumentation_scope=scope,
        status=_status(span.status, redaction),
        start_time=span.start_time,
        end_time=span.end_time,
    )


def _resource(resource: Resource, redaction: Redaction) -> Resource:
    return Resource(_attributes(resource.attributes, 0, redaction), resource.schema_url)


def _scope(scope: InstrumentationScope | None, redaction: Redaction) -> InstrumentationScope | None:
    if scope is None or not scope.attributes:
        return scope
    attributes = _attributes(scope.attributes, 0, redaction)
    return InstrumentationScope(scope.name, scope.version, scope.schema_url, attributes)


def _link(link: Link, redaction: Redaction) -> Link:
    context = _context(link.context, TraceFlags.DEFAULT, redaction) or link.context
    return Link(context, _attributes(link.attributes, link.dropped_attributes, redaction))


def _context(context: SpanContext | None, flags: int, redaction: Redaction) -> SpanContext | None:
    """With those flags beside its own."""
    if context is None or not (context.trace_state or flags & ~context.trace_flags):
        return context
    state = TraceState([(key, redaction.text(key, value)) for key, value in context.trace_state.items()])
    return SpanContext(
        context.trace_id, context.span_id, context.is_remote, TraceFlags(context.trace_flags | flags), state
    )


def _status(status: Status, redaction: Redaction) -> Status:
    return Status(status.status_code, redaction.text("", status.description)) if status.description else status


def _attributes(attributes: Mapping[str, Any] | None, dropped: int, redaction: Redaction) -> Any:
    masked = BoundedAttributes(None, {key: _value(key, value, redaction) for key, value in (attributes or {}).items()})
    masked.dropped = dropped
    return masked


def _value(key: str, value: Any, redaction: Redaction) -> Any:
    return redaction.value(key, list(value) if isinstance(value, tuple) else value)
