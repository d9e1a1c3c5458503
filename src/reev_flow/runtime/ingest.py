"""Requests with spans become what a store keeps: taken apart, freed of secrets, and acknowledged once they are on disk."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any

import msgspec
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from reev_flow.collect.json_text import InvalidJson, Unread, scan_json
from reev_flow.collect.otlp_chunks import ChunkedRequest, chunks_of_request, chunks_of_spans
from reev_flow.collect.otlp_json_chunks import chunks_of_deep_message, chunks_of_json_request
from reev_flow.collect.otlp_logs import fragments_of_document, fragments_of_logs
from reev_flow.collect.otlp_protobuf import InvalidMessage
from reev_flow.collect.redaction import BUILT_IN, Redaction
from reev_flow.errors import StoreError
from reev_flow.sessions.acknowledgement import Acknowledgement, wake_loops
from reev_flow.trace.span import Span
from reev_flow.trace.store import TraceChunk, TraceStore

THREADS = 2
SMALL_BYTES = 32 * 1024  # taken apart sooner than handed to a thread
MOST_WAITING = 1_000  # requests; whoever receives them bounds their bytes


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """How many spans of a request are on disk now, how many never will be, and why not."""

    spans: int
    rejected: int = 0
    reason: str = ""


class Ingest:
    """The one way in for spans from outside. Futures are done when the spans would survive a power cut.

    They fail with `InvalidMessage` for a body that is no such request, and with `StoreError` when it could not be kept: then it may be sent
    again. Large bodies are taken apart in threads of its own, so that an event loop may ask; they end with the process.
    """

    def __init__(self, store: TraceStore, redaction: Redaction = BUILT_IN) -> None:
        self._store = store
        self._redaction = redaction
        self._pool = ThreadPoolExecutor(THREADS, "reev-flow ingest")  # which starts none before there is work
        self._waiting = 0
        self._lock = Lock()

    def traces(self, body: bytes, *, is_json: bool) -> Future[Accepted]:
        return self._take(self._chunks_of_json if is_json else self._chunks_of_protobuf, body)

    def logs(self, body: bytes, *, is_json: bool) -> Future[Accepted]:
        """Records that name a span are kept with it; others are rejected."""
        return self._take(self._fragments_of_json if is_json else self._fragments_of_protobuf, body)

    def chunks_of(self, spans: Iterable[Span]) -> list[TraceChunk]:
        """Spans that were read out of files, freed of secrets and as they would be kept."""
        as_they_are = list(spans)
        chunks = chunks_of_spans(as_they_are)
        if any(self._redaction.may_concern(chunk.data) for chunk in chunks):
            return chunks_of_spans(list(map(self._redaction.span, as_they_are)))
        return chunks

    def add(self, chunks: Sequence[TraceChunk]) -> Future[int]:
        """Keeps what `chunks_of` gave; how many of them were not there yet."""
        return self._store.add(chunks)

    def _take(self, cut: Callable[[bytes], ChunkedRequest], body: bytes) -> Future[Accepted]:
        accepted: Acknowledgement[Accepted] = Acknowledgement()
        if len(body) <= SMALL_BYTES:
            self._keep(cut, body, accepted)
        elif self._may_wait():
            self._pool.submit(self._keep_in_turn, cut, body, accepted)
        else:
            error = StoreError(self._store.location, f"{MOST_WAITING:,} requests are waiting already", "try again")
            wake_loops(accepted.settle(None, error))
        return accepted

    def _may_wait(self) -> bool:
        with self._lock:
            has_room = self._waiting < MOST_WAITING
            self._waiting += has_room
        return has_room

    def _keep_in_turn(
        self, cut: Callable[[bytes], ChunkedRequest], body: bytes, accepted: Acknowledgement[Accepted]
    ) -> None:
        try:
            self._keep(cut, body, accepted)
        finally:
            with self._lock:
                self._waiting -= 1

    def _keep(self, cut: Callable[[bytes], ChunkedRequest], body: bytes, accepted: Acknowledgement[Accepted]) -> None:
        try:
            request = cut(body)
        except Exception as error:  # noqa: BLE001 - every failure comes with the future
            wake_loops(accepted.settle(None, error))
            return
        answer = Accepted(spans=request.spans, rejected=request.rejected, reason=request.reason)
        if request.chunks:
            added = self._store.add(request.chunks)
            Future.add_done_callback(added, lambda _: _pass_on(added, accepted, answer))
        else:
            wake_loops(accepted.settle(answer, None))

    def _chunks_of_protobuf(self, body: bytes) -> ChunkedRequest:
        try:
            request = ExportTraceServiceRequest.FromString(body)
        except DecodeError:
            return chunks_of_deep_message(body, self.chunks_of)
        if self._redaction.may_concern(body):
            self._redaction.message(request)
        return chunks_of_request(request)

    def _chunks_of_json(self, body: bytes) -> ChunkedRequest:
        return chunks_of_json_request(_scanned(body), self.chunks_of)

    def _fragments_of_protobuf(self, body: bytes) -> ChunkedRequest:
        return fragments_of_logs(_parsed(ExportLogsServiceRequest, body), self._redaction.span)

    def _fragments_of_json(self, body: bytes) -> ChunkedRequest:
        return fragments_of_document(_scanned(body), self._redaction.span)


def _scanned(body: bytes) -> Unread:
    try:
        return scan_json(body)
    except InvalidJson as error:
        raise InvalidMessage(str(error)) from error


def _parsed(kind: Any, body: bytes) -> Any:
    try:
        return kind.FromString(body)
    except DecodeError as error:
        raise InvalidMessage("is not an OTLP protobuf message, or breaks off") from error


def _pass_on(added: Future[int], accepted: Acknowledgement[Accepted], answer: Accepted) -> None:
    error = added.exception()
    wake_loops(accepted.settle(answer if error is None else None, error))
