"""The server's application in the test's own process, and bodies to send to it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from random import Random
from typing import Any, cast

import httpx
import msgspec
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from reev_flow.clock import Clock
from reev_flow.collect.otlp_protobuf import spans_of_message
from reev_flow.collect.report import Losses
from reev_flow.errors import StoreError
from reev_flow.runtime.ingest import Ingest
from reev_flow.server.application import build_application
from reev_flow.server.intake import Intake
from reev_flow.server.limits import Limits
from reev_flow.sessions.acknowledgement import Acknowledgement
from reev_flow.stores.memory_traces import MemoryTraceStore
from reev_flow.trace.span import Span
from reev_flow.trace.store import TraceChunk, TraceQuery, TraceStore
from support.failing_stores import FULL, refused
from support.otlp import START_NS, TRACE_ID

PROTOBUF, JSON = "application/x-protobuf", "application/json"


class Door:
    """What a test sends to, what the server told whoever runs it, and what it kept."""

    def __init__(self, intake: Intake, store: TraceStore, client: httpx.AsyncClient, told: list[str]) -> None:
        self.intake = intake
        self.store = store
        self.client = client
        self.told = told

    async def post(
        self, body: bytes, kind: str | None = PROTOBUF, *, path: str = "/v1/traces", **headers: str
    ) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(path, content=body, headers=named | ({"Content-Type": kind} if kind else {}))

    def spans(self) -> list[Span]:
        return stored_spans(self.store)


class BrokenTraceStore(MemoryTraceStore):
    """Takes nothing until it is mended."""

    def __init__(self, error: StoreError = FULL) -> None:
        super().__init__()
        self._error: StoreError | None = error

    def mend(self) -> None:
        self._error = None

    def add(self, chunks: Sequence[TraceChunk]) -> Acknowledgement[int]:
        return super().add(chunks) if self._error is None else cast("Acknowledgement[int]", refused(self._error))


@asynccontextmanager
async def served(
    *,
    store: TraceStore | None = None,
    limits: Limits | None = None,
    token: str = "",
    is_on_loopback: bool = True,
    clock: Clock | None = None,
) -> AsyncIterator[Door]:
    told: list[str] = []
    with closing(store or MemoryTraceStore()) as traces:
        intake = Intake(Ingest(traces), limits or Limits(), told.append, clock=clock)
        app = build_application(intake, traces, token=token, is_on_loopback=is_on_loopback)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:4318") as client:
            yield Door(intake, traces, client, told)


def stored_spans(store: TraceStore) -> list[Span]:
    """Every record of every trace."""
    ids = [summary.trace_id for summary in store.find(TraceQuery(limit=10_000)).result()]
    chunks = [chunk for trace_id in ids for chunk in store.read(trace_id).result().chunks]
    return [span for chunk in chunks for span in spans_of_message(chunk, Losses())]


def request_of(count: int = 1, *, trace_id: str = TRACE_ID, first: int = 1, text_bytes: int = 0) -> bytes:
    """An export request with so many spans of one trace, with ids from `first` on, and text that no compression makes small."""
    request = ExportTraceServiceRequest()
    scope_spans = request.resource_spans.add().scope_spans.add()
    for number in range(first, first + count):
        span = scope_spans.spans.add(
            name=f"work {number}", start_time_unix_nano=START_NS, end_time_unix_nano=START_NS + number
        )
        span.trace_id, span.span_id = bytes.fromhex(trace_id), number.to_bytes(8, "big")
        if text_bytes:
            span.attributes.add(key="text").value.string_value = Random(number).randbytes(text_bytes // 2).hex()
    data: bytes = request.SerializeToString()
    return data


def encoded(document: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(document)


def response_of(answer: httpx.Response) -> Any:
    return ExportTraceServiceResponse.FromString(answer.content)


def status_of(answer: httpx.Response) -> Any:
    return Status.FromString(answer.content)
