"""Spans out of rows of the Collector's ClickHouse table `otel_traces`, as `FORMAT JSONEachRow`, `JSON` and `JSONCompact` write them."""

from collections.abc import Iterator, Mapping
from typing import Any

from reev_flow.collect.json_text import Unread, read_entries, read_fields, read_part
from reev_flow.collect.moments import SECOND_NS, read_moment_or_number
from reev_flow.collect.otlp_values import read_id, read_kind, read_nanoseconds, read_status, settle_times
from reev_flow.collect.plain_values import decoded_fields, entries, flat_attributes, text
from reev_flow.collect.report import Losses
from reev_flow.trace.semantics import SERVICE_NAME
from reev_flow.trace.span import Attributes, Source, Span, SpanEvent, SpanLink

LARGEST_NS = (1 << 64) - 1
RESOURCE, ATTRIBUTES, EVENTS, LINKS = "ResourceAttributes", "SpanAttributes", "Events", "Links"
EVENT_COLUMNS = ("Timestamp", "Name", "Attributes")
LINK_COLUMNS = ("TraceId", "SpanId", "Attributes")


def spans_of_row(fields: Mapping[str, Unread], losses: Losses) -> Iterator[Span]:
    """Times without an offset are taken to be UTC. Values of attributes stay text where the table keeps them as text."""
    row = decoded_fields(fields)
    trace_id, span_id = read_id(row.get("TraceId")), read_id(row.get("SpanId"))
    if trace_id is None or span_id is None:
        losses.span_without_id(text(row.get("SpanName")))
        return
    for column in (RESOURCE, ATTRIBUTES):
        if row.get(column) and not isinstance(row[column], dict):
            losses.misshapen(column)
    started_ns = read_moment_or_number(row.get("Timestamp"), SECOND_NS)
    ended_ns = min(started_ns + read_nanoseconds(row.get("Duration")), LARGEST_NS) if "Duration" in row else 0
    start_ns, end_ns, flags = settle_times(started_ns, ended_ns if started_ns else 0)
    yield Span(
        trace_id=trace_id,
        span_id=span_id,
        parent_id=read_id(row.get("ParentSpanId")),
        name=text(row.get("SpanName")),
        start_ns=start_ns,
        end_ns=end_ns,
        kind=read_kind(row.get("SpanKind")),
        status=read_status(row.get("StatusCode")),
        status_message=text(row.get("StatusMessage")),
        source=_source(row),
        attributes=flat_attributes(row.get(ATTRIBUTES)),
        events=tuple(_event(event, start_ns) for event in _nested(row, EVENTS, EVENT_COLUMNS)),
        links=tuple(link for link in map(_link, _nested(row, LINKS, LINK_COLUMNS)) if link is not None),
        flags=flags,
    )


def rows_of_compact(meta: Unread, data: Unread) -> Iterator[dict[str, Unread]]:
    """Rows of `JSONCompact`, where the names of the columns stand beside arrays of their values."""
    names = [text(read_part((read_fields(column) or {}).get("name"))) for column in read_entries(meta) or ()]
    for row in read_entries(data) or ():
        yield dict(zip(names, read_entries(row) or (), strict=False))


def _source(row: Mapping[str, Any]) -> Source:
    resource: Attributes = flat_attributes(row.get(RESOURCE))
    service = text(resource.get(SERVICE_NAME)) or text(row.get("ServiceName"))
    if service:
        resource = {**resource, SERVICE_NAME: service}
    return Source(
        service=service,
        scope=text(row.get("ScopeName")),
        scope_version=text(row.get("ScopeVersion")),
        resource=resource,
    )


def _nested(row: Mapping[str, Any], column: str, wanted: tuple[str, ...]) -> list[dict[str, Any]]:
    """A nested column is one array for each of its columns, those arrays in one object, or an array of objects."""
    whole = row.get(column)
    if isinstance(whole, list):
        return [entry for entry in whole if isinstance(entry, dict)]
    within = whole if isinstance(whole, dict) else {name: row.get(f"{column}.{name}") for name in wanted}
    columns = {name: entries(within.get(name)) for name in wanted}
    count = max(map(len, columns.values()))
    return [{name: values[place] for name, values in columns.items() if place < len(values)} for place in range(count)]


def _event(event: Mapping[str, Any], span_start_ns: int) -> SpanEvent:
    return SpanEvent(
        time_ns=read_moment_or_number(event.get("Timestamp"), SECOND_NS) or span_start_ns,
        name=text(event.get("Name")),
        attributes=flat_attributes(event.get("Attributes")),
    )


def _link(link: Mapping[str, Any]) -> SpanLink | None:
    trace_id, span_id = read_id(link.get("TraceId")), read_id(link.get("SpanId"))
    if trace_id is None or span_id is None:
        return None
    return SpanLink(trace_id=trace_id, span_id=span_id, attributes=flat_attributes(link.get("Attributes")))
