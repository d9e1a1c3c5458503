"""Log records that name a span become events of that span, to be joined with it whichever comes first."""

from collections.abc import Iterable

from reev_flow.collect.dialects import EVENTS_WITH_ATTRIBUTES, MESSAGE_EVENTS
from reev_flow.collect.fragments import NO_TIMES
from reev_flow.collect.log_records import LogRecord
from reev_flow.collect.readers import structure
from reev_flow.trace.span import Attributes, Span, SpanEvent, Value

EVENT_NAME = "event.name"  # where events had their name before records had a field for it
BODY = "log.body"
SEVERITY = "log.severity"
PLAIN = "log"  # the name of an event that was an ordinary line of a log


def fragments_of(records: Iterable[LogRecord]) -> list[Span]:
    """One for each span that is named, with its events in the order in which they lie there."""
    told: dict[tuple[str, str], list[LogRecord]] = {}
    for record in records:
        if record.trace_id is not None and record.span_id is not None:
            told.setdefault((record.trace_id, record.span_id), []).append(record)
    return [
        Span(
            trace_id=trace_id,
            span_id=span_id,
            start_ns=0,
            end_ns=0,
            flags=NO_TIMES,
            source=of_span[0].source,
            events=tuple(map(event_of, of_span)),
        )
        for (trace_id, span_id), of_span in told.items()
    ]


def event_of(record: LogRecord) -> SpanEvent:
    """What a body says of an event stands beside its attributes, as if it had been an event of a span."""
    name = record.name or _text(record.attributes.get(EVENT_NAME)) or PLAIN
    is_read = name in MESSAGE_EVENTS or name in EVENTS_WITH_ATTRIBUTES
    told = {key: value for key, value in record.attributes.items() if key != EVENT_NAME}
    told.update(_told(record.body, is_read=is_read))
    if name == PLAIN and record.severity:
        told[SEVERITY] = record.severity
    return SpanEvent(time_ns=record.time_ns, name=name, attributes=told)


def _told(body: Value, *, is_read: bool) -> Attributes:
    """The bodies of events about models are records, which some senders write as JSON. What is none is what was said."""
    if body is None:
        return {}
    opened = structure(body) if is_read else body
    if isinstance(opened, dict):
        return opened
    return {"content" if is_read else BODY: body}


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""
