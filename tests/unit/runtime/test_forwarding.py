"""Spans go on to an OTLP endpoint as well, and what happens there stays there."""

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from opentelemetry import trace as api
from opentelemetry.sdk.resources import Resource
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    StatusCode,
    TraceFlags,
    TraceState,
    set_span_in_context,
)

from reev_flow.errors import ForwardingRefused
from reev_flow.runtime.collector import TraceCollector
from reev_flow.runtime.forwarding import Destination, destination_of
from reev_flow.sessions.config import SessionConfig
from reev_flow.stores.memory_traces import MemoryTraceStore
from reev_flow.trace.store import TraceQuery
from support.otel import Recorded, stored_spans
from support.otlp_endpoint import Endpoint, otlp_endpoint

NOWHERE = "http://127.0.0.1:9"
SECRET = "sk-proj-" + "Ab3dE6gH9jK2mN5pQ8rS1tU4vW7xY0zA" * 2


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with otlp_endpoint() as made:
        yield made


@pytest.fixture
def store() -> MemoryTraceStore:
    return MemoryTraceStore()


Make = Callable[..., tuple[TraceCollector, api.TracerProvider]]


@pytest.fixture
def make(store: MemoryTraceStore) -> Iterator[Make]:
    made: list[TraceCollector] = []

    def make_one(**options: Any) -> tuple[TraceCollector, api.TracerProvider]:
        collector = TraceCollector(**{"store": store, "config": SessionConfig(store_path="memory:"), **options})
        made.append(collector)
        provider = Recorded().provider
        collector.join(provider)
        return collector, provider

    yield make_one
    for collector in made:
        collector.shutdown()


def end_span(provider: api.TracerProvider, name: str = "whole", **attributes: Any) -> None:
    provider.get_tracer("a library").start_span(name, attributes=attributes).end()


def kept(store: MemoryTraceStore) -> list[str]:
    return sorted(summary.root for summary in store.find(TraceQuery(limit=1_000)).result())


def test_spans_are_kept_and_sent_on(make: Make, store: MemoryTraceStore, endpoint: Endpoint):
    collector, provider = make(forward_to=endpoint.url)
    end_span(provider)
    assert collector.flush()
    assert (kept(store), endpoint.names, endpoint.paths) == (["whole"], ["whole"], ["/v1/traces"])


def test_they_are_the_same_spans(make: Make, store: MemoryTraceStore, endpoint: Endpoint):
    collector, provider = make(forward_to=endpoint.url)
    end_span(provider, size=3)
    collector.flush()
    (sent,) = endpoint.spans
    (kept_one,) = stored_spans(store, sent.trace_id.hex())
    assert sent.span_id.hex() == kept_one.span_id
    assert [(pair.key, pair.value.int_value) for pair in sent.attributes] == [("size", 3)]


def test_the_setting_says_where(make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, endpoint: Endpoint):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REEV_TRACE_FORWARD_TO", endpoint.url)
    collector, provider = make(config=None)
    end_span(provider)
    collector.flush()
    assert endpoint.names == ["whole"]


def test_an_endpoint_that_refuses_loses_nothing_of_the_store(make: Make, store: MemoryTraceStore, endpoint: Endpoint):
    endpoint.answers_with = 400
    collector, provider = make(forward_to=endpoint.url)
    end_span(provider)
    assert collector.flush()
    assert (kept(store), collector.dropped, collector.not_forwarded) == (["whole"], 0, 1)


