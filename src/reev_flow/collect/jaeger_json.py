"""Spans out of Jaeger's JSON: what its API answers and its web page saves, and single spans as it keeps them in Elasticsearch."""

import base64
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from reev_flow.collect.json_text import Unread, read_entries, read_part
from reev_flow.collect.otlp_values import read_float, read_id, read_integer, read_kind, read_status, settle_times
from reev_flow.collect.plain_values import decoded_fields, entries, plain_value, record, text
from reev_flow.collect.report import Losses
from reev_flow.trace.semantics import SERVICE_NAME
from reev_flow.trace.span import Attributes, Source, Span, SpanEvent, SpanLink, Status, Value

MICROSECOND_NS = 1_000
LARGEST_NS = (1 << 64) - 1
TRACE_ID_DIGITS, SPAN_ID_DIGITS = 32, 16  # Jaeger writes older, shorter ids, and drops zeros before them

# What Jaeger makes tags of because it has no field for it. Here they become fields again.
SCOPE_NAMES = ("otel.scope.name", "otel.library.name")
SCOPE_VERSIONS = ("otel.scope.version", "otel.library.version")
KIND, STATUS, STATUS_MESSAGE, ERROR = "span.kind", "otel.status_code", "otel.status_description", "error"
FIELDS = frozenset({*SCOPE_NAMES, *SCOPE_VERSIONS, KIND, STATUS, STATUS_MESSAGE, "internal.span.format"})
EVENT_NAMES = ("event", "message")
CHILD_OF, FOLLOWS_FROM = "CHILD_OF", "FOLLOWS_FROM"


class _Process:
    """Who emitted spans. Those of the same scope share one `Source`."""

    def __init__(self, raw: Any) -> None:
        process = record(raw)
        service = text(process.get("serviceName"))
        self._resource = {**({SERVICE_NAME: service} if service else {}), **_tags(process.get("tags"))}
        self._sources: dict[tuple[str, str], Source] = {}

    def source(self, tags: Attributes) -> Source:
        scope = _first(tags, SCOPE_NAMES), _first(tags, SCOPE_VERSIONS)
        if scope not in self._sources:
            service = text(self._resource.get(SERVICE_NAME))
            self._sources[scope] = Source(
                service=service, scope=scope[0], scope_version=scope[1], resource=self._resource
            )
        return self._sources[scope]


def spans_of_trace(trace: Mapping[str, Unread], losses: Losses) -> Iterator[Span]:
    """Every span of an object with `traceID`, `spans` and `processes`, decoded one by one."""
    processes = {name: _Process(raw) for name, raw in record(read_part(trace.get("processes"))).items()}
    for raw in read_entries(trace.get("spans")) or ():
        yield from _spans_of(read_part(raw), processes, losses)


def spans_of_single(fields: Mapping[str, Unread], losses: Losses) -> Iterator[Span]:
    """One span that holds its own process."""
    yield from _spans_of(decoded_fields(fields), {}, losses)


def _spans_of(raw: Any, processes: Mapping[str, _Process], losses: Losses) -> Iterator[Span]:
    if not isinstance(raw, dict):
        losses.misshapen("spans")
        return
    trace_id, span_id = _id(raw.get("traceID"), TRACE_ID_DIGITS), _id(raw.get("spanID"), SPAN_ID_DIGITS)
    if trace_id is None or span_id is None:
        losses.span_without_id(text(raw.get("operationName")))
        return
    process = processes.get(text(raw.get("processID"))) or _Process(raw.get("process"))
    yield _span(raw, (trace_id, span_id), process)


