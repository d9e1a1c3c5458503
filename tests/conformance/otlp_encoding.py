"""Requests as OTLP, in JSON and in protobuf, as an exporter writes them."""

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

from conformance.arrangement import Request
from conformance.logical_run import SERVICE
from conformance.written import WrittenEvent, WrittenLog, WrittenSpan
from support.otlp import any_value, key_values

RESOURCE = {"service.name": SERVICE, "telemetry.sdk.language": "python"}


def json_document(request: Request) -> dict[str, Any]:
    if request.logs:
        return _resource(("resourceLogs", "scopeLogs", "logRecords"), request.logs, _log)
    return _resource(("resourceSpans", "scopeSpans", "spans"), request.spans, _span)


def protobuf(request: Request) -> bytes:
    return (_log_message(request.logs) if request.logs else _span_message(request.spans)).SerializeToString()


def _resource(
    names: tuple[str, str, str], items: Iterable[Any], write: Callable[[Any], dict[str, Any]]
) -> dict[str, Any]:
    outer, middle, inner = names
    scopes = [
        {"scope": {"name": scope, "version": "1.0"}, inner: [write(item) for item in group]}
        for scope, group in groupby(items, key=lambda item: item.scope)
    ]
    return {outer: [{"resource": {"attributes": _key_values(RESOURCE)}, middle: scopes}]}


def _span(span: WrittenSpan) -> dict[str, Any]:
    """Fields that protobuf would leave out are left out here."""
    written = {
        "traceId": span.trace_id,
        "spanId": span.span_id,
        "parentSpanId": span.parent_id,
        "name": span.name,
        "kind": span.kind,
        "startTimeUnixNano": str(span.start_ns),
        "endTimeUnixNano": str(span.end_ns) if span.end_ns else "",
        "attributes": _key_values(span.attributes),
        "events": [_event(event) for event in span.events],
    }
    status = {"code": span.status, "message": span.message}
    return {name: value for name, value in written.items() if value} | {
        "status": {name: value for name, value in status.items() if value}
    }


def _event(event: WrittenEvent) -> dict[str, Any]:
    return {"timeUnixNano": str(event.time_ns), "name": event.name, "attributes": _key_values(event.attributes)}


def _log(log: WrittenLog) -> dict[str, Any]:
    return {
        "timeUnixNano": str(log.time_ns),
        "observedTimeUnixNano": str(log.time_ns + 1_000),
        "eventName": log.event,
        "attributes": _key_values(log.attributes),
        "body": any_value(log.body),
        "traceId": log.trace_id,
        "spanId": log.span_id,
    }


def _key_values(values: dict[str, Any]) -> list[dict[str, Any]]:
    return key_values({name: value for name, value in values.items() if value is not None})


def _span_message(spans: tuple[WrittenSpan, ...]) -> ExportTraceServiceRequest:
    message = ExportTraceServiceRequest()
    resource = message.resource_spans.add()
    resource.resource.attributes.extend(_pairs(RESOURCE))
    for scope, group in groupby(spans, key=lambda span: span.scope):
        scoped = resource.scope_spans.add()
        scoped.scope.name, scoped.scope.version = scope, "1.0"
        for span in group:
            written = scoped.spans.add(
                trace_id=bytes.fromhex(span.trace_id),
                span_id=bytes.fromhex(span.span_id),
                parent_span_id=bytes.fromhex(span.parent_id),
                name=span.name,
                kind=span.kind,
                start_time_unix_nano=span.start_ns,
                end_time_unix_nano=span.end_ns,
                attributes=_pairs(span.attributes),
                status={"code": span.status, "message": span.message},
            )
            for event in span.events:
                written.events.add(time_unix_nano=event.time_ns, name=event.name, attributes=_pairs(event.attributes))
    return message


def _log_message(logs: tuple[WrittenLog, ...]) -> ExportLogsServiceRequest:
    message = ExportLogsServiceRequest()
    resource = message.resource_logs.add()
    resource.resource.attributes.extend(_pairs(RESOURCE))
    for scope, group in groupby(logs, key=lambda log: log.scope):
        scoped = resource.scope_logs.add()
        scoped.scope.name, scoped.scope.version = scope, "1.0"
        for log in group:
            scoped.log_records.add(
                time_unix_nano=log.time_ns,
                observed_time_unix_nano=log.time_ns + 1_000,
                event_name=log.event,
                attributes=_pairs(log.attributes),
                body=_value(log.body),
                trace_id=bytes.fromhex(log.trace_id),
                span_id=bytes.fromhex(log.span_id),
            )
    return message


def _pairs(values: dict[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=name, value=_value(value)) for name, value in values.items() if value is not None]


def _value(value: Any) -> AnyValue:  # noqa: PLR0911 - one for each kind of value
    match value:
        case bool():
            return AnyValue(bool_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case str():
            return AnyValue(string_value=value)
        case list():
            return AnyValue(array_value=ArrayValue(values=[_value(entry) for entry in value]))
        case dict():
            pairs = [KeyValue(key=name, value=_value(entry)) for name, entry in value.items()]
            return AnyValue(kvlist_value=KeyValueList(values=pairs))
        case _:
            return AnyValue()