def test_an_endpoint_that_is_not_there_keeps_nobody_waiting_for_the_store(
    make: Make, store: MemoryTraceStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    collector, provider = make(forward_to=NOWHERE)
    end_span(provider)
    assert collector._intake is not None
    assert collector._intake.queue.flush()
    assert (kept(store), collector.dropped) == (["whole"], 0)


def test_a_store_that_fails_does_not_keep_spans_from_being_sent_on(
    make: Make, store: MemoryTraceStore, endpoint: Endpoint
):
    collector, provider = make(forward_to=endpoint.url)
    store.close()
    end_span(provider)
    collector.flush()
    assert (endpoint.names, collector.dropped, collector.not_forwarded) == (["whole"], 1, 0)


def test_what_is_left_out_is_not_sent_on(make: Make, endpoint: Endpoint):
    collector, provider = make(forward_to=endpoint.url, sample_rate=0, keep_errors=True)
    end_span(provider, "fine")
    failed = provider.get_tracer("a library").start_span("failed")
    failed.set_status(StatusCode.ERROR)
    failed.end()
    collector.flush()
    assert endpoint.names == ["failed"]


def test_secrets_reach_neither_the_store_nor_the_endpoint(make: Make, store: MemoryTraceStore, endpoint: Endpoint):
    collector, provider = make(forward_to=endpoint.url)
    end_span(provider, prompt=f"my key is {SECRET}", password="hunter2")
    collector.flush()
    (sent,) = endpoint.spans
    (kept_one,) = stored_spans(store, sent.trace_id.hex())
    assert "hunter2" not in str(sent) + repr(kept_one)
    assert SECRET not in str(sent) + repr(kept_one)
    assert kept_one.attributes["prompt"] == "my key is " + "*" * len(SECRET)


def test_secrets_around_a_span_are_not_sent_on_either(make: Make, endpoint: Endpoint):
    collector, _ = make(forward_to=endpoint.url)
    state = TraceState([("vendor", SECRET)])
    elsewhere = SpanContext(1, 2, is_remote=True, trace_flags=TraceFlags(1), trace_state=state)
    provider = Recorded(resource=Resource({"service.name": "shop", "service.api_key": "hunter2"})).provider
    collector.join(provider)
    tracer = provider.get_tracer("a library", attributes={"password": "hunter2"})
    tracer.start_span(
        "whole", set_span_in_context(NonRecordingSpan(elsewhere)), links=[Link(elsewhere, {"key": SECRET})]
    ).end()
    collector.flush()
    (sent,) = endpoint.requests
    assert "hunter2" not in str(sent)
    assert SECRET not in str(sent)
    assert "shop" in str(sent)


@pytest.mark.parametrize(
    ("said", "destination"),
    [
        ("http://127.0.0.1:4318", Destination(endpoint="http://127.0.0.1:4318/v1/traces", is_grpc=False)),
        ("https://example.org/otlp/", Destination(endpoint="https://example.org/otlp/v1/traces", is_grpc=False)),
        ("http://127.0.0.1:4318/v1/traces", Destination(endpoint="http://127.0.0.1:4318/v1/traces", is_grpc=False)),
        ("grpc://127.0.0.1:4317", Destination(endpoint="http://127.0.0.1:4317", is_grpc=True)),
        ("grpcs://example.org:443", Destination(endpoint="https://example.org:443", is_grpc=True)),
        ("otel", Destination(endpoint=None, is_grpc=False)),
    ],
    ids=str,
)
def test_an_endpoint_says_how_to_reach_it(said: str, destination: Destination):
    assert destination_of(said, {}) == destination


@pytest.mark.parametrize("variable", ["OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"])
def test_the_environment_says_how_to_reach_its_own(variable: str):
    assert destination_of("otel", {variable: "grpc"}).is_grpc


@pytest.mark.parametrize("said", ["localhost:4318", "ftp://example.org", "otel-collector"])
def test_what_is_no_endpoint_is_refused_in_one_line(said: str, make: Make):
    with pytest.raises(ForwardingRefused, match="is no endpoint; write http://host:4318"):
        make(forward_to=said)


@pytest.mark.parametrize(
    ("said", "extra"), [("http://127.0.0.1:4318", "forward"), ("grpc://127.0.0.1:4317", "forward-grpc")]
)
def test_without_an_exporter_the_extra_is_named(said: str, extra: str, make: Make, monkeypatch: pytest.MonkeyPatch):
    for package in ("http", "grpc"):
        monkeypatch.setitem(sys.modules, f"opentelemetry.exporter.otlp.proto.{package}.trace_exporter", None)
    with pytest.raises(ForwardingRefused, match=rf"pip install 'reev-flow\[{extra}\]'"):
        make(forward_to=said)
