"""Spans out of OTLP in JSON: by the specification, and as exporters really write it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from reev_flow.collect.json_text import Unread, read_entries, read_fields, read_part
from reev_flow.collect.otlp_values import (
    read_bytes,
    read_float,
    read_id,
    read_integer,
    read_kind,
    read_nanoseconds,
    read_status,
    settle_times,
)
from reev_flow.collect.report import Losses, Tell
from reev_flow.collect.shapes import describe
from reev_flow.collect.too_deep import MOST_NESTING, TOO_DEEP
from reev_flow.trace.semantics import SERVICE_NAME
from reev_flow.trace.span import UNKNOWN_SOURCE, Attributes, Source, Span, SpanEvent, SpanLink, Value

# Each field under the names it is found by, the specified one first.
RESOURCE_SPANS = ("resourceSpans", "resource_spans", "batches")
SCOPE_SPANS = ("scopeSpans", "scope_spans", "instrumentationLibrarySpans", "instrumentation_library_spans")
SCOPE = ("scope", "instrumentationLibrary", "instrumentation_library")
TRACE_ID = ("traceId", "trace_id", "traceID")
SPAN_ID = ("spanId", "span_id", "spanID")
PARENT_ID = ("parentSpanId", "parent_span_id", "parentSpanID")
START = ("startTimeUnixNano", "start_time_unix_nano")
END = ("endTimeUnixNano", "end_time_unix_nano")
EVENT_TIME = ("timeUnixNano", "time_unix_nano")

NO_FIELDS: Mapping[str, Any] = {}


def spans_of_document(document: Unread, tell: Tell) -> Iterator[Span]:
    """Every span of one request or of an array of requests. What cannot be used is told when the document is done."""
    losses = Losses()
    entries = read_entries(document)
    for request in entries or [document]:
        fields = read_fields(request)
        if fields is None or _field(fields, RESOURCE_SPANS) is None:
            losses.no_request(describe(request))
        else:
            yield from spans_of_request(fields, losses)
    losses.tell(tell)


def spans_of_request(request: Mapping[str, Unread], losses: Losses) -> Iterator[Span]:
    """Every span of a request that has ids. Fields of a wrong type count as absent, unknown ones are passed over.

    Spans are decoded one by one, so that the largest document needs little more memory than its bytes.
    """
    for resource_spans in _objects(_field(request, RESOURCE_SPANS), "resourceSpans", losses):
        resource = read_attributes(_object(read_part(resource_spans.get("resource"))).get("attributes"))
        for scope_spans in _objects(_field(resource_spans, SCOPE_SPANS), "scopeSpans", losses):
            source = read_source(resource, _object(read_part(_field(scope_spans, SCOPE))))
            yield from _spans(scope_spans.get("spans"), source, losses)


def spans_of_single(fields: Mapping[str, Unread], losses: Losses) -> Iterator[Span]:
    """A span that lies by itself, without a word of who sent it."""
    yield from _spans([{name: read_part(raw) for name, raw in fields.items()}], UNKNOWN_SOURCE, losses)


def _spans(raw: Unread, source: Source, losses: Losses) -> Iterator[Span]:
    for entry in _array(raw, "spans", losses):
        decoded = read_part(entry)
        if not isinstance(decoded, dict):
            losses.misshapen("spans")
            continue
        span = _span(decoded, source)
        if span is None:
            losses.span_without_id(_text(decoded.get("name")))
        else:
            yield span


def read_attributes(raw: Any) -> Attributes:
    attributes: Attributes = {}
    for pair in raw if isinstance(raw, list) else ():
        if not isinstance(pair, dict):
            continue
        name, value = pair.get("key"), pair.get("value")
        content = (
            value.get("stringValue") if isinstance(value, dict) else None
        )  # most are, and they are most of the time
        if not isinstance(content, str):
            content = read_value(value)
        if content is not None and isinstance(name, str):
            attributes[name] = content
    return attributes


def read_source(resource: Attributes, scope: Mapping[str, Any]) -> Source:
    return Source(
        service=_text(resource.get(SERVICE_NAME)),
        scope=_text(scope.get("name")),
        scope_version=_text(scope.get("version")),
        resource=resource,
    )


def _span(raw: Mapping[str, Any], source: Source) -> Span | None:
    trace_id, span_id = read_id(_field(raw, TRACE_ID)), read_id(_field(raw, SPAN_ID))
    if trace_id is None or span_id is None:
        return None
    start_ns, end_ns, flags = settle_times(read_nanoseconds(_field(raw, START)), read_nanoseconds(_field(raw, END)))
    status = _object(raw.get("status"))
    return Span(
        trace_id=trace_id,
        span_id=span_id,
        parent_id=read_id(_field(raw, PARENT_ID)),
        name=_text(raw.get("name")),
        start_ns=start_ns,
        end_ns=end_ns,
        kind=read_kind(raw.get("kind")),
        status=read_status(status.get("code")),
        status_message=_text(status.get("message")),
        source=source,
        attributes=read_attributes(raw.get("attributes")),
        events=_events(raw.get("events"), start_ns),
        links=_links(raw.get("links")),
        flags=flags,
    )


def _events(raw: Any, span_start_ns: int) -> tuple[SpanEvent, ...]:
    """An event without a time is taken to happen when its span starts."""
    if not isinstance(raw, list) or not raw:
        return ()
    return tuple(
        SpanEvent(
            time_ns=read_nanoseconds(_field(event, EVENT_TIME)) or span_start_ns,
            name=_text(event.get("name")),
            attributes=read_attributes(event.get("attributes")),
        )
        for event in raw
        if isinstance(event, dict)
    )


def _links(raw: Any) -> tuple[SpanLink, ...]:
    """Links that point nowhere are left out."""
    if not isinstance(raw, list) or not raw:
        return ()
    links = []
    for link in raw:
        trace_id, span_id = read_id(_field(_object(link), TRACE_ID)), read_id(_field(_object(link), SPAN_ID))
        if trace_id is not None and span_id is not None:
            attributes = read_attributes(_object(link).get("attributes"))
            links.append(SpanLink(trace_id=trace_id, span_id=span_id, attributes=attributes))
    return tuple(links)


def read_value(raw: Any, nesting: int = MOST_NESTING) -> Value:
    """None when there is no value that makes sense; a text that says so in place of what is nested too deeply."""
    if not isinstance(raw, dict):
        return None
    for form, content in raw.items():
        plain = PLAIN_VALUES.get(form)
        if plain is not None:
            return plain(content)
        nested = NESTED_VALUES.get(form)
        if nested is not None:
            return nested(content, nesting - 1) if nesting else TOO_DEEP
    return None


def _read_string(raw: Any) -> str | None:
    return raw if isinstance(raw, str) else None


def _read_boolean(raw: Any) -> bool | None:
    return raw if isinstance(raw, bool) else None


def _read_array(raw: Any, nesting: int) -> Value:
    values = _object(raw).get("values")
    return [read_value(value, nesting) for value in values] if isinstance(values, list) else []


def _read_record(raw: Any, nesting: int) -> Value:
    pairs = _object(raw).get("values")
    return {
        pair["key"]: read_value(pair.get("value"), nesting)
        for pair in (pairs if isinstance(pairs, list) else ())
        if isinstance(pair, dict) and isinstance(pair.get("key"), str)
    }


PLAIN_VALUES: dict[str, Callable[[Any], Value]] = {
    "stringValue": _read_string,
    "boolValue": _read_boolean,
    "intValue": read_integer,
    "doubleValue": read_float,
    "bytesValue": read_bytes,
}
NESTED_VALUES: dict[str, Callable[[Any, int], Value]] = {"arrayValue": _read_array, "kvlistValue": _read_record}
PLAIN_VALUES |= {name.replace("Value", "_value"): reader for name, reader in PLAIN_VALUES.items()}
NESTED_VALUES |= {name.replace("Value", "_value"): reader for name, reader in NESTED_VALUES.items()}


def _objects(raw: Unread, what: str, losses: Losses) -> Iterator[Mapping[str, Unread]]:
    for entry in _array(raw, what, losses):
        fields = read_fields(entry)
        if fields is None:
            losses.misshapen(what)
        else:
            yield fields


def _array(raw: Unread, what: str, losses: Losses) -> list[Unread]:
    entries = read_entries(raw)
    if entries is None and read_part(raw) is not None:
        losses.misshapen(what)
    return entries or []


def _field(raw: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    for name in names:
        if name in raw:
            return raw[name]
    return None


def _object(raw: Any) -> Mapping[str, Any]:
    return raw if isinstance(raw, dict) else NO_FIELDS


def _text(raw: Any) -> str:
    return raw if isinstance(raw, str) else ""
