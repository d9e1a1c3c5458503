"""The exporters that programs really have send to the server that really runs, and the run can be read."""

import json
import re
from pathlib import Path

import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

from support.command import reev_flow
from support.serve_command import ServeCommand

REJECTED = re.compile(r'^reev_flow_items_rejected_total\{transport="http",signal="metrics"\} [1-9]', re.MULTILINE)


def run_agent(exporter: SpanExporter) -> str:
    """An agent that asks a model and uses a tool; the id of its trace."""
    provider = TracerProvider(resource=Resource({"service.name": "trip-agent"}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("tests")
    agent = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "planner"}
    chat: dict[str, str | int] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "small-1",
        "gen_ai.usage.input_tokens": 700,
        "gen_ai.usage.output_tokens": 30,
    }
    tool = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search"}
    with tracer.start_as_current_span("invoke_agent planner", attributes=agent) as root:
        with tracer.start_as_current_span("chat small-1", attributes=chat):
            pass
        with tracer.start_as_current_span("execute_tool search", attributes=tool):
            pass
    provider.shutdown()
    return f"{root.get_span_context().trace_id:032x}"


@pytest.mark.parametrize("compression", list(Compression))
def test_a_run_sent_over_http_can_be_read(compression: Compression, tmp_path: Path):
    with ServeCommand(tmp_path) as server:
        trace_id = run_agent(HttpExporter(endpoint=f"{server.url}/v1/traces", compression=compression))

        assert_run_is_told(server, trace_id)


def test_a_run_sent_over_grpc_can_be_read(tmp_path: Path):
    with ServeCommand(tmp_path) as server:
        trace_id = run_agent(GrpcExporter(endpoint=server.whereabouts["grpc"], insecure=True))

        assert_run_is_told(server, trace_id)


def assert_run_is_told(server: ServeCommand, trace_id: str) -> None:
    """While the server runs."""
    listed = reev_flow("runs", "list", "--store", server.store, "--json")
    document = json.loads(reev_flow("analyze", trace_id, "--store", server.store, "--json").out)

    assert trace_id in listed.out
    assert document["runs"][0]["metrics"]["usage"]["input"] == 700
    assert [call["name"] for call in document["runs"][0]["tool_calls"]] == ["search"]


def test_an_exporter_of_metrics_is_told_that_they_are_not_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    with ServeCommand(tmp_path) as server:
        reader = PeriodicExportingMetricReader(OTLPMetricExporter(endpoint=f"{server.url}/v1/metrics"))
        provider = MeterProvider([reader], shutdown_on_exit=False)
        provider.get_meter("tests").create_counter("calls").add(1)

        assert provider.force_flush()
        provider.shutdown()
        assert not [record for record in caplog.records if record.levelname == "ERROR"]
        assert REJECTED.search(server.client.get("/metrics").text)
