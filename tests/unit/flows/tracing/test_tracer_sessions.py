"""How the spans of a session and those of its tools and models find each other in OpenTelemetry."""

import asyncio
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest
from msgspec.structs import replace
from opentelemetry import trace as api
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased, Sampler, SamplingResult, TraceIdRatioBased
from opentelemetry.trace import INVALID_SPAN, NoOpTracerProvider, get_current_span

from reev_flow.collect.assemble import assemble_one
from reev_flow.collect.journal_spans import spans_of
from reev_flow.flows.tracing import mirror as trace_mirror
from reev_flow.flows.tracing.tracer import FlowTracer
from reev_flow.sessions.state import SessionState
from reev_flow.trace.run import step_span_id
from reev_flow.trace.span import Span, SpanEvent, SpanLink, Status
from support.journals import Story, killed_and_resumed
from support.otel import Exploding, Recorded, global_provider, understood_spans

TRACE_ID = "7" * 32
STEP_ID = step_span_id("s-1", "submit_swap#1", 2)


def mirrored(spans: tuple[Span, ...], recorded: Recorded, *, content: bool | None = None) -> list[Span]:
    tracer = FlowTracer(provider=recorded.provider, content=content)
    for span in spans:
        tracer.mirror(span)
    return recorded.spans


def test_spans_of_any_tracer_land_under_the_step():
    recorded = Recorded()
    with FlowTracer(provider=recorded.provider).inside(TRACE_ID, STEP_ID):
        with recorded.tracer.start_as_current_span("GET"):
            pass
        with FlowTracer(provider=recorded.provider).operation("tool", "search"):
            pass
    assert {(span.trace_id, span.parent_id) for span in recorded.spans} == {(TRACE_ID, STEP_ID)}


def test_after_the_step_nothing_is_under_it():
    with FlowTracer().inside(TRACE_ID, STEP_ID):
        pass
    assert get_current_span() is INVALID_SPAN


async def test_steps_beside_each_other_keep_their_own():
    recorded = Recorded()
    tracer = FlowTracer(provider=recorded.provider)

    async def step(span_id: str) -> None:
        with tracer.inside(TRACE_ID, span_id):
            await asyncio.sleep(0)
            with recorded.tracer.start_as_current_span(span_id):
                await asyncio.sleep(0)

    await asyncio.gather(step("1" * 16), step("2" * 16))
    assert all(span.parent_id == span.name for span in recorded.spans)


def test_a_step_in_a_thread_keeps_its_own():
    recorded = Recorded()
    with ThreadPoolExecutor(1) as pool, FlowTracer(provider=recorded.provider).inside(TRACE_ID, STEP_ID):
        pool.submit(copy_context().run, recorded.tracer.start_span, "GET").result().end()
    assert recorded.span("GET").parent_id == STEP_ID


def test_what_happens_in_a_step_is_in_the_trace_of_its_run():
    recorded = Recorded()
    with FlowTracer(provider=recorded.provider).inside(TRACE_ID, STEP_ID), recorded.tracer.start_as_current_span("GET"):
        pass
    trace = assemble_one([*spans_of(killed_and_resumed().record()), *recorded.spans])
    position = next(position for position, span in enumerate(trace.spans) if span.name == "GET")
    parent = trace.spans[trace.parents[position]]
    assert (parent.label, parent.attributes["reev.step.attempt"]) == ("submit_swap", 2)


@pytest.mark.parametrize("provider", [None, NoOpTracerProvider()], ids=["none", "no-op"])
def test_without_an_sdk_it_is_as_if_nothing_were_there(provider: NoOpTracerProvider | None):
    with global_provider(None):
        tracer = FlowTracer(provider=provider)
        with tracer.inside(TRACE_ID, STEP_ID), api.get_tracer("a library").start_as_current_span("GET"):
            pass
        for span in spans_of(killed_and_resumed().record()):
            tracer.mirror(span)
        assert tracer.mirror_failures == 0


def kept(sampler: Sampler, trace_id: str) -> bool:
    recorded = Recorded(sampler)
    with FlowTracer(provider=recorded.provider).inside(trace_id, STEP_ID), recorded.tracer.start_as_current_span("GET"):
        pass
    return bool(recorded.spans)


def test_sampling_thins_what_happens_inside_steps_by_whole_traces():
    chance = random.Random(7)
    traces = [f"{chance.getrandbits(128):032x}" for _ in range(400)]
    sampler = ParentBased(TraceIdRatioBased(0.25))
    thinned = [trace_id for trace_id in traces if kept(sampler, trace_id)]
    assert 60 < len(thinned) < 140
    assert [trace_id for trace_id in traces if kept(sampler, trace_id)] == thinned


