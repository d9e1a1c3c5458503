"""A request that is read span by span, as JSON is, cut up into the traces that it belongs to."""

import re
from collections.abc import Callable, Iterable

from reev_flow.collect.json_text import Unread, read_fields
from reev_flow.collect.otlp_chunks import WITHOUT_IDS, ChunkedRequest
from reev_flow.collect.otlp_json import RESOURCE_SPANS, spans_of_request
from reev_flow.collect.otlp_protobuf import InvalidMessage, spans_of_message
from reev_flow.collect.report import Losses
from reev_flow.trace.span import Span
from reev_flow.trace.store import TraceChunk

TRACE_ID = re.compile("[0-9a-f]{32}").fullmatch
SPAN_ID = re.compile("[0-9a-f]{16}").fullmatch


def chunks_of_json_request(document: Unread, cut: Callable[[list[Span]], list[TraceChunk]]) -> ChunkedRequest:
    """`cut` makes chunks of its spans. Spans without valid ids are left out and counted. Raises `InvalidMessage` for what is no JSON object.

    An object without spans is a request without spans, as the specification has it; one that holds something else is told.
    """
    fields = read_fields(document)
    if fields is None:
        raise InvalidMessage("is not a JSON object")
    losses = Losses()
    told: list[str] = []
    if fields and not any(name in fields for name in RESOURCE_SPANS):
        told.append(f"holds no {RESOURCE_SPANS[0]}")
    return _chunked(spans_of_request(fields, losses), losses, cut, told)


def chunks_of_deep_message(data: bytes, cut: Callable[[list[Span]], list[TraceChunk]]) -> ChunkedRequest:
    """Of a request in protobuf that is nested too deeply to be parsed as it is. Raises `InvalidMessage` for what is no message at all."""
    losses = Losses()
    return _chunked(spans_of_message(data, losses), losses, cut, [])


def _chunked(
    spans: Iterable[Span], losses: Losses, cut: Callable[[list[Span]], list[TraceChunk]], told: list[str]
) -> ChunkedRequest:
    read = list(spans)
    kept = [span for span in read if TRACE_ID(span.trace_id) and SPAN_ID(span.span_id)]
    rejected = losses.spans + len(read) - len(kept)
    if rejected:
        told.append(f"{rejected} of the spans {WITHOUT_IDS}")
    return ChunkedRequest(chunks=tuple(cut(kept)), spans=len(kept), rejected=rejected, reason="; ".join(told))
