"""What operations took and used, as a meter provider of the SDK hears it."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import NoOpTracerProvider

from reev_flow.flows.tracing.tracer import FlowTracer
from support.otel import Recorded


class Heard:
    """A meter provider, and what was told to it."""

    def __init__(self) -> None:
        self._reader = InMemoryMetricReader()
        self.provider = MeterProvider([self._reader], shutdown_on_exit=False)

    @property
    def metrics(self) -> dict[str, Any]:
        data = self._reader.get_metrics_data()
        told = [] if data is None else data.resource_metrics
        return {
            metric.name: metric for resource in told for scope in resource.scope_metrics for metric in scope.metrics
        }

    def points(self, name: str) -> list[Any]:
        return list(self.metrics[name].data.data_points)

    def attributes(self, name: str) -> list[dict[str, Any]]:
        return [dict(point.attributes) for point in self.points(name)]


@pytest.fixture
def heard() -> Iterator[Heard]:
    made = Heard()
    yield made
    made.provider.shutdown()


@pytest.fixture
def tracer(heard: Heard) -> FlowTracer:
    return FlowTracer(provider=Recorded().provider, meter_provider=heard.provider)


@pytest.mark.parametrize(
    ("kind", "metric", "attributes"),
    [
        ("flow", "gen_ai.workflow.duration", {"gen_ai.workflow.name": "thing"}),
        ("agent", "gen_ai.invoke_agent.duration", {"gen_ai.agent.name": "thing"}),
        ("tool", "gen_ai.execute_tool.duration", {"gen_ai.tool.name": "thing"}),
        (
            "llm",
            "gen_ai.client.operation.duration",
            {"gen_ai.operation.name": "chat", "gen_ai.request.model": "thing"},
        ),
        (
            "embedding",
            "gen_ai.client.operation.duration",
            {"gen_ai.operation.name": "embeddings", "gen_ai.request.model": "thing"},
        ),
        ("retrieval", "gen_ai.client.operation.duration", {"gen_ai.operation.name": "retrieval"}),
    ],
)
def test_how_long_it_took_is_told_in_the_words_of_the_conventions(  # noqa: PLR0917 - a case
    kind: Any, metric: str, attributes: dict[str, str], tracer: FlowTracer, heard: Heard
):
    with tracer.operation(kind, "thing"):
        pass
    assert set(heard.metrics) == {metric}
    assert heard.metrics[metric].unit == "s"
    assert heard.attributes(metric) == [attributes]


@pytest.mark.parametrize("kind", ["step", "other"])
def test_what_the_conventions_have_no_metric_for_is_not_told(kind: Any, tracer: FlowTracer, heard: Heard):
    with tracer.operation(kind, "thing"):
        pass
    assert heard.metrics == {}


@pytest.mark.parametrize(
    ("kind", "metric", "first", "last"),
    [
        ("flow", "gen_ai.workflow.duration", 1, 7_200),
        ("agent", "gen_ai.invoke_agent.duration", 0.1, 409.6),
        ("tool", "gen_ai.execute_tool.duration", 0.01, 81.92),
        ("llm", "gen_ai.client.operation.duration", 0.01, 81.92),
    ],
)
def test_the_buckets_are_those_of_the_conventions(  # noqa: PLR0917 - a case
    kind: Any, metric: str, first: float, last: float, tracer: FlowTracer, heard: Heard
):
    with tracer.operation(kind, "thing"):
        pass
    (point,) = heard.points(metric)
    assert (point.explicit_bounds[0], point.explicit_bounds[-1]) == (first, last)


def test_it_took_as_long_as_its_span(heard: Heard):
    recorded = Recorded()
    tracer = FlowTracer(provider=recorded.provider, meter_provider=heard.provider)
    with tracer.operation("tool", "search"):
        pass
    (point,) = heard.points("gen_ai.execute_tool.duration")
    assert point.sum == recorded.span("search").duration_ns / 1e9


def test_tokens_are_told_once_by_kind(tracer: FlowTracer, heard: Heard):
    with tracer.operation("llm", "gpt") as call:
        call.usage(input_tokens=12, output_tokens=3)
    points = heard.points("gen_ai.client.token.usage")
    assert {point.attributes["gen_ai.token.type"]: (point.sum, point.count) for point in points} == {
        "input": (12, 1),
        "output": (3, 1),
    }
    assert heard.metrics["gen_ai.client.token.usage"].unit == "{token}"
    assert points[0].explicit_bounds[-1] == 67_108_864


def test_tokens_of_what_only_contains_calls_are_not_told_again(tracer: FlowTracer, heard: Heard):
    with tracer.operation("agent", "planner") as agent:
        agent.usage(input_tokens=12, output_tokens=3)
    assert "gen_ai.client.token.usage" not in heard.metrics


def test_a_provider_that_was_written_on_the_span_is_told(tracer: FlowTracer, heard: Heard):
    with tracer.operation("llm", "gpt") as call:
        call.span.set_attribute("gen_ai.provider.name", "openai")
    assert heard.attributes("gen_ai.client.operation.duration")[0]["gen_ai.provider.name"] == "openai"


def test_a_failure_is_told(tracer: FlowTracer, heard: Heard):
    with pytest.raises(KeyError), tracer.operation("tool", "search"):
        raise KeyError("q")
    assert heard.attributes("gen_ai.execute_tool.duration") == [
        {"gen_ai.tool.name": "search", "error.type": "KeyError"}
    ]


@pytest.mark.parametrize("provider", [Recorded(ALWAYS_OFF).provider, NoOpTracerProvider()], ids=["unsampled", "none"])
def test_what_is_not_sampled_counts_too(provider: Any, heard: Heard):
    tracer = FlowTracer(provider=provider, meter_provider=heard.provider)
    with tracer.operation("llm", "gpt") as call:
        call.usage(input_tokens=12)
    assert set(heard.metrics) == {"gen_ai.client.operation.duration", "gen_ai.client.token.usage"}


def test_without_a_meter_provider_nothing_is_made():
    tracer = FlowTracer(provider=Recorded().provider)
    with tracer.operation("tool", "search"):
        pass
    assert tracer._measures._histograms == {}


def test_a_meter_provider_that_is_set_later_is_told(monkeypatch: pytest.MonkeyPatch, heard: Heard):
    tracer = FlowTracer(provider=Recorded().provider)
    with tracer.operation("tool", "early"):
        pass
    monkeypatch.setattr(metrics._internal, "_METER_PROVIDER", heard.provider)
    with tracer.operation("tool", "late"):
        pass
    assert heard.attributes("gen_ai.execute_tool.duration") == [{"gen_ai.tool.name": "late"}]


def test_a_meter_provider_that_fails_is_never_heard_of():
    class Broken(metrics.NoOpMeterProvider):
        def get_meter(self, *_: Any, **__: Any) -> Any:
            raise RuntimeError("no meters today")

    Broken.__module__ = "the users own"
    tracer = FlowTracer(provider=Recorded().provider, meter_provider=Broken())
    with tracer.operation("llm", "gpt") as call:
        call.usage(input_tokens=1)


def test_a_whole_flow_is_told(tracer: FlowTracer, heard: Heard):
    asyncio.run(tracer.instrument_async(lambda: asyncio.sleep(0)))
    assert heard.attributes("gen_ai.workflow.duration") == [{"gen_ai.workflow.name": "flow_execution"}]
