"""A provider that the program sets after the collector was installed, one that is wrapped, and several at once."""

import gc
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry import trace as api
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.trace import NoOpTracerProvider

from reev_flow.runtime.collector import TraceCollector
from reev_flow.runtime.following import FollowingProvider
from reev_flow.sessions.config import SessionConfig
from reev_flow.stores.memory_traces import MemoryTraceStore
from reev_flow.trace.store import TraceQuery
from support.otel import Recorded, global_provider, stored_spans

PLAIN = SessionConfig(store_path="memory:")


@pytest.fixture(autouse=True)
def no_global_provider() -> Iterator[None]:
    with global_provider(None):
        yield


@pytest.fixture
def store() -> MemoryTraceStore:
    return MemoryTraceStore()


@pytest.fixture
def collector(store: MemoryTraceStore) -> Iterator[TraceCollector]:
    made = TraceCollector(store=store, config=PLAIN)
    yield made
    made.shutdown()
    if made._provider is not None:
        made._provider.shutdown()


class Wrapper(api.TracerProvider):
    """As some vendors have it: the provider inside may be exchanged, and whatever listened to the former one with it."""

    def __init__(self) -> None:
        self.provider = Recorded().provider

    def exchange(self) -> None:
        self.provider.shutdown()
        self.provider = Recorded().provider

    def get_tracer(self, *args: Any, **options: Any) -> api.Tracer:
        return self.provider.get_tracer(*args, **options)

    def add_span_processor(self, processor: SpanProcessor) -> None:
        self.provider.add_span_processor(processor)


def end_span(name: str, provider: Any = None) -> None:
    (provider or api.get_tracer_provider()).get_tracer("a library").start_span(name).end()


def kept(collector: TraceCollector, store: MemoryTraceStore) -> list[str]:
    assert collector.flush()
    found = store.find(TraceQuery(limit=1_000)).result()
    return sorted(span.name for summary in found for span in stored_spans(store, summary.trace_id))


def test_a_provider_that_is_set_later_becomes_the_global_one(collector: TraceCollector):
    collector.install()
    later = Recorded()
    api.set_tracer_provider(later.provider)
    assert api.get_tracer_provider() is later.provider


def test_spans_of_a_provider_that_is_set_later_are_collected(collector: TraceCollector, store: MemoryTraceStore):
    collector.install()
    end_span("early")
    api.set_tracer_provider(Recorded().provider)
    end_span("late")
    assert kept(collector, store) == ["early", "late"]


def test_tracers_from_before_go_on_with_the_provider_that_is_set_later(collector: TraceCollector):
    collector.install()
    tracer = api.get_tracer("a library")
    tracer.start_span("early").end()
    later = Recorded()
    api.set_tracer_provider(later.provider)
    tracer.start_span("late").end()
    with tracer.start_as_current_span("current"):
        pass
    assert [span.name for span in later.spans] == ["late", "current"]


def test_a_span_that_is_open_while_the_provider_is_set_is_the_parent_of_what_follows(
    collector: TraceCollector, store: MemoryTraceStore
):
    collector.install()
    tracer = api.get_tracer("a library")
    with tracer.start_as_current_span("whole"):
        api.set_tracer_provider(Recorded().provider)
        tracer.start_span("part").end()
    collector.flush()
    (summary,) = store.find(TraceQuery()).result()
    assert (summary.root, summary.spans) == ("whole", 2)


def test_each_span_is_kept_once(collector: TraceCollector, store: MemoryTraceStore):
    collector.install()
    tracer = api.get_tracer("a library")
    api.set_tracer_provider(Recorded().provider)
    collector.install()
    tracer.start_span("late").end()
    assert kept(collector, store) == ["late"]


def test_a_second_provider_is_refused_as_ever(collector: TraceCollector, caplog: pytest.LogCaptureFixture):
    collector.install()
    first = Recorded().provider
    api.set_tracer_provider(first)
    api.set_tracer_provider(Recorded().provider)
    assert api.get_tracer_provider() is first
    assert "Overriding of current TracerProvider is not allowed" in caplog.text


def test_a_stand_in_that_somebody_exports_from_stays(collector: TraceCollector):
    stand_in: Any = collector.install()
    stand_in.add_span_processor(SpanProcessor())
    api.set_tracer_provider(Recorded().provider)
    assert api.get_tracer_provider() is stand_in


