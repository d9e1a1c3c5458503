"""What came in one request with logs, as far as it tells of spans."""

from collections.abc import Callable, Sequence
from typing import Any

from reev_flow.collect.json_text import Unread
from reev_flow.collect.log_events import fragments_of
from reev_flow.collect.log_messages import records_of_message
from reev_flow.collect.log_records import LogRecord, records_of_document
from reev_flow.collect.otlp_chunks import ChunkedRequest, chunks_of_spans
from reev_flow.trace.span import Span

WITHOUT_SPAN = "name no span"


def as_it_is(span: Span) -> Span:
    return span


def fragments_of_logs(request: Any, change: Callable[[Span], Span] = as_it_is) -> ChunkedRequest:
    """Of a parsed `ExportLogsServiceRequest`. Records that name no span are rejected and counted; `spans` counts the others. `change` is
    done to what is kept: a span for each that is named, with nothing but events.
    """
    return _chunked(list(records_of_message(request)), change)


def fragments_of_document(document: Unread, change: Callable[[Span], Span] = as_it_is) -> ChunkedRequest:
    """The same of a request in JSON, or of an array of requests."""
    return _chunked(list(records_of_document(document)), change)


def _chunked(records: Sequence[LogRecord], change: Callable[[Span], Span]) -> ChunkedRequest:
    fragments = [change(fragment) for fragment in fragments_of(records)]
    kept = sum(len(fragment.events) for fragment in fragments)
    rejected = len(records) - kept
    return ChunkedRequest(
        chunks=tuple(chunks_of_spans(fragments)),
        spans=kept,
        rejected=rejected,
        reason=f"{rejected} of the log records {WITHOUT_SPAN}" if rejected else "",
    )
