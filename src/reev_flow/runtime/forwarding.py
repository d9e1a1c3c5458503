"""Sends finished spans on to an OTLP endpoint, beside the store and without its knowing."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from reev_flow.collect.redaction import BUILT_IN, Redaction
from reev_flow.errors import ForwardingRefused
from reev_flow.runtime.redacted_spans import redacted
from reev_flow.runtime.span_queue import NONE_LOST, Lost

ENVIRONMENT = "otel"
"""As an endpoint: the one that OTEL_EXPORTER_OTLP_ENDPOINT names."""
TRACES_PATH = "/v1/traces"
HTTP, GRPC = "opentelemetry.exporter.otlp.proto.http", "opentelemetry.exporter.otlp.proto.grpc"
STOP_SECONDS = 5.0


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """Where spans go, and how. Without an endpoint the exporter asks the environment."""

    endpoint: str | None
    is_grpc: bool


def destination_of(forward_to: str, environment: Mapping[str, str]) -> Destination:
    """`http://…` and `https://…` are OTLP over HTTP, `grpc://…` and `grpcs://…` OTLP over gRPC; `otel` is what the environment says.
    Raises `ForwardingRefused`.
    """
    if forward_to == ENVIRONMENT:
        protocol = environment.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or environment.get(
            "OTEL_EXPORTER_OTLP_PROTOCOL"
        )
        return Destination(endpoint=None, is_grpc=protocol == "grpc")
    parts = urlsplit(forward_to)
    if not parts.netloc or parts.scheme not in {"http", "https", "grpc", "grpcs"}:
        raise ForwardingRefused(forward_to, "is no endpoint; write http://host:4318, grpc://host:4317 or otel")
    if parts.scheme.startswith("grpc"):
        return Destination(endpoint=f"http{parts.scheme[4:]}://{parts.netloc}", is_grpc=True)
    path = parts.path.rstrip("/")
    is_whole = path.endswith(TRACES_PATH)
    return Destination(endpoint=parts._replace(path=path if is_whole else path + TRACES_PATH).geturl(), is_grpc=False)


def make_exporter(destination: Destination) -> SpanExporter:
    """The SDK's own, so that headers, certificates, timeouts, compression and retries are what they are everywhere. Raises
    `ForwardingRefused` where it is not installed.
    """
    from importlib import import_module  # noqa: PLC0415 - the one place that looks for the exporters

    package = GRPC if destination.is_grpc else HTTP
    told: dict[str, Any] = {} if destination.endpoint is None else {"endpoint": destination.endpoint}
    try:
        make: Callable[..., SpanExporter] = import_module(f"{package}.trace_exporter").OTLPSpanExporter
    except ImportError as cause:
        extra = "forward-grpc" if destination.is_grpc else "forward"
        where = destination.endpoint or ENVIRONMENT
        raise ForwardingRefused(where, f"needs an exporter: pip install 'reev-flow[{extra}]'") from cause
    return make(**told)


class Forwarding:
    """Delivers batches to an endpoint. In the child of a fork the exporter is made anew: connections are not shared."""

    def __init__(self, forward_to: str, redaction: Redaction = BUILT_IN) -> None:
        self._destination = destination_of(forward_to, os.environ)
        self._redaction = redaction
        self._exporter: SpanExporter | None = make_exporter(self._destination)
        self._made_in = os.getpid()

    def __call__(self, spans: Sequence[ReadableSpan]) -> Lost:
        if self._exporter is None or self._made_in != os.getpid():
            self._exporter, self._made_in = make_exporter(self._destination), os.getpid()
        result = self._exporter.export(redacted(spans, self._redaction))
        return NONE_LOST if result is SpanExportResult.SUCCESS else Lost(len(spans))

    def stop(self) -> Lost:
        """Closes its connections; nothing is lost by that."""
        if self._exporter is not None and self._made_in == os.getpid():
            self._exporter.shutdown()
        return NONE_LOST
