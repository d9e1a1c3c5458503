"""Collecting the spans of a program: with a provider of one's own, or beside the one that is there."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import trace as api
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import NonRecordingSpan, NoOpTracerProvider, SpanContext, TraceFlags, set_span_in_context

from reev_flow.errors import InvalidSetting, ProviderRefused
from reev_flow.flows.tracing.tracer import FlowTracer
from reev_flow.runtime.collector import TraceCollector
from reev_flow.sessions.config import SessionConfig
from reev_flow.stores.memory_traces import MemoryTraceStore
from reev_flow.stores.urls import open_trace_store
from reev_flow.trace.span import Operation
from reev_flow.trace.store import TraceQuery, TraceSummary
from support.otel import Recorded, global_provider, stored_spans
from support.processes import environment

PLAIN = SessionConfig(store_path="memory:")


class Setting:
    """A store, and collectors that use it."""

    def __init__(self) -> None:
        self.store = MemoryTraceStore()
        self.collectors: list[TraceCollector] = []

    def collector(self, *args: Any, **options: Any) -> TraceCollector:
        facts: dict[str, Any] = {"store": self.store, "config": PLAIN}
        collector = TraceCollector(*args, **(facts | options))
        self.collectors.append(collector)
        return collector

    def found(self) -> tuple[TraceSummary, ...]:
        for collector in self.collectors:
            assert collector.flush()
        return self.store.find(TraceQuery(limit=10_000)).result()


@pytest.fixture
def setting() -> Iterator[Setting]:
    made = Setting()
    yield made
    for collector in made.collectors:
        collector.shutdown()
        if collector._provider is not None:
            collector._provider.shutdown()


def end_span(provider: Any, name: str = "GET", **options: Any) -> None:
    provider.get_tracer("a library").start_span(name, **options).end()


def test_spans_of_its_provider_are_collected(setting: Setting):
    collector = setting.collector("my-flows")
    end_span(collector.create_provider(), "whole")
    (summary,) = setting.found()
    assert (summary.root, summary.service) == ("whole", "my-flows")


def test_its_provider_is_one(setting: Setting):
    collector = setting.collector()
    assert collector.create_provider() is collector.create_provider()


def test_without_a_name_the_environment_names_the_service(setting: Setting, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OTEL_SERVICE_NAME", "shop")
    end_span(setting.collector().create_provider())
    assert [summary.service for summary in setting.found()] == ["shop"]


def test_what_a_flow_tracer_tells_comes_back_as_it_was_meant(setting: Setting):
    provider = setting.collector().create_provider()
    tracer = FlowTracer(provider=provider)
    with tracer.operation("flow", "shop"), tracer.operation("tool", "search", arguments={"q": "x"}) as span:
        span.result(["y"])
    (summary,) = setting.found()
    flow, tool = sorted(stored_spans(setting.store, summary.trace_id), key=lambda span: span.start_ns)
    assert (flow.operation, tool.operation) == (Operation.FLOW, Operation.TOOL)
    assert (tool.input, tool.output, tool.parent_id) == ({"q": "x"}, ["y"], flow.span_id)


def test_a_share_of_the_traces_is_kept(setting: Setting):
    provider = setting.collector(sample_rate=0.25).create_provider()
    for _ in range(400):
        end_span(provider)
    assert 60 < len(setting.found()) < 140


def test_none_may_be_kept(setting: Setting):
    end_span(setting.collector(sample_rate=0).create_provider())
    assert setting.found() == ()


def parent(*, sampled: bool) -> Any:
    flags = TraceFlags(TraceFlags.SAMPLED if sampled else TraceFlags.DEFAULT)
    return set_span_in_context(NonRecordingSpan(SpanContext(1, 1, is_remote=True, trace_flags=flags)))


@pytest.mark.parametrize("sampled", [True, False])
def test_whoever_called_this_process_has_decided(sampled: bool, setting: Setting):  # noqa: FBT001 - a case
    provider = setting.collector(sample_rate=0 if sampled else 1).create_provider()
    end_span(provider, context=parent(sampled=sampled))
    assert len(setting.found()) == int(sampled)


def test_the_sample_rate_comes_from_the_settings(setting: Setting):
    end_span(setting.collector(config=SessionConfig(trace_sample_rate=0)).create_provider())
    assert setting.found() == ()


def test_the_sampler_of_the_environment_counts_where_no_rate_is_given(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    end_span(setting.collector().create_provider())
    end_span(setting.collector(sample_rate=1).create_provider(), "asked for")
    assert [summary.root for summary in setting.found()] == ["asked for"]


def test_the_batch_size_comes_from_the_settings(setting: Setting):
    assert setting.collector(config=SessionConfig(trace_batch_size=7)).batch_size == 7


@pytest.mark.parametrize(
    ("options", "told"),
    [({"sample_rate": 1.5}, "sample_rate=.*from 0 to 1"), ({"batch_size": 0}, "batch_size=.*1 or more")],
    ids=str,
)
def test_impossible_numbers_are_refused(options: dict[str, Any], told: str):
    with pytest.raises(InvalidSetting, match=told):
        TraceCollector(config=PLAIN, **options)


def test_switched_off_nothing_is_collected(setting: Setting):
    collector = setting.collector(config=SessionConfig(otel_enabled=False))
    end_span(collector.create_provider())
    assert setting.found() == ()


def test_switched_off_no_provider_is_set(setting: Setting):
    with global_provider(None):
        former = api.get_tracer_provider()
        setting.collector(config=SessionConfig(otel_enabled=False)).install()
        assert api.get_tracer_provider() is former


def test_it_joins_the_provider_that_is_there(setting: Setting):
    recorded = Recorded()
    with global_provider(recorded.provider):
        assert setting.collector().install() is recorded.provider
        end_span(api.get_tracer_provider(), "whole")
    assert [summary.root for summary in setting.found()] == ["whole"]
    assert [span.name for span in recorded.spans] == ["whole"]


def test_tracers_that_were_there_before_are_heard_too(setting: Setting):
    recorded = Recorded()
    with global_provider(recorded.provider):
        setting.collector().install()
    recorded.tracer.start_span("whole").end()
    assert [summary.root for summary in setting.found()] == ["whole"]


def test_where_there_is_no_provider_its_own_becomes_it(setting: Setting):
    with global_provider(None):
        early = api.get_tracer("a library")
        provider = setting.collector("my-flows").install()
        assert api.get_tracer_provider() is provider
        early.start_span("whole").end()
    assert [(summary.root, summary.service) for summary in setting.found()] == [("whole", "my-flows")]


@pytest.mark.parametrize("has_provider", [True, False])
def test_installing_again_changes_nothing(has_provider: bool, setting: Setting):  # noqa: FBT001 - a case
    with global_provider(Recorded().provider if has_provider else None):
        collector = setting.collector()
        assert collector.install() is collector.install()
        end_span(api.get_tracer_provider())
    assert [summary.spans for summary in setting.found()] == [1]


def test_of_a_provider_that_was_there_a_share_of_the_traces_is_kept(setting: Setting):
    recorded = Recorded()
    with global_provider(recorded.provider):
        setting.collector(sample_rate=0.25).install()
    for _ in range(400):
        end_span(recorded.provider)
    assert 60 < len(setting.found()) < 140
    assert len(recorded.readable) == 400


def test_what_a_provider_that_was_there_does_not_sample_is_not_seen(setting: Setting):
    with global_provider(TracerProvider(sampler=ALWAYS_OFF, shutdown_on_exit=False)):
        end_span(setting.collector().install())
    assert setting.found() == ()


def test_a_provider_that_cannot_be_joined_is_refused(setting: Setting):
    with (
        global_provider(NoOpTracerProvider()),
        pytest.raises(ProviderRefused, match="NoOpTracerProvider takes no span"),
    ):
        setting.collector().install()


def test_after_the_end_the_provider_goes_on_alone(setting: Setting):
    recorded = Recorded()
    with global_provider(recorded.provider):
        collector = setting.collector()
        collector.install()
        collector.shutdown()
    end_span(recorded.provider)
    assert (len(recorded.readable), setting.found(), collector.dropped) == (1, (), 0)
    assert len(recorded.provider._active_span_processor._span_processors) == 1


def test_what_is_lost_is_told(setting: Setting):
    collector = setting.collector()
    setting.store.close()
    end_span(collector.create_provider())
    assert collector.flush()
    assert collector.dropped == 1
    assert "the store is closed" in str(collector.last_error)


def test_nothing_is_lost_at_first(setting: Setting):
    collector = setting.collector()
    assert (collector.dropped, collector.last_error, collector.flush()) == (0, None, True)


def test_it_opens_a_store_in_a_folder_and_closes_it(tmp_path: Path):
    collector = TraceCollector(store=tmp_path, config=PLAIN)
    end_span(collector.create_provider(), "whole")
    collector.shutdown()
    store = open_trace_store(tmp_path)
    assert [summary.root for summary in store.find(TraceQuery()).result()] == ["whole"]
    store.close()


def test_the_store_is_that_of_the_settings(tmp_path: Path):
    collector = TraceCollector(config=SessionConfig(store_path=str(tmp_path)))
    assert collector.store.location == str(tmp_path / "traces.db")
    collector.shutdown()


def test_nothing_is_opened_before_it_is_needed(tmp_path: Path):
    TraceCollector(config=SessionConfig(store_path=str(tmp_path / "store")))
    assert not (tmp_path / "store").exists()


PROGRAM = """
import sys
from opentelemetry import trace
from reev_flow.runtime.collector import TraceCollector
if sys.argv[2] == "joined":
    from opentelemetry.sdk.trace import TracerProvider
    trace.set_tracer_provider(TracerProvider(shutdown_on_exit=False))
