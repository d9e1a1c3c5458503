"""Finished spans as OTLP requests in a file, the way the Collector's file exporter writes them."""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from google.protobuf.json_format import MessageToDict, ParseDict
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

SPANS_PER_REQUEST = 16
KEPT_RESOURCE = frozenset({"service.name", "service.version", "telemetry.sdk.language"})
ID_FIELDS = frozenset({"traceId", "spanId", "parentSpanId"})

# Stack traces carry absolute paths of the machine that recorded them; what follows the prefix is kept.
NEUTRAL_PATHS = (
    (re.compile(r'(?:file://)?/[^\s"\'()]*?/(?=node_modules/|vercel\.mjs|beeai\.mjs)'), ""),
    (re.compile(r"\(Linux-[^)]*\)"), "(Linux)"),  # of a user agent
    (re.compile(r'/[^\s"\']*/site-packages/'), "site-packages/"),
    (re.compile(r'/[^\s"\']*/tests/recorded/'), "tests/recorded/"),
    (re.compile(r'/[^\s"\']*/lib/python3\.\d+/'), f"lib/python3.{sys.version_info.minor}/"),
)


class SpanKeeper(SpanExporter):
    """Keeps finished spans in the order they ended, until they are taken."""

    def __init__(self) -> None:
        self._spans: list[ReadableSpan] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self._spans.extend(spans)
        return SpanExportResult.SUCCESS

    def take(self) -> list[ReadableSpan]:
        taken, self._spans = self._spans, []
        return taken


def as_json_lines(spans: Sequence[ReadableSpan]) -> str:
    starts = range(0, len(spans), SPANS_PER_REQUEST)
    return requests_as_json_lines(encode_spans(spans[start : start + SPANS_PER_REQUEST]) for start in starts)


def requests_as_json_lines(requests: Iterable[ExportTraceServiceRequest]) -> str:
    return "".join(_line(_with_hex_ids(_as_dictionary(request))) for request in requests)


def as_protobuf(spans: Sequence[ReadableSpan]) -> bytes:
    """All spans in one request, as the body of an OTLP/HTTP POST."""
    request = ParseDict(_as_dictionary(encode_spans(spans)), ExportTraceServiceRequest())
    return bytes(request.SerializeToString(deterministic=True))


def _as_dictionary(message: ExportTraceServiceRequest) -> dict[str, Any]:
    """Of resources only what says nothing about the machine."""
    request = MessageToDict(message, use_integers_for_enums=True)
    for part in request.get("resourceSpans", []):
        told = part.get("resource", {}).get("attributes", [])
        part["resource"] = {"attributes": [entry for entry in told if entry["key"] in KEPT_RESOURCE]}
    for holder, key, text in _strings(request):
        holder[key] = _neutral(text)
    return request


def encode_ids(request: dict[str, Any]) -> None:
    """Hex ids, as OTLP's JSON has them, to base64, as protobuf's JSON has them."""
    for holder, key, text in _strings(request):
        if key in ID_FIELDS:
            holder[key] = base64.b64encode(bytes.fromhex(text)).decode()


def _with_hex_ids(request: dict[str, Any]) -> dict[str, Any]:
    for holder, key, text in _strings(request):
        if key in ID_FIELDS:
            holder[key] = base64.b64decode(text).hex()
    return request


def _strings(request: dict[str, Any]) -> Iterator[tuple[Any, Any, str]]:
    """Every string below a value, with the place it stands in."""
    waiting: list[Any] = [request]
    while waiting:
        holder = waiting.pop()
        places = list(holder.items() if isinstance(holder, dict) else enumerate(holder))
        for key, value in places:
            if isinstance(value, str):
                yield holder, key, value
            elif isinstance(value, dict | list):
                waiting.append(value)


def _neutral(text: str) -> str:
    for path, replacement in NEUTRAL_PATHS:
        text = path.sub(replacement, text)
    return text


def _line(request: dict[str, Any]) -> str:
    return json.dumps(request, separators=(",", ":"), ensure_ascii=False) + "\n"
