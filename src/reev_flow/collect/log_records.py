"""Log records out of OTLP in JSON."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from reev_flow.collect import otlp_json
from reev_flow.collect.json_text import Unread, read_part
from reev_flow.collect.otlp_values import read_id, read_nanoseconds
from reev_flow.collect.plain_values import entries, record, text
from reev_flow.trace.span import Attributes, Source, Value

RESOURCE_LOGS = ("resourceLogs", "resource_logs")
SCOPE_LOGS = ("scopeLogs", "scope_logs", "instrumentationLibraryLogs")
LOG_RECORDS = ("logRecords", "log_records", "logs")
TIME = ("timeUnixNano", "time_unix_nano")
OBSERVED_TIME = ("observedTimeUnixNano", "observed_time_unix_nano")
EVENT_NAME = ("eventName", "event_name")
SEVERITY = ("severityText", "severity_text")


class LogRecord(NamedTuple):
    """`time_ns` is when it happened, else when it was observed, else 0. `name` is "" for a record that is no event."""

    trace_id: str | None
    span_id: str | None
    time_ns: int
    name: str
    severity: str
    attributes: Attributes
    body: Value
    source: Source


def records_of_document(document: Unread) -> Iterator[LogRecord]:
    """Every record of one request in JSON, or of an array of requests. Fields of a wrong type count as absent."""
    whole = read_part(document)
    for request in whole if isinstance(whole, list) else [whole]:
        for resource_logs in _listed(record(request), RESOURCE_LOGS):
            resource = otlp_json.read_attributes(record(resource_logs.get("resource")).get("attributes"))
            for scope_logs in _listed(resource_logs, SCOPE_LOGS):
                scope = scope_logs.get("scope", scope_logs.get("instrumentationLibrary"))
                source = otlp_json.read_source(resource, record(scope))
                yield from (_record(one, source) for one in _listed(scope_logs, LOG_RECORDS))


def _record(raw: Mapping[str, Any], source: Source) -> LogRecord:
    return LogRecord(
        trace_id=read_id(_field(raw, otlp_json.TRACE_ID)),
        span_id=read_id(_field(raw, otlp_json.SPAN_ID)),
        time_ns=read_nanoseconds(_field(raw, TIME)) or read_nanoseconds(_field(raw, OBSERVED_TIME)),
        name=text(_field(raw, EVENT_NAME)),
        severity=text(_field(raw, SEVERITY)),
        attributes=otlp_json.read_attributes(raw.get("attributes")),
        body=otlp_json.read_value(raw.get("body")),
        source=source,
    )


def _listed(raw: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    return (entry for entry in entries(_field(raw, names)) if isinstance(entry, dict))


def _field(raw: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((raw[name] for name in names if name in raw), None)
