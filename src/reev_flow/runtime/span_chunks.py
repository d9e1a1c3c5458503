"""Finished spans of an OpenTelemetry SDK as what a store of traces keeps."""

from collections.abc import Iterable, Sequence

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import format_trace_id

from reev_flow.collect.conversations import conversations_in
from reev_flow.runtime.span_encoding import encode_trace
from reev_flow.trace.semantics import SERVICE_NAME
from reev_flow.trace.store import TraceChunk


def chunks_of(spans: Iterable[ReadableSpan]) -> tuple[list[TraceChunk], int]:
    """One chunk for each trace, and how many spans could not be encoded."""
    by_trace: dict[int, list[ReadableSpan]] = {}
    for span in spans:
        context = span.get_span_context()
        if context is not None:
            by_trace.setdefault(context.trace_id, []).append(span)
    chunks, lost = [], 0
    for trace_id, group in by_trace.items():
        encodable, data = _encoded(group)
        lost += len(group) - len(encodable)
        if encodable:
            chunks.append(_chunk(trace_id, encodable, data))
    return chunks, lost


def _encoded(spans: Sequence[ReadableSpan]) -> tuple[Sequence[ReadableSpan], bytes]:
    """One bad span does not take the others with it."""
    try:
        return spans, encode_trace(spans)
    except Exception:  # noqa: BLE001 - a span may hold anything that its program put there
        good = [span for span in spans if _is_encodable(span)]
        return good, encode_trace(good)


def _is_encodable(span: ReadableSpan) -> bool:
    try:
        return bool(encode_trace([span]))
    except Exception:  # noqa: BLE001 - see above
        return False


def _chunk(trace_id: int, spans: Sequence[ReadableSpan], data: bytes) -> TraceChunk:
    roots = [span.name for span in spans if span.parent is None]
    service = spans[0].resource.attributes.get(SERVICE_NAME, "")
    return TraceChunk(
        trace_id=format_trace_id(trace_id),
        data=data,
        spans=len(spans),
        start_ns=min(span.start_time or 0 for span in spans),
        end_ns=max(span.end_time or 0 for span in spans),
        service=service if isinstance(service, str) else "",
        has_root=bool(roots),
        root=next(filter(None, roots), ""),
        ended=b"".join([span.context.span_id.to_bytes(8, "big") for span in spans if span.context is not None]),
        conversations=conversations_in(data),
    )