TraceCollector("shop", store=sys.argv[1]).install()
trace.get_tracer("a library").start_span("whole").end()
"""


@pytest.mark.parametrize("provider", ["joined", "own"])
def test_a_program_that_ends_loses_nothing(provider: str, tmp_path: Path):
    command = [sys.executable, "-c", PROGRAM, str(tmp_path), provider]
    done = subprocess.run(command, env=environment(), cwd=tmp_path, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
    store = open_trace_store(tmp_path)
    assert [summary.root for summary in store.find(TraceQuery()).result()] == ["whole"]
    store.close()


def loaded_by(code: str) -> str:
    heavy = "[name for name in ('opentelemetry.sdk', 'google.protobuf', 'apsw') if name in sys.modules]"
    command = [sys.executable, "-c", f"import sys; {code}; print({heavy})"]
    return subprocess.run(command, env=environment(), capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize(
    "code", ["from reev_flow.flows.tracing.tracer import FlowTracer", "import reev_flow.runtime.collector"]
)
def test_importing_it_loads_no_sdk(code: str):
    assert loaded_by(code) == "[]"


def test_a_tracer_without_a_provider_loads_no_sdk():
    code = "from reev_flow.flows.tracing.tracer import FlowTracer as T; t = T(); t.operation('tool', 'a').__enter__()"
    assert loaded_by(code) == "[]"


def test_the_variables_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REEV_TRACE_SAMPLE_RATE", "0.5")
    monkeypatch.setenv("REEV_TRACE_BATCH_SIZE", "17")
    monkeypatch.setenv("REEV_OTEL_ENABLED", "false")
    collector = TraceCollector()
    assert (collector.sample_rate, collector.batch_size, collector.is_enabled) == (0.5, 17, False)
    assert list(tmp_path.iterdir()) == []
