"""How many points a request with metrics has. None is kept; what is counted is what is lost."""

from collections.abc import Iterable
from typing import Any

from reev_flow.collect.json_text import InvalidJson, read_json
from reev_flow.server.refusals import unreadable

KINDS = ("gauge", "sum", "histogram", "exponential_histogram", "summary")
JSON_KINDS = ("gauge", "sum", "histogram", "exponentialHistogram", "summary")
NOT_KEPT = "metrics are not kept here; OTEL_METRICS_EXPORTER=none stops sending them"


def count_points(body: bytes, *, is_json: bool) -> int:
    """Raises `Refused`."""
    return _points_of_json(body) if is_json else _points_of_protobuf(body)


def _points_of_protobuf(body: bytes) -> int:
    from google.protobuf.message import DecodeError  # noqa: PLC0415 - most servers never see metrics, and idle small
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (  # noqa: PLC0415
        ExportMetricsServiceRequest,
    )

    try:
        request = ExportMetricsServiceRequest.FromString(body)
    except DecodeError as error:
        raise unreadable("the body is not an OTLP protobuf message, or breaks off") from error
    metrics = (metric for one in request.resource_metrics for scope in one.scope_metrics for metric in scope.metrics)
    return sum(len(getattr(metric, kind).data_points) for metric in metrics for kind in KINDS)


def _points_of_json(body: bytes) -> int:
    try:
        document = read_json(body)
    except InvalidJson as error:
        raise unreadable(str(error)) from error
    if not isinstance(document, dict):
        raise unreadable("the body is not a JSON object")
    scopes = _below(_below([document], "resourceMetrics"), "scopeMetrics")
    metrics = list(_below(scopes, "metrics"))
    series = (metric.get(kind) for metric in metrics for kind in JSON_KINDS)
    return sum(len(_list(one, "dataPoints")) for one in series)


def _below(parents: Iterable[Any], name: str) -> Iterable[dict[str, Any]]:
    return (child for parent in parents for child in _list(parent, name) if isinstance(child, dict))


def _list(parent: Any, name: str) -> list[Any]:
    found = parent.get(name) if isinstance(parent, dict) else None
    return found if isinstance(found, list) else []
