"""Written spans as the OpenTelemetry SDK hands them to its processors."""

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from conformance.otlp_encoding import RESOURCE
from conformance.written import CLIENT, WrittenSpan


def sdk_span(span: WrittenSpan) -> ReadableSpan:
    return ReadableSpan(
        name=span.name,
        context=_context(span.trace_id, span.span_id),
        parent=_context(span.trace_id, span.parent_id) if span.parent_id else None,
        resource=Resource(RESOURCE),
        attributes={name: value for name, value in span.attributes.items() if value is not None},
        events=[Event(event.name, event.attributes, event.time_ns) for event in span.events],
        kind=SpanKind.CLIENT if span.kind == CLIENT else SpanKind.INTERNAL,
        instrumentation_scope=InstrumentationScope(span.scope, "1.0"),
        status=Status(StatusCode(span.status), span.message or None),
        start_time=span.start_ns,
        end_time=span.end_ns,
    )


def _context(trace_id: str, span_id: str) -> SpanContext:
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))
