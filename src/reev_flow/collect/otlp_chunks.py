"""What came in one request, cut up into the traces that it belongs to."""

from collections.abc import Iterable
from typing import Any

import msgspec

from reev_flow.collect.conversations import conversations_in
from reev_flow.collect.fragments import is_fragment
from reev_flow.collect.otlp_wire import message as field
from reev_flow.collect.span_bytes import SPAN_ID_BYTES, TRACE_ID_BYTES, encode_spans, id_bytes
from reev_flow.trace.semantics import SERVICE_NAME
from reev_flow.trace.span import Flag, Span
from reev_flow.trace.store import TraceChunk

NO_TRACE, NO_SPAN = bytes(16), bytes(8)
WITHOUT_IDS = "have no valid trace id and span id"


class ChunkedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to keep. `rejected` cannot be kept, and `reason` says why; it is empty when all can."""

    chunks: tuple[TraceChunk, ...]
    spans: int
    rejected: int = 0
    reason: str = ""


class _Heap(msgspec.Struct):
    """The spans of one trace, as they are gathered."""

    parts: list[bytes] = []  # of `ResourceSpans`
    spans: int = 0
    start_ns: int = 0  # 0 as long as none is known
    end_ns: int = 0
    service: str = ""
    has_root: bool = False
    root: str = ""
    begun: list[bytes] = []
    ended: list[bytes] = []

    def note(self, span_id: bytes, name: str, start_ns: int, end_ns: int, *, is_root: bool) -> None:
        self.spans += 1
        (self.ended if end_ns else self.begun).append(span_id)
        self.has_root |= is_root
        self._note_time(start_ns or end_ns, max(start_ns, end_ns))
        if is_root and not self.root:
            self.root = name

    def note_fragment(self, span_id: bytes, times_ns: Iterable[int]) -> None:
        """Of a span that has not come, though something is known to have happened in it."""
        self.begun.append(span_id)
        for time_ns in times_ns:
            self._note_time(time_ns, time_ns)

    def _note_time(self, began_ns: int, ended_ns: int) -> None:
        if began_ns and (not self.start_ns or began_ns < self.start_ns):
            self.start_ns = began_ns
        self.end_ns = max(self.end_ns, ended_ns)

    def as_chunk(self, trace_id: str, data: bytes) -> TraceChunk:
        return TraceChunk(
            trace_id=trace_id,
            data=data,
            spans=self.spans,
            start_ns=self.start_ns,
            end_ns=self.end_ns,
            service=self.service,
            has_root=self.has_root,
            root=self.root,
            begun=b"".join(self.begun),
            ended=b"".join(self.ended),
            conversations=conversations_in(data),
        )


def chunks_of_request(request: Any) -> ChunkedRequest:
    """Of a parsed `ExportTraceServiceRequest`. Spans without valid ids are left out and counted; nothing else is changed."""
    heaps: dict[bytes, _Heap] = {}
    rejected = 0
    for resource_spans in request.resource_spans:
        service = _service(resource_spans.resource)
        pieces: dict[bytes, list[bytes]] = {}
        for scope_spans in resource_spans.scope_spans:
            rejected += _sort(scope_spans, heaps, pieces)
        for trace, of_trace in pieces.items():
            heap = heaps[trace]
            heap.service = heap.service or service
            heap.parts.append(field(b"\x0a", _around(resource_spans) + b"".join(of_trace)))
    chunks = tuple(heap.as_chunk(trace.hex(), b"".join(heap.parts)) for trace, heap in heaps.items())
    return ChunkedRequest(
        chunks=chunks,
        spans=sum(heap.spans for heap in heaps.values()),
        rejected=rejected,
        reason=f"{rejected} of the spans {WITHOUT_IDS}" if rejected else "",
    )


def _sort(scope_spans: Any, heaps: dict[bytes, _Heap], pieces: dict[bytes, list[bytes]]) -> int:
    """Adds the `ScopeSpans` of each trace to its pieces; how many spans belong to none."""
    by_trace: dict[bytes, list[bytes]] = {}
    rejected = 0
    for span in scope_spans.spans:
        trace, span_id = span.trace_id, span.span_id
        if len(trace) != 16 or len(span_id) != 8 or trace == NO_TRACE or span_id == NO_SPAN:
            rejected += 1
            continue
        heap = heaps.get(trace) or heaps.setdefault(trace, _Heap())
        is_root = not span.parent_span_id.strip(b"\0")
        heap.note(span_id, span.name, span.start_time_unix_nano, span.end_time_unix_nano, is_root=is_root)
        by_trace.setdefault(trace, []).append(field(b"\x12", span.SerializeToString()))
    scope = field(b"\x0a", scope_spans.scope.SerializeToString()) if scope_spans.HasField("scope") else b""
    schema = field(b"\x1a", scope_spans.schema_url.encode()) if scope_spans.schema_url else b""
    for trace, spans in by_trace.items():
        pieces.setdefault(trace, []).append(field(b"\x12", scope + b"".join(spans) + schema))
    return rejected


def _around(resource_spans: Any) -> bytes:
    """What stands beside the spans. The order of fields is free."""
    schema = field(b"\x1a", resource_spans.schema_url.encode()) if resource_spans.schema_url else b""
    return field(b"\x0a", resource_spans.resource.SerializeToString()) + schema


def _service(resource: Any) -> str:
    return next((pair.value.string_value for pair in resource.attributes if pair.key == SERVICE_NAME), "")


def chunks_of_spans(spans: Iterable[Span]) -> list[TraceChunk]:
    """One for each trace. An id that is not of OpenTelemetry's form is replaced by one that is, the same each time."""
    by_trace: dict[bytes, list[Span]] = {}
    for span in spans:
        by_trace.setdefault(id_bytes(span.trace_id, TRACE_ID_BYTES), []).append(span)
    return [_chunk_of(trace.hex(), of_trace) for trace, of_trace in by_trace.items()]


def _chunk_of(trace_id: str, spans: list[Span]) -> TraceChunk:
    heap = _Heap()
    for span in spans:
        heap.service = heap.service or span.source.service
        span_id = id_bytes(span.span_id, SPAN_ID_BYTES)
        if is_fragment(span):
            heap.note_fragment(span_id, (event.time_ns for event in span.events))
            continue
        end_ns = 0 if Flag.UNFINISHED in span.flags else span.end_ns
        heap.note(span_id, span.name, span.start_ns, end_ns, is_root=span.parent_id is None)
    return heap.as_chunk(trace_id, encode_spans(spans))
