"""Every way in which requests become a trace."""

import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path

import grpc.aio
import httpx

from conformance.arrangement import Request
from conformance.otlp_encoding import json_document, protobuf
from conformance.sdk_spans import sdk_span
from reev_flow.collect.assemble import assemble
from reev_flow.collect.files import read_named_documents, read_spans
from reev_flow.errors import InvalidFormat
from reev_flow.runtime.importing import Importer
from reev_flow.runtime.ingest import Ingest
from reev_flow.runtime.run_reading import read_run
from reev_flow.runtime.span_queue import SpanQueue
from reev_flow.runtime.span_store import Storing
from reev_flow.runtime.spans_out import SpansOut
from reev_flow.server.otlp_grpc import SERVICES
from reev_flow.stores.urls import open_session_store, open_trace_store
from reev_flow.trace.store import TraceStore
from reev_flow.trace.trace import Trace
from support.loopback import Loopback, loopback

PROTOBUF, JSON = "application/x-protobuf", "application/json"

Carry = Callable[["Ways", Sequence[Request], str], Awaitable[Trace]]
"""Takes requests and the id of the trace that they hold."""


class Ways:
    """A server, a store and a folder, for any number of runs."""

    def __init__(self, server: Loopback, client: httpx.AsyncClient, channel: grpc.aio.Channel, folder: Path) -> None:
        self.server = server
        self.client = client
        self.channel = channel
        self.folder = folder

    @property
    def store(self) -> TraceStore:
        return self.server.store

    def stored(self, trace_id: str) -> Trace:
        with closing(open_session_store("memory:")) as sessions:
            return read_run(sessions, self.store, trace_id)

    def new_folder(self, trace_id: str) -> Path:
        number = sum(1 for _ in self.folder.iterdir())
        folder = self.folder / f"{number} {trace_id}"
        folder.mkdir()
        return folder


@asynccontextmanager
async def open_ways(folder: Path) -> AsyncIterator[Ways]:
    files = folder / "files"
    files.mkdir()
    with closing(open_trace_store(folder / "store")) as store:
        limits = [("grpc.max_send_message_length", -1)]
        async with (
            loopback(store=store, grpc=True) as server,
            httpx.AsyncClient(base_url=server.url, trust_env=False) as client,
            grpc.aio.insecure_channel(server.grpc_target, options=limits) as channel,
        ):
            yield Ways(server, client, channel, files)


async def json_files(ways: Ways, requests: Sequence[Request], trace_id: str) -> Trace:
    folder = ways.new_folder(trace_id)
    for number, request in enumerate(requests):
        text = json.dumps(json_document(request), indent=1)
        (folder / f"{number}.json").write_text(text, encoding="utf-8")
    return _read(folder)


async def json_lines(ways: Ways, requests: Sequence[Request], trace_id: str) -> Trace:
    folder = ways.new_folder(trace_id)
    (folder / "traces.jsonl").write_bytes(_lines(requests))
    return _read(folder)


async def json_lines_with_gzip(ways: Ways, requests: Sequence[Request], trace_id: str) -> Trace:
    folder = ways.new_folder(trace_id)
    (folder / "traces.jsonl.gz").write_bytes(gzip.compress(_lines(requests), 1))
    return _read(folder)


async def protobuf_files(ways: Ways, requests: Sequence[Request], trace_id: str) -> Trace:
    folder = ways.new_folder(trace_id)
    for number, request in enumerate(requests):
        (folder / f"{number}.pb").write_bytes(protobuf(request))
    return _read(folder)


async def protobuf_files_with_gzip(ways: Ways, requests: Sequence[Request], trace_id: str) -> Trace:
    folder = ways.new_folder(trace_id)
    for number, request in enumerate(requests):
        (folder / f"{number}.pb.gz").write_bytes(gzip.compress(protobuf(request), 1))
    return _read(folder)


async def http_protobuf(ways: Ways, requests: Sequence[Request], trace_id: str) -> Trace:
    for request in requests:
        await _post(ways, request, protobuf(request), {"Content-Type": PROTOBUF})
    return ways.stored(trace_id)


async def http_json(ways: Ways, requests: Sequence[Request], trace_id: str) -> Trace:
    for request in requests:
        body = json.dumps(json_document(request), ensure_ascii=False).encode()
        await _post(ways, request, body, {"Content-Type": JSON})
    return ways.stored(trace_id)


async def http_with_gzip(ways: Ways, requests: Sequence[Request], trace_id: str) -> Trace:
    for request in requests:
        body = gzip.compress(protobuf(request), 1)
        await _post(ways, request, body, {"Content-Type": PROTOBUF, "Content-Encoding": "gzip"})
    return ways.stored(trace_id)


async def over_grpc(ways: Ways, requests: Sequence[Request], trace_id: str) -> Trace:
    for request in requests:
        export = ways.channel.unary_unary(f"/{SERVICES['logs' if request.logs else 'traces']}/Export")
        assert await export(protobuf(request), timeout=10) == b""
    return ways.stored(trace_id)


async def imported_files(ways: Ways, requests: Sequence[Request], trace_id: str) -> Trace:
    """Twice, as somebody does who forgot that it was done."""
    path = ways.new_folder(trace_id) / "traces.jsonl"
    path.write_bytes(_lines(requests))
    for _ in range(2):
        importer = Importer(Ingest(ways.store))
        for _, document in read_named_documents([str(path)], on_problem=_refuse):
            importer.take(document)
        importer.finish()
    return ways.stored(trace_id)


async def in_process(ways: Ways, requests: Sequence[Request], trace_id: str) -> Trace:
    """Processors are given spans when they have ended."""
    queue = SpanQueue(Storing(lambda: ways.store))
    processor = SpansOut(queue)
    for request in requests:
        for span in request.spans:
            if span.end_ns:
                processor.on_end(sdk_span(span))
        assert processor.force_flush()
    queue.shutdown()
    assert queue.dropped == 0, queue.last_error
    return ways.stored(trace_id)


async def one_after_the_other(ways: Ways, requests: Sequence[Request], trace_id: str) -> Trace:
    """Everything over HTTP in JSON, then over gRPC, then out of a file: three records of each span, all in one store."""
    for carry in (http_json, over_grpc, imported_files):
        trace = await carry(ways, requests, trace_id)
    return trace


TRANSPORTS: dict[str, Carry] = {
    "JSON files": json_files,
    "JSON lines": json_lines,
    "JSON lines, gzip": json_lines_with_gzip,
    "protobuf files": protobuf_files,
    "protobuf files, gzip": protobuf_files_with_gzip,
    "HTTP, protobuf": http_protobuf,
    "HTTP, JSON": http_json,
    "HTTP, gzip": http_with_gzip,
    "gRPC": over_grpc,
    "import": imported_files,
    "in process": in_process,
    "three in turn": one_after_the_other,
}
SPANS_ONLY = frozenset({"protobuf files", "protobuf files, gzip", "in process"})


def _lines(requests: Sequence[Request]) -> bytes:
    return b"".join(json.dumps(json_document(request)).encode() + b"\n" for request in requests)


def _read(folder: Path) -> Trace:
    (trace,) = assemble(read_spans([str(folder)], on_problem=_refuse))
    return trace


def _refuse(problem: InvalidFormat) -> None:
    raise problem


async def _post(ways: Ways, request: Request, body: bytes, headers: dict[str, str]) -> None:
    path = "/v1/logs" if request.logs else "/v1/traces"
    answer = await ways.client.post(path, content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.content in (b"", b"{}"), answer.content
