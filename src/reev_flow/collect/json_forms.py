"""Which form a JSON document is in, and who reads it."""

from collections.abc import Callable, Iterator, Mapping

from reev_flow.collect import (
    clickhouse_rows,
    context_spans,
    jaeger_json,
    langfuse_observations,
    mlflow_traces,
    reev_events,
)
from reev_flow.collect.json_text import InvalidJson, Unread, read_entries, read_fields, scan_json
from reev_flow.collect.log_events import fragments_of
from reev_flow.collect.log_records import RESOURCE_LOGS, records_of_document
from reev_flow.collect.otlp_json import RESOURCE_SPANS, spans_of_request, spans_of_single
from reev_flow.collect.plain_values import decoded_fields
from reev_flow.collect.reev_log import ReevLog
from reev_flow.collect.report import Losses, Tell
from reev_flow.collect.shapes import describe
from reev_flow.trace.span import Span

Fields = Mapping[str, Unread]
Read = Callable[[Fields, Losses], Iterator[Span]]

# Answers of servers hold what was asked for under one of these names.
WRAPPERS = ("data", "trace", "traces", "spans", "observations")
MOST_WRAPPING = 3


def is_document(text: bytes) -> bool:
    """Whether a text by itself is spans in a form that is read, as far as its beginning says."""
    try:
        entry = scan_json(text)
    except InvalidJson:
        return False
    for _ in range(MOST_WRAPPING):
        fields = read_fields((read_entries(entry) or [entry])[0])
        if fields is None:
            return False
        if reev_events.is_event(fields) or _reader_of(fields) is not None:
            return True
        entry = next(_unwrapped(fields) or iter(()), None)
    return False


class JsonForms:
    """Reads the documents of one input. What is told over several of them is remembered until its `end`."""

    def __init__(self) -> None:
        self._reev = ReevLog()

    def read(self, document: Unread, tell: Tell) -> Iterator[Span]:
        """Every span of a document or of an array of them. What cannot be used is told when it is done."""
        losses = Losses()
        for entry in read_entries(document) or [document]:
            yield from self._read_entry(entry, losses, MOST_WRAPPING)
        losses.tell(tell)

    def end(self) -> Iterator[Span]:
        yield from self._reev.end()

    def _read_entry(self, entry: Unread, losses: Losses, wrapping: int) -> Iterator[Span]:
        fields = read_fields(entry)
        if fields is None:
            losses.no_request(describe(entry))
        elif read := self._reader_of(fields):
            yield from read(fields, losses)
        elif wrapping and (within := _unwrapped(fields)) is not None:
            for wrapped in within:
                yield from self._read_entry(wrapped, losses, wrapping - 1)
        else:
            losses.no_request(describe(entry))

    def _reader_of(self, fields: Fields) -> Read | None:
        return self._reev.read if reev_events.is_event(fields) else _reader_of(fields)


def _reader_of(fields: Fields) -> Read | None:
    return next((read for wanted, read in FORMS if all(_has(fields, names) for names in wanted)), None)


def _has(fields: Fields, names: tuple[str, ...]) -> bool:
    return any(name in fields for name in names)


def _spans_of_request(fields: Fields, losses: Losses) -> Iterator[Span]:
    return spans_of_request(fields, losses)


def _fragments_of_logs(fields: Fields, losses: Losses) -> Iterator[Span]:  # noqa: ARG001 - every form is given both
    """What log records tell of the spans that they name. Others tell nothing of runs."""
    yield from fragments_of(records_of_document(decoded_fields(fields)))


# The first row of which one name of each group is there says what an object is.
FORMS: tuple[tuple[tuple[tuple[str, ...], ...], Read], ...] = (
    ((RESOURCE_SPANS,), _spans_of_request),
    ((RESOURCE_LOGS,), _fragments_of_logs),
    ((("TraceId",), ("SpanId",)), clickhouse_rows.spans_of_row),
    ((("traceID",), ("spans",)), jaeger_json.spans_of_trace),
    ((("traceID",), ("spanID",), ("operationName", "startTime")), jaeger_json.spans_of_single),
    ((("info",), ("data",)), mlflow_traces.spans_of_trace),
    ((("context",), ("start_time",)), context_spans.spans_of_context),
    ((("traceId", "trace_id"), ("spanId", "span_id"), ("startTimeUnixNano",)), spans_of_single),
    ((("trace_id",), ("span_id",), ("start_time_unix_nano",)), mlflow_traces.spans_of_single),
    ((("observations",),), langfuse_observations.spans_of_trace),
    ((("traceId",), ("id",), ("type",), ("startTime",)), langfuse_observations.spans_of_observation),
)


def _unwrapped(fields: Fields) -> Iterator[Unread] | None:
    """What an answer holds; None when it is no answer."""
    if "meta" in fields and _holds_arrays(fields.get("data")):
        return clickhouse_rows.rows_of_compact(fields["meta"], fields["data"])
    for name in WRAPPERS:
        entries = read_entries(fields.get(name))
        if entries is not None:
            return iter(entries)
        if read_fields(fields.get(name)) is not None:
            return iter([fields[name]])
    return None


def _holds_arrays(data: Unread) -> bool:
    rows = read_entries(data)
    return bool(rows) and read_entries(rows[0] if rows else None) is not None