def _span(raw: Mapping[str, Any], ids: tuple[str, str], process: _Process) -> Span:
    tags = _tags(raw.get("tags"))
    started_ns = _microseconds(raw.get("startTime"))
    duration_ns = _microseconds(raw.get("duration")) if raw.get("duration") is not None else None
    ended_ns = 0 if duration_ns is None or not started_ns else min(started_ns + duration_ns, LARGEST_NS)
    start_ns, end_ns, flags = settle_times(started_ns, ended_ns)
    parent_id, links = _references(raw, *ids)
    return Span(
        trace_id=ids[0],
        span_id=ids[1],
        parent_id=parent_id,
        name=text(raw.get("operationName")),
        start_ns=start_ns,
        end_ns=end_ns,
        kind=read_kind(tags.get(KIND)),
        status=_status(tags),
        status_message=text(tags.get(STATUS_MESSAGE)),
        source=process.source(tags),
        attributes={name: value for name, value in tags.items() if not _is_field(name, tags)},
        events=tuple(_event(log, start_ns) for log in entries(raw.get("logs")) if isinstance(log, dict)),
        links=links,
        flags=flags,
    )


def _tags(raw: Any) -> Attributes:
    """A list of typed tags, or, as Elasticsearch may have it, an object."""
    if isinstance(raw, dict):
        return {name: value for name, value in ((n, plain_value(v)) for n, v in raw.items()) if value is not None}
    read = ((tag.get("key"), _tag(tag)) for tag in entries(raw) if isinstance(tag, dict))
    return {name: value for name, value in read if isinstance(name, str) and value is not None}


def _tag(tag: Mapping[str, Any]) -> Value:
    read = TYPES.get(text(tag.get("type")).lower(), plain_value)
    value = read(tag.get("value"))
    return plain_value(tag.get("value")) if value is None else value


def _truth(raw: Any) -> bool | None:
    return {"true": True, "false": False}.get(str(raw).lower()) if isinstance(raw, (str, bool)) else None


def _binary(raw: Any) -> bytes | None:
    try:
        return base64.b64decode(raw, validate=True) if isinstance(raw, str) else None
    except ValueError:
        return None


TYPES: dict[str, Callable[[Any], Value]] = {
    "bool": _truth,
    "int64": read_integer,
    "float64": read_float,
    "binary": _binary,
}


def _status(tags: Attributes) -> Status:
    told = read_status(tags.get(STATUS))
    return Status.ERROR if told is Status.UNSET and _truth(tags.get(ERROR)) else told


def _is_field(name: str, tags: Attributes) -> bool:
    return name in FIELDS or (name == ERROR and _truth(tags[name]) is not None)


def _event(log: Mapping[str, Any], span_start_ns: int) -> SpanEvent:
    fields = _tags(log.get("fields"))
    name = next((name for name in EVENT_NAMES if isinstance(fields.get(name), str)), "")
    time_ns = _microseconds(log.get("timestamp")) or span_start_ns
    return SpanEvent(time_ns=time_ns, name=text(fields.pop(name, "")), attributes=fields)


def _references(raw: Mapping[str, Any], trace_id: str, span_id: str) -> tuple[str | None, tuple[SpanLink, ...]]:
    """The parent is what it is a child of, else what it follows from in the same trace; the others are links."""
    told = [
        (text(reference.get("refType")), _id(reference.get("traceID"), TRACE_ID_DIGITS) or trace_id, referred)
        for reference in entries(raw.get("references"))
        if isinstance(reference, dict) and (referred := _id(reference.get("spanID"), SPAN_ID_DIGITS))
    ]
    own = [reference for reference in told if reference[1] == trace_id and reference[2] != span_id]
    parent = next(
        (reference for wanted in (CHILD_OF, FOLLOWS_FROM) for reference in own if reference[0] == wanted), None
    )
    links = tuple(SpanLink(trace_id=linked[1], span_id=linked[2]) for linked in told if linked is not parent)
    if parent is None:
        return _id(raw.get("parentSpanID"), SPAN_ID_DIGITS), links
    return parent[2], links


def _id(raw: Any, digits: int) -> str | None:
    known = read_id(raw)
    return known.zfill(digits) if known is not None else None


def _microseconds(raw: Any) -> int:
    """As nanoseconds; 0 when there are none."""
    number = read_float(raw) if isinstance(raw, float) else read_integer(raw)
    if number is None or not 0 <= number <= LARGEST_NS / MICROSECOND_NS:
        return 0
    return int(number * MICROSECOND_NS)


def _first(tags: Attributes, names: tuple[str, ...]) -> str:
    return next((found for name in names if (found := text(tags.get(name)))), "")
