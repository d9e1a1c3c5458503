"""A loopback OTLP/HTTP receiver, for tools that bring an exporter of their own or run outside Python."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import otlp_file
import stub_server
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from recording import Program, truth_of, write_truth
from scenario import Scenario

HOST = "127.0.0.1"
PORT = 18712
TRACES = f"http://{HOST}:{PORT}/v1/traces"


def record(folder: Path, name: str, scenario: Scenario, program: Program) -> None:
    """Like `Recorder`, for a program whose spans arrive over HTTP before it returns."""
    with catch() as caught, stub_server.serve(scenario) as world:
        program(scenario)
    spans = [span for request in caught for span in _spans(request)]
    lines = otlp_file.requests_as_json_lines(caught)
    (folder / f"{name}.otlp.jsonl").write_text(lines, encoding="utf-8", newline="\n")
    write_truth(folder, name, truth_of(world, len(spans), len({span.trace_id for span in spans})))


@contextmanager
def catch() -> Iterator[list[ExportTraceServiceRequest]]:
    """The list fills while the block runs."""
    caught: list[ExportTraceServiceRequest] = []
    server = ThreadingHTTPServer((HOST, PORT), _handler(caught))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield caught
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(caught: list[ExportTraceServiceRequest]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            request = _parsed(body, is_json="json" in self.headers["content-type"])
            caught.append(request)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the parent's name
            """Say nothing."""

    return Handler


def _parsed(body: bytes, *, is_json: bool) -> ExportTraceServiceRequest:
    if not is_json:
        return ExportTraceServiceRequest.FromString(body)
    document = json.loads(body)
    otlp_file.encode_ids(document)
    return ParseDict(document, ExportTraceServiceRequest())


def _spans(request: ExportTraceServiceRequest) -> list[object]:
    return [span for part in request.resource_spans for scope in part.scope_spans for span in scope.spans]