def test_a_sampler_is_asked_once_about_a_trace():
    asked = []

    class Counting(Sampler):
        def should_sample(
            self, parent_context: object, trace_id: int, *args: object, **kwargs: object
        ) -> SamplingResult:
            asked.append(trace_id)
            return ALWAYS_OFF.should_sample(None, trace_id, "")

        def get_description(self) -> str:
            return "counting"

    tracer = FlowTracer(provider=TracerProvider(sampler=Counting(), shutdown_on_exit=False))
    for _ in range(3):
        with tracer.inside(TRACE_ID, STEP_ID):
            pass
    assert asked == [int(TRACE_ID, 16)]


def test_a_sampler_that_raises_leaves_the_trace_whole():
    class Broken(Sampler):
        def should_sample(self, *_: object, **__: object) -> SamplingResult:
            raise RuntimeError("no idea")

        def get_description(self) -> str:
            return "broken"

    with FlowTracer(provider=TracerProvider(sampler=Broken(), shutdown_on_exit=False)).inside(TRACE_ID, STEP_ID):
        assert get_current_span().get_span_context().trace_flags.sampled


def test_many_traces_are_decided_about():
    tracer = FlowTracer(provider=Recorded().provider)
    for number in range(1, 3_000):
        with tracer.inside(f"{number:032x}", STEP_ID):
            assert get_current_span().get_span_context().trace_flags.sampled


def test_a_mirrored_span_is_the_span():
    recorded = Recorded(resource=Resource({"service.name": "shop"}))
    own = spans_of(killed_and_resumed().record())
    for before, after in zip(own, mirrored(own, recorded, content=True), strict=True):
        assert replace(after, source=before.source) == before
        assert (after.source.service, after.source.scope) == ("shop", "reev_flow.sessions")


def test_everything_of_a_span_is_mirrored():
    recorded = Recorded()
    link = SpanLink(trace_id="8" * 32, span_id="9" * 16, attributes={"why": "asked"})
    event = SpanEvent(time_ns=5, name="retry", attributes={"number": 1})
    span = replace(spans_of(killed_and_resumed().record())[2], events=(event,), links=(link,))
    (after,) = mirrored((span,), recorded)
    assert (after.events, after.links) == ((event,), (link,))


def test_what_was_mirrored_adds_nothing_to_what_the_journal_tells():
    """Also when it comes back from a server that it was exported to."""
    recorded = Recorded()
    own = spans_of(killed_and_resumed().record())
    returned = mirrored(own, recorded)
    trace, merged = assemble_one(own), assemble_one([*own, *returned, *returned])
    assert merged.problems == ()
    assert [replace(span, source=own[0].source) for span in merged.spans] == list(trace.spans)


def test_content_stays_with_the_session_unless_it_is_asked_for():
    own = spans_of(killed_and_resumed().record())
    assert all(span.input is None and span.output is None for span in mirrored(own, Recorded()))


def test_content_is_mirrored_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true")
    own = spans_of(killed_and_resumed().record())
    assert [span.output for span in mirrored(own, Recorded())] == [span.output for span in own]


def test_sampling_leaves_own_spans_alone():
    own = spans_of(killed_and_resumed().record())
    assert len(mirrored(own, Recorded(ALWAYS_OFF))) == len(own)


def test_what_is_not_finished_is_not_mirrored():
    story = Story().run()
    story.start("pay#1", 1)
    assert mirrored(spans_of(story.record()), Recorded()) == []


def test_a_failed_run_is_mirrored_with_its_reason():
    story = Story().run().end(3, SessionState.FAILED, error="ValueError: no money")
    (after,) = mirrored(spans_of(story.record()), Recorded())
    assert (after.status, after.status_message) == (Status.ERROR, "ValueError: no money")


def test_a_span_processor_that_raises_is_counted():
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(Exploding())
    tracer = FlowTracer(provider=provider)
    tracer.mirror(spans_of(killed_and_resumed().record())[0])
    assert tracer.mirror_failures == 1


def test_a_provider_that_is_switched_off_gets_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    assert mirrored(spans_of(killed_and_resumed().record()), Recorded()) == []


@pytest.fixture
def short_attributes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "4")
    trace_mirror._limits.cache_clear()
    yield
    trace_mirror._limits.cache_clear()


@pytest.mark.usefixtures("short_attributes")
def test_limits_of_the_environment_hold_for_mirrored_spans_too():
    (after,) = mirrored(spans_of(killed_and_resumed().record())[-2:-1], Recorded())
    assert after.attributes["reev.outcome"] == "fini"


def test_a_provider_that_was_shut_down_is_no_trouble():
    recorded = Recorded()
    recorded.provider.shutdown()
    mirrored(spans_of(killed_and_resumed().record()), recorded)


def test_mirrored_spans_can_be_read_by_every_exporter():
    recorded = Recorded()
    mirrored(spans_of(killed_and_resumed().record()), recorded, content=True)
    assert all(readable.to_json() for readable in recorded.readable)
    assert understood_spans(recorded.readable)
