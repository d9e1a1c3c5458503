"""Metrics are answered with how many of their points were lost."""

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)

from support.otlp_server import JSON, encoded, served

POINTS = [{"asInt": "1"}, {"asInt": "2"}]
KINDS = ("gauge", "sum", "histogram", "exponentialHistogram", "summary")
METRICS = [{"name": kind, kind: {"dataPoints": POINTS}} for kind in KINDS]
DOCUMENT = {"resourceMetrics": [{"scopeMetrics": [{"metrics": METRICS}]}]}
PATH = "/v1/metrics"


def message() -> bytes:
    request = ExportMetricsServiceRequest()
    metrics = request.resource_metrics.add().scope_metrics.add().metrics
    for kind in ("gauge", "sum", "histogram", "exponential_histogram", "summary"):
        points = getattr(metrics.add(name=kind), kind).data_points
        points.add()
        points.add()
    return bytes(request.SerializeToString())


async def test_all_points_of_every_kind_are_rejected_and_counted():
    async with served() as door:
        answer = await door.post(message(), path=PATH)
        partial = ExportMetricsServiceResponse.FromString(answer.content).partial_success

        assert (answer.status_code, partial.rejected_data_points) == (200, 10)
        assert "OTEL_METRICS_EXPORTER=none" in partial.error_message


async def test_so_they_are_in_json():
    async with served() as door:
        answer = await door.post(encoded(DOCUMENT), JSON, path=PATH)

        assert answer.json()["partialSuccess"]["rejectedDataPoints"] == "10"


async def test_no_points_are_full_success():
    async with served() as door:
        assert (await door.post(b"", path=PATH)).content == b""
        assert (await door.post(b"{}", JSON, path=PATH)).json() == {}


async def test_what_is_no_request_is_refused():
    async with served() as door:
        assert (await door.post(b"\xff", path=PATH)).status_code == 400
        assert (await door.post(b"[]", JSON, path=PATH)).status_code == 400
        assert (await door.post(b"[" * 100_000, JSON, path=PATH)).status_code == 400


async def test_strange_shapes_count_for_nothing():
    document = {"resourceMetrics": [7, {"scopeMetrics": {}}, {"scopeMetrics": [{"metrics": ["x", {"gauge": []}]}]}]}
    async with served() as door:
        assert (await door.post(encoded(document), JSON, path=PATH)).json() == {}
