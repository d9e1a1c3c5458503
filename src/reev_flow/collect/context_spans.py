"""Spans that carry their ids in a `context`: as Python's SDK prints them, as Phoenix exports them, and as MLflow 2 keeps them."""

from collections.abc import Iterator, Mapping
from typing import Any

from reev_flow.collect.json_text import Unread
from reev_flow.collect.moments import read_moment_or_number
from reev_flow.collect.otlp_values import read_id, read_kind, read_status, settle_times
from reev_flow.collect.plain_values import decoded_fields, entries, flat_attributes, record, text
from reev_flow.collect.report import Losses
from reev_flow.trace.semantics import SERVICE_NAME
from reev_flow.trace.span import Attributes, Source, Span, SpanEvent, SpanLink

NANOSECOND = 1
HEX_MARK = "0x"
KIND_MARK = "SpanKind."  # as Python shows a member
OPENINFERENCE_KIND = "openinference.span.kind"  # Phoenix keeps it beside the attributes


def spans_of_context(fields: Mapping[str, Unread], losses: Losses) -> Iterator[Span]:
    raw = decoded_fields(fields)
    trace_id, span_id = _ids(raw.get("context"))
    if trace_id is None or span_id is None:
        losses.span_without_id(text(raw.get("name")))
        return
    start_ns, end_ns, flags = settle_times(
        read_moment_or_number(raw.get("start_time"), NANOSECOND), read_moment_or_number(raw.get("end_time"), NANOSECOND)
    )
    status = record(raw.get("status"))
    yield Span(
        trace_id=trace_id,
        span_id=span_id,
        parent_id=_id(raw.get("parent_id")),
        name=text(raw.get("name")),
        start_ns=start_ns,
        end_ns=end_ns,
        kind=read_kind(text(raw.get("kind")).removeprefix(KIND_MARK)),
        status=read_status(status.get("status_code", raw.get("status_code"))),
        status_message=text(status.get("description", raw.get("status_message"))),
        source=_source(raw.get("resource")),
        attributes=_attributes(raw),
        events=tuple(_event(event, start_ns) for event in entries(raw.get("events")) if isinstance(event, dict)),
        links=tuple(link for link in map(_link, entries(raw.get("links"))) if link is not None),
        flags=flags,
    )


def _ids(raw: Any) -> tuple[str | None, str | None]:
    context = record(raw)
    return _id(context.get("trace_id")), _id(context.get("span_id"))


def _id(raw: Any) -> str | None:
    return read_id(text(raw).removeprefix(HEX_MARK))


def _attributes(raw: Mapping[str, Any]) -> Attributes:
    attributes = flat_attributes(raw.get("attributes"))
    kind = text(raw.get("span_kind"))
    return {OPENINFERENCE_KIND: kind, **attributes} if kind else attributes


def _source(raw: Any) -> Source:
    resource = flat_attributes(record(raw).get("attributes"))
    return Source(service=text(resource.get(SERVICE_NAME)), resource=resource)


def _event(event: Mapping[str, Any], span_start_ns: int) -> SpanEvent:
    return SpanEvent(
        time_ns=read_moment_or_number(event.get("timestamp"), NANOSECOND) or span_start_ns,
        name=text(event.get("name")),
        attributes=flat_attributes(event.get("attributes")),
    )


def _link(raw: Any) -> SpanLink | None:
    trace_id, span_id = _ids(record(raw).get("context"))
    if trace_id is None or span_id is None:
        return None
    return SpanLink(trace_id=trace_id, span_id=span_id, attributes=flat_attributes(raw.get("attributes")))
