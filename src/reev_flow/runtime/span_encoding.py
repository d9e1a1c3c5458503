"""Finished spans of an OpenTelemetry SDK as the bytes of an OTLP message.

OpenTelemetry's own encoder makes a protobuf object of every attribute, and asks for the hash of the whole resource for every span; here
the bytes are written down directly, in a fraction of the time. Tests hold the two against each other.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, TraceState

from reev_flow.collect.otlp_wire import attributes, count, message, moment, text

# The number of a field and the way it is written, as it stands before each field: `opentelemetry/proto/trace/v1/trace.proto`.
RESOURCE_SPANS = RESOURCE = b"\x0a"
SCOPE_SPANS, RESOURCE_SCHEMA = b"\x12", b"\x1a"
SCOPE, SPAN, SCOPE_SCHEMA = b"\x0a", b"\x12", b"\x1a"
RESOURCE_ATTRIBUTE, SCOPE_ATTRIBUTE, SPAN_ATTRIBUTE, EVENT_ATTRIBUTE, LINK_ATTRIBUTE = (
    b"\x0a",
    b"\x1a",
    b"\x4a",
    b"\x1a",
    b"\x22",
)
FLAGS_OF_LOCAL, FLAGS_OF_REMOTE = (0x100).to_bytes(4, "little"), (0x300).to_bytes(4, "little")
NO_STATUS = b"\x7a\x00"

KINDS = {kind: b"\x30" + bytes([kind.value + 1]) for kind in SpanKind}  # OTLP counts from 1


def encode_trace(spans: Iterable[ReadableSpan]) -> bytes:
    """A `TracesData` message. Raises what a span that is none makes it raise."""
    grouped: dict[tuple[int, int], list[ReadableSpan]] = {}
    for span in spans:
        # By identity: resources and scopes are few objects, and equal ones may as well be written twice.
        grouped.setdefault((id(span.resource), id(span.instrumentation_scope)), []).append(span)
    return b"".join([_resource_spans(group) for group in grouped.values()])


def _resource_spans(spans: Sequence[ReadableSpan]) -> bytes:
    resource, scope = spans[0].resource, spans[0].instrumentation_scope
    parts = [_scope(scope), *[message(SPAN, _span(span)) for span in spans]]
    if scope is not None and scope.schema_url:
        parts.append(text(SCOPE_SCHEMA, scope.schema_url))
    body = _resource(resource) + message(SCOPE_SPANS, b"".join(parts))
    return message(RESOURCE_SPANS, body + (text(RESOURCE_SCHEMA, resource.schema_url) if resource.schema_url else b""))


def _resource(resource: Resource) -> bytes:
    return message(RESOURCE, attributes(RESOURCE_ATTRIBUTE, resource.attributes))


def _scope(scope: InstrumentationScope | None) -> bytes:
    if scope is None:
        return SCOPE + b"\x00"
    named = text(b"\x0a", scope.name) + (text(b"\x12", scope.version) if scope.version else b"")
    return message(SCOPE, named + attributes(SCOPE_ATTRIBUTE, scope.attributes))


def _span(span: ReadableSpan) -> bytes:
    context = span.get_span_context()
    assert context is not None  # noqa: S101 - a span that ended has one
    parent = span.parent
    parts = [
        b"\x0a\x10" + context.trace_id.to_bytes(16, "big") + b"\x12\x08" + context.span_id.to_bytes(8, "big"),
        _trace_state(context.trace_state),
        b"" if parent is None else b"\x22\x08" + parent.span_id.to_bytes(8, "big"),
        text(b"\x2a", span.name),
        KINDS[span.kind],
        moment(b"\x39", span.start_time or 0) + moment(b"\x41", span.end_time or 0),
        attributes(SPAN_ATTRIBUTE, _held(span)),
        count(b"\x50", span.dropped_attributes),
        *[message(b"\x5a", _event(event)) for event in span.events],
        count(b"\x60", span.dropped_events),
        *[message(b"\x6a", _link(link)) for link in span.links],
        count(b"\x70", span.dropped_links),
        _status(span.status),
        b"\x85\x01" + _flags(parent),
    ]
    return b"".join(parts)


def _event(event: Event) -> bytes:
    named = moment(b"\x09", event.timestamp) + text(b"\x12", event.name)
    return named + attributes(EVENT_ATTRIBUTE, event.attributes) + count(b"\x20", event.dropped_attributes)


def _link(link: Link) -> bytes:
    context = link.context
    ids = b"\x0a\x10" + context.trace_id.to_bytes(16, "big") + b"\x12\x08" + context.span_id.to_bytes(8, "big")
    held = attributes(LINK_ATTRIBUTE, link.attributes) + count(b"\x28", link.dropped_attributes)
    return ids + held + b"\x35" + _flags(context)


def _status(status: Status) -> bytes:
    told = text(b"\x12", status.description) if status.description else b""
    code = status.status_code.value
    return message(b"\x7a", told + count(b"\x18", code)) if told or code else NO_STATUS


def _flags(context: SpanContext | None) -> bytes:
    return FLAGS_OF_REMOTE if context is not None and context.is_remote else FLAGS_OF_LOCAL


def _held(span: ReadableSpan) -> Mapping[str, Any] | None:
    """What the SDK shows of attributes takes three calls for each of them; what is below is a dictionary."""
    attributes = getattr(span, "_attributes", None)
    if type(attributes) is BoundedAttributes:
        below = getattr(attributes, "_dict", None)
        if type(below) is dict:
            return below
    return span.attributes


def _trace_state(state: TraceState) -> bytes:
    return text(b"\x1a", ",".join(f"{key}={value}" for key, value in state.items())) if state else b""
