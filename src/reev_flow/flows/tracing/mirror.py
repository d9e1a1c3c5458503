"""Spans of our own, given to the span processors of an OpenTelemetry SDK as if its tracers had made them.

An id generator cannot do this: tracers that exist already do not notice a new one. The one place here that imports the SDK.
"""

from functools import lru_cache
from typing import Any

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.sdk.trace import Event, ReadableSpan, SpanLimits
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags, TracerProvider

from reev_flow.trace import span as ours
from reev_flow.trace.semantics import SESSION_SCOPE
from reev_flow.version import __version__

SAMPLED = TraceFlags(TraceFlags.SAMPLED)
SCOPE = InstrumentationScope(SESSION_SCOPE, __version__)

KINDS = {
    ours.SpanKind.UNSPECIFIED: SpanKind.INTERNAL,
    ours.SpanKind.INTERNAL: SpanKind.INTERNAL,
    ours.SpanKind.SERVER: SpanKind.SERVER,
    ours.SpanKind.CLIENT: SpanKind.CLIENT,
    ours.SpanKind.PRODUCER: SpanKind.PRODUCER,
    ours.SpanKind.CONSUMER: SpanKind.CONSUMER,
}
STATUSES = {
    ours.Status.UNSET: StatusCode.UNSET,
    ours.Status.OK: StatusCode.OK,
    ours.Status.ERROR: StatusCode.ERROR,
}


def hand_over(span: ours.Span, attributes: ours.Attributes, provider: TracerProvider) -> bool:
    """False when the provider is not of an SDK, or switched off. Raises what a span processor raises."""
    tracer: Any = provider.get_tracer(SESSION_SCOPE, __version__)
    processor = getattr(tracer, "span_processor", None)
    if processor is None:
        return False
    processor.on_end(readable(span, attributes, tracer.resource))
    return True


def readable(span: ours.Span, attributes: ours.Attributes, resource: Any) -> ReadableSpan:
    """Always sampled: sampling thins what others emit, not the account of a session."""
    limits = _limits()
    failed = span.status is ours.Status.ERROR
    return ReadableSpan(
        name=span.name,
        context=_context(span.trace_id, span.span_id),
        parent=None if span.parent_id is None else _context(span.trace_id, span.parent_id),
        resource=resource,
        attributes=_bounded(attributes, limits.max_span_attributes, limits.max_span_attribute_length),
        events=[
            Event(
                event.name,
                _bounded(event.attributes, limits.max_event_attributes, limits.max_attribute_length),
                event.time_ns,
            )
            for event in span.events
        ],
        links=[
            Link(
                _context(link.trace_id, link.span_id),
                _bounded(link.attributes, limits.max_link_attributes, limits.max_attribute_length),
            )
            for link in span.links
        ],
        kind=KINDS[span.kind],
        status=Status(STATUSES[span.status], span.status_message if failed else None),
        start_time=span.start_ns,
        end_time=span.end_ns,
        instrumentation_scope=SCOPE,
    )


def _context(trace_id: str, span_id: str) -> SpanContext:
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=False, trace_flags=SAMPLED)


def _bounded(attributes: ours.Attributes, most: int | None, longest: int | None) -> Any:
    """Within the limits that the environment sets for every span."""
    return BoundedAttributes(most, attributes, immutable=True, max_value_len=longest)


@lru_cache(maxsize=1)
def _limits() -> SpanLimits:
    return SpanLimits()
