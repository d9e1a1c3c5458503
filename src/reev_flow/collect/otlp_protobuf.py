"""Spans out of OTLP in protobuf. The one place that imports protobuf; callers import it only when such input shows up."""

from collections.abc import Iterator
from typing import Any

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from reev_flow.collect.deep_message import NO_FIELD, shallow
from reev_flow.collect.otlp_values import id_from_bytes, read_kind, read_status, settle_times
from reev_flow.collect.report import Losses
from reev_flow.collect.too_deep import TOO_DEEP
from reev_flow.errors import ReevFlowError
from reev_flow.trace.semantics import SERVICE_NAME
from reev_flow.trace.span import Attributes, Source, Span, SpanEvent, SpanLink, Value

PASSED_OVER = bytes([NO_FIELD])


class InvalidMessage(ReevFlowError):
    """Bytes that are no OTLP protobuf message."""


def spans_of_message(data: bytes, losses: Losses) -> Iterator[Span]:
    """Every span of an `ExportTraceServiceRequest` or a `TracesData`, which are the same bytes, that has ids."""
    for resource_spans in _parsed(data).resource_spans:
        resource = read_attributes(resource_spans.resource.attributes)
        for scope_spans in resource_spans.scope_spans:
            source = read_source(resource, scope_spans.scope)
            for message in scope_spans.spans:
                span = _span(message, source)
                if span is None:
                    losses.span_without_id(message.name)
                else:
                    yield span


def _parsed(data: bytes) -> Any:
    try:
        return ExportTraceServiceRequest.FromString(data)
    except DecodeError as error:
        kept = shallow(data)
        if kept is None:
            raise InvalidMessage("is not an OTLP protobuf message, or breaks off") from error
        return ExportTraceServiceRequest.FromString(kept)


def read_source(resource: Attributes, scope: Any) -> Source:
    service = resource.get(SERVICE_NAME)
    return Source(
        service=service if isinstance(service, str) else "",
        scope=scope.name,
        scope_version=scope.version,
        resource=resource,
    )


def _span(message: Any, source: Source) -> Span | None:
    trace_id, span_id = id_from_bytes(message.trace_id), id_from_bytes(message.span_id)
    if trace_id is None or span_id is None:
        return None
    status = message.status
    start_ns, end_ns, flags = settle_times(message.start_time_unix_nano, message.end_time_unix_nano)
    return Span(
        trace_id=trace_id,
        span_id=span_id,
        parent_id=id_from_bytes(message.parent_span_id),
        name=message.name,
        start_ns=start_ns,
        end_ns=end_ns,
        kind=read_kind(message.kind),
        status=read_status(status.code),
        status_message=status.message,
        source=source,
        attributes=read_attributes(message.attributes),
        events=tuple([_event(event, start_ns) for event in message.events]),
        links=tuple([link for link in map(_link, message.links) if link is not None]),
        flags=flags,
    )


def _event(message: Any, span_start_ns: int) -> SpanEvent:
    return SpanEvent(
        time_ns=message.time_unix_nano or span_start_ns,
        name=message.name,
        attributes=read_attributes(message.attributes),
    )


def _link(message: Any) -> SpanLink | None:
    trace_id, span_id = id_from_bytes(message.trace_id), id_from_bytes(message.span_id)
    if trace_id is None or span_id is None:
        return None
    return SpanLink(trace_id=trace_id, span_id=span_id, attributes=read_attributes(message.attributes))


def read_attributes(pairs: Any) -> Attributes:
    attributes: Attributes = {}
    for pair in pairs:
        message = pair.value
        # Nearly all are text or numbers. What is set and not empty is the value; to ask which is set takes as long as the rest.
        value = message.string_value or message.int_value or read_value(message)
        if value is not None:
            attributes[pair.key] = value
    return attributes


def read_value(message: Any) -> Value:
    """Nesting is bounded by the protobuf parser, which refuses messages deeper than 100; what was passed over for it is a text that says so."""
    kind = message.WhichOneof("value")
    if kind is None:
        return TOO_DEEP if message.SerializeToString().startswith(PASSED_OVER) else None
    content: Any = getattr(message, kind)
    if kind == "array_value":
        return [read_value(value) for value in content.values]
    if kind == "kvlist_value":
        return {pair.key: read_value(pair.value) for pair in content.values}
    return content  # type: ignore[no-any-return]  # a plain bool, int, float, str or bytes
