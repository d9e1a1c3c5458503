"""Spans out of traces that MLflow wrote with `Trace.to_json()`."""

from collections.abc import Iterator, Mapping
from typing import Any

from reev_flow.collect.context_spans import spans_of_context
from reev_flow.collect.json_text import Unread, read_entries, read_fields, read_part
from reev_flow.collect.otlp_values import read_id, read_kind, read_nanoseconds, read_status, settle_times
from reev_flow.collect.plain_values import decoded_fields, entries, plain_attributes, record, text
from reev_flow.collect.report import Losses
from reev_flow.trace.span import UNKNOWN_SOURCE, Attributes, Source, Span, SpanEvent

SESSION = "mlflow.trace.session"
CONVERSATION = "session.id"


def spans_of_trace(trace: Mapping[str, Unread], losses: Losses) -> Iterator[Span]:
    """What stands in the information about the trace goes with its first span, the session it belongs to."""
    data = read_fields(trace.get("data")) or {}
    session = _session(record(read_part(trace.get("info"))))
    for raw in read_entries(data.get("spans")) or ():
        fields = read_fields(raw)
        if fields is None:
            losses.misshapen("spans")
        elif "context" in fields:
            yield from spans_of_context(fields, losses)
        else:
            yield from spans_of_single(fields, losses, session)


def spans_of_single(
    fields: Mapping[str, Unread], losses: Losses, session: Attributes | None = None, source: Source = UNKNOWN_SOURCE
) -> Iterator[Span]:
    """A span with its attributes as an object, as of MLflow 3."""
    raw = decoded_fields(fields)
    trace_id, span_id = read_id(raw.get("trace_id")), read_id(raw.get("span_id"))
    if trace_id is None or span_id is None:
        losses.span_without_id(text(raw.get("name")))
        return
    parent_id = read_id(raw.get("parent_span_id"))
    start_ns, end_ns, flags = settle_times(
        read_nanoseconds(raw.get("start_time_unix_nano")), read_nanoseconds(raw.get("end_time_unix_nano"))
    )
    status = record(raw.get("status"))
    attributes = plain_attributes(raw.get("attributes"))
    yield Span(
        trace_id=trace_id,
        span_id=span_id,
        parent_id=parent_id,
        name=text(raw.get("name")),
        start_ns=start_ns,
        end_ns=end_ns,
        kind=read_kind(raw.get("kind")),
        status=read_status(status.get("code")),
        status_message=text(status.get("message")),
        source=source,
        attributes={**session, **attributes} if session and parent_id is None else attributes,
        events=tuple(_event(event, start_ns) for event in entries(raw.get("events")) if isinstance(event, dict)),
        flags=flags,
    )


def _session(info: Mapping[str, Any]) -> Attributes:
    known = (record(info.get(place)).get(SESSION) for place in ("trace_metadata", "request_metadata", "tags"))
    session = next((text(name) for name in known if text(name)), "")
    return {CONVERSATION: session} if session else {}


def _event(event: Mapping[str, Any], span_start_ns: int) -> SpanEvent:
    return SpanEvent(
        time_ns=read_nanoseconds(event.get("time_unix_nano")) or span_start_ns,
        name=text(event.get("name")),
        attributes=plain_attributes(event.get("attributes")),
    )
