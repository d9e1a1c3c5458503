"""The variables of OpenTelemetry mean here what they mean everywhere: each changes what comes out. The table of them is on a page."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import trace as api

from reev_flow.flows.tracing.tracer import FlowTracer
from reev_flow.runtime.collector import TraceCollector
from reev_flow.runtime.tracing import OFF, start_tracing
from reev_flow.sessions.config import SessionConfig
from reev_flow.stores.memory_traces import MemoryTraceStore
from reev_flow.trace.span import Span
from reev_flow.trace.store import TraceQuery, TraceSummary
from support.otel import Recorded, stored_spans
from support.otlp_endpoint import Endpoint, otlp_endpoint

PAGE = Path(__file__).parents[3] / "docs/how-to/existing-opentelemetry-provider.md"


class World:
    """A program whose collector reads the environment, and what it kept."""

    def __init__(self, folder: Path) -> None:
        self.store = MemoryTraceStore()
        self.collectors: list[TraceCollector] = []

    def collector(self, **options: Any) -> TraceCollector:
        made = TraceCollector(store=self.store, **options)
        self.collectors.append(made)
        return made

    def end_span(self, name: str = "whole", **attributes: Any) -> None:
        provider = self.collector().create_provider()
        provider.get_tracer("a library").start_span(name, attributes=attributes).end()

    @property
    def summaries(self) -> tuple[TraceSummary, ...]:
        for collector in self.collectors:
            collector.flush()
        return self.store.find(TraceQuery()).result()

    @property
    def span(self) -> Span:
        (summary,) = self.summaries
        (span,) = stored_spans(self.store, summary.trace_id)
        return span

    def close(self) -> None:
        for collector in self.collectors:
            collector.shutdown()
            if collector._provider is not None:
                collector._provider.shutdown()


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.chdir(tmp_path)
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with otlp_endpoint() as made:
        yield made


Set = Callable[[str, str], None]


@pytest.fixture
def variable(monkeypatch: pytest.MonkeyPatch) -> Set:
    return monkeypatch.setenv


def test_sdk_disabled_collects_nothing(variable: Set, world: World):
    variable("OTEL_SDK_DISABLED", "true")
    world.end_span()
    assert world.summaries == ()


def test_sdk_disabled_opens_nothing(variable: Set, tmp_path: Path):
    variable("OTEL_SDK_DISABLED", "true")
    assert start_tracing(SessionConfig(), tmp_path / "store") is OFF
    assert not (tmp_path / "store").exists()


def test_service_name(variable: Set, world: World):
    variable("OTEL_SERVICE_NAME", "shop")
    world.end_span()
    assert world.summaries[0].service == "shop"


def test_resource_attributes(variable: Set, world: World):
    variable("OTEL_RESOURCE_ATTRIBUTES", "service.name=shop,deployment.environment.name=test")
    world.end_span()
    assert world.summaries[0].service == "shop"
    assert world.span.source.resource["deployment.environment.name"] == "test"


@pytest.mark.parametrize(("sampler", "kept"), [("always_off", 0), ("always_on", 1), ("parentbased_always_off", 0)])
def test_traces_sampler(sampler: str, kept: int, variable: Set, world: World):
    variable("OTEL_TRACES_SAMPLER", sampler)
    world.end_span()
    assert len(world.summaries) == kept


@pytest.mark.parametrize(("share", "kept"), [("0", 0), ("1", 1)])
def test_traces_sampler_arg(share: str, kept: int, variable: Set, world: World):
    variable("OTEL_TRACES_SAMPLER", "traceidratio")
    variable("OTEL_TRACES_SAMPLER_ARG", share)
    world.end_span()
    assert len(world.summaries) == kept


@pytest.mark.parametrize("name", ["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"])
def test_attribute_count_limits(name: str, variable: Set, world: World):
    variable(name, "2")
    world.end_span(a="1", b="2", c="3")
    assert len(world.span.attributes) == 2


@pytest.mark.parametrize("name", ["OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"])
def test_attribute_length_limits(name: str, variable: Set, world: World):
    variable(name, "3")
    world.end_span(a="12345")
    assert world.span.attributes["a"] == "123"


def test_span_event_count_limit(variable: Set, world: World):
    variable("OTEL_SPAN_EVENT_COUNT_LIMIT", "1")
    span = world.collector().create_provider().get_tracer("a library").start_span("whole")
    span.add_event("first")
    span.add_event("second")
    span.end()
    assert [event.name for event in world.span.events] == ["second"]


def test_bsp_max_queue_size(variable: Set, world: World):
    variable("OTEL_BSP_MAX_QUEUE_SIZE", "3")
    variable("OTEL_BSP_SCHEDULE_DELAY", "3600000")
    tracer = world.collector().create_provider().get_tracer("a library")
    for _ in range(10):
        tracer.start_span("whole").end()
    assert (len(world.summaries), world.collectors[0].dropped) == (3, 7)


def test_bsp_schedule_delay(variable: Set, world: World):
    variable("OTEL_BSP_SCHEDULE_DELAY", "1000")
    assert world.collector().config.trace_delay_seconds == 1


def test_bsp_max_export_batch_size(variable: Set, world: World):
    variable("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "7")
    assert world.collector().batch_size == 7


def test_our_own_variables_win_over_those_of_everybody(variable: Set, world: World):
    variable("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "7")
    variable("REEV_TRACE_BATCH_SIZE", "8")
    assert world.collector().batch_size == 8


def test_exporter_otlp_endpoint(variable: Set, world: World, endpoint: Endpoint):
    variable("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.url)
    variable("REEV_TRACE_FORWARD_TO", "otel")
    world.end_span()
    assert len(world.summaries) == 1
    assert (endpoint.names, endpoint.paths) == (["whole"], ["/v1/traces"])


def test_exporter_otlp_traces_endpoint_is_used_as_it_is(variable: Set, world: World, endpoint: Endpoint):
    variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", f"{endpoint.url}/elsewhere")
    variable("REEV_TRACE_FORWARD_TO", "otel")
    world.end_span()
    assert len(world.summaries) == 1
    assert endpoint.paths == ["/elsewhere"]


def test_exporter_otlp_headers_and_compression(variable: Set, world: World, endpoint: Endpoint):
    variable("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=shop")
    variable("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
    variable("REEV_TRACE_FORWARD_TO", endpoint.url)
    world.end_span()
    assert len(world.summaries) == 1
    assert (endpoint.headers[0]["x-tenant"], endpoint.headers[0]["content-encoding"]) == ("shop", "gzip")


def test_an_endpoint_alone_sends_nothing(variable: Set, world: World, endpoint: Endpoint):
    variable("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.url)
    world.end_span()
    assert len(world.summaries) == 1
    assert endpoint.paths == []


def test_traces_exporter_is_left_to_the_program(variable: Set, world: World):
    variable("OTEL_TRACES_EXPORTER", "none")
    world.end_span()
    assert len(world.summaries) == 1


def test_capturing_of_message_content(variable: Set):
    variable("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "false")
    recorded = Recorded()
    with FlowTracer(provider=recorded.provider).operation("tool", "search", arguments={"q": "oslo"}):
        pass
    assert recorded.span("search").input is None


def test_the_table_on_the_page_names_what_is_tested_here():
    text = Path(__file__).read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:OTEL|OPENINFERENCE|TRACELOOP)_[A-Z_]+)`", PAGE.read_text(encoding="utf-8")))
    in_forwarding = {
        "OTEL_EXPORTER_OTLP_PROTOCOL",
        "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
        "OTEL_EXPORTER_OTLP_TIMEOUT",
    }
    assert named == set(re.findall(r'"(OTEL_[A-Z_]+)"', text)) | in_forwarding


def test_the_api_has_no_provider_left_over():
    assert isinstance(api.get_tracer_provider(), api.ProxyTracerProvider)