def test_two_collectors_follow_alike(collector: TraceCollector, store: MemoryTraceStore):
    collector.install()
    other_store = MemoryTraceStore()
    other = TraceCollector(store=other_store, config=PLAIN)
    other.install()
    api.set_tracer_provider(Recorded().provider)
    end_span("late")
    assert kept(collector, store) == kept(other, other_store) == ["late"]
    other.shutdown()


def test_setting_a_provider_that_cannot_be_joined_does_not_raise(collector: TraceCollector):
    collector.install()
    api.set_tracer_provider(NoOpTracerProvider())
    assert "takes no span processors" in str(collector.last_error)


def test_a_collector_that_is_over_lets_a_provider_be_set(collector: TraceCollector):
    collector.install()
    collector.shutdown()
    later = Recorded()
    api.set_tracer_provider(later.provider)
    end_span("late")
    assert [span.name for span in later.spans] == ["late"]


def test_a_collector_that_is_over_is_not_held_by_the_stand_in_of_another(collector: TraceCollector):
    collector.install()
    over = TraceCollector(store=MemoryTraceStore(), config=PLAIN)
    over.install()
    over.shutdown()
    forgotten = weakref.ref(over)
    del over
    gc.collect()
    assert forgotten() is None


def test_a_collector_that_is_over_leaves_nothing_behind():
    over = TraceCollector(store=MemoryTraceStore(), config=PLAIN)
    provider = over.create_provider()
    end_span("whole", provider)
    over.shutdown()
    forgotten = weakref.ref(over), weakref.ref(provider)
    del over, provider
    gc.collect()
    assert [one() for one in forgotten] == [None, None]


def test_an_api_that_is_built_differently_gets_the_provider_for_good(
    collector: TraceCollector, monkeypatch: pytest.MonkeyPatch
):
    class OtherOnce:
        def do_once(self, work: Any) -> bool:
            work()
            return True

    monkeypatch.setattr(api, "_TRACER_PROVIDER_SET_ONCE", OtherOnce())
    assert api.get_tracer_provider() is not collector.install()


def test_several_providers_are_joined(collector: TraceCollector, store: MemoryTraceStore):
    providers = [Recorded().provider, Recorded().provider]
    for provider in providers:
        collector.join(provider)
        end_span("whole", provider)
    assert kept(collector, store) == ["whole", "whole"]


def test_the_end_of_one_provider_leaves_the_others(collector: TraceCollector, store: MemoryTraceStore):
    first, second = Recorded().provider, Recorded().provider
    collector.join(first)
    collector.join(second)
    end_span("of the first", first)
    first.shutdown()
    end_span("of the second", second)
    assert kept(collector, store) == ["of the first", "of the second"]


def test_a_wrapped_provider_is_heard(collector: TraceCollector, store: MemoryTraceStore):
    api.set_tracer_provider(Wrapper())
    collector.install()
    end_span("whole")
    assert kept(collector, store) == ["whole"]


def test_a_wrapper_whose_inside_was_exchanged_is_heard_again_after_the_next_look(
    collector: TraceCollector, store: MemoryTraceStore
):
    wrapper = Wrapper()
    api.set_tracer_provider(wrapper)
    collector.install()
    wrapper.exchange()
    collector.install()
    end_span("whole")
    assert kept(collector, store) == ["whole"]


def test_who_follows_uses_its_own_provider_until_there_is_one(collector: TraceCollector, store: MemoryTraceStore):
    tracer = FollowingProvider(collector.provider_in_use).get_tracer("ours")
    tracer.start_span("early").end()
    later = Recorded()
    api.set_tracer_provider(later.provider)
    tracer.start_span("late").end()
    assert [span.name for span in later.spans] == ["late"]
    assert kept(collector, store) == ["early", "late"]


def test_who_follows_a_provider_that_cannot_be_joined_keeps_its_own(collector: TraceCollector, store: MemoryTraceStore):
    api.set_tracer_provider(NoOpTracerProvider())
    end_span("whole", FollowingProvider(collector.provider_in_use))
    assert kept(collector, store) == ["whole"]


def test_who_follows_is_sampled_as_the_provider_samples(collector: TraceCollector):
    provider = TracerProvider(shutdown_on_exit=False)
    api.set_tracer_provider(provider)
    assert FollowingProvider(collector.provider_in_use).sampler is provider.sampler
