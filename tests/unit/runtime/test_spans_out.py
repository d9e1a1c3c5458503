"""Spans leave the program that made them without its noticing, whatever happens to the store."""

import gc
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import Any, cast

import pytest
from opentelemetry.context import get_value
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import use_span

from reev_flow.collect.journal_spans import spans_of
from reev_flow.errors import StoreError, TraceNotFound
from reev_flow.flows.tracing.tracer import FlowTracer
from reev_flow.runtime.span_queue import SpanQueue
from reev_flow.runtime.span_store import Storing
from reev_flow.runtime.spans_out import SpansOut, keep_all
from reev_flow.stores.memory_traces import MemoryTraceStore
from reev_flow.trace.store import TraceChunk, TraceQuery
from support.journals import killed_and_resumed
from support.otel import stored_spans

SOON = 10.0
NEVER = 3_600.0


class Watched(MemoryTraceStore):
    """A store that says what it is given, and can be made to fail or to take its time."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[Sequence[TraceChunk]] = []
        self.error: Exception | None = None
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.is_asked = threading.Event()
        self.seen: Callable[[], object] = lambda: None

    def add(self, chunks: Sequence[TraceChunk]) -> Any:
        self.seen()
        self.is_asked.set()
        self.may_answer.wait(SOON)
        self.given.append(chunks)
        if self.error is not None:
            failed: Future[int] = Future()
            failed.set_exception(self.error)
            return failed
        return super().add(chunks)

    @property
    def counts(self) -> list[int]:
        return [sum(chunk.spans for chunk in chunks) for chunks in self.given]


@pytest.fixture
def store() -> Watched:
    return Watched()


Make = Callable[..., tuple[SpanQueue, TracerProvider]]


@pytest.fixture
def make(store: Watched) -> Iterator[Make]:
    made: list[SpanQueue] = []

    def make_one(keeps: Callable[[int], bool] = keep_all, **options: Any) -> tuple[SpanQueue, TracerProvider]:
        storing = Storing(lambda: store, batch_size=options.get("batch_size", 100))
        queue = SpanQueue(storing, **options)
        made.append(queue)
        return queue, heard_by(queue, keeps=keeps)

    yield make_one
    store.may_answer.set()
    for queue in made:
        queue.shutdown()


def heard_by(queue: SpanQueue, sampler: Sampler | None = None, **options: Any) -> TracerProvider:
    provider = TracerProvider(sampler=sampler, shutdown_on_exit=False)
    provider.add_span_processor(SpansOut(queue, **options))
    return provider


def end_spans(provider: TracerProvider, count: int, name: str = "GET") -> None:
    tracer = provider.get_tracer("a library")
    for _ in range(count):
        tracer.start_span(name).end()


def names(store: Watched) -> list[str]:
    found = store.find(TraceQuery(limit=10_000)).result()
    return sorted(span.name for summary in found for span in stored_spans(store, summary.trace_id))


def test_what_has_ended_is_stored(make: Make, store: Watched):
    out, provider = make()
    with provider.get_tracer("a library").start_as_current_span("whole") as whole:
        end_spans(provider, 2)
    assert out.flush()
    trace_id = f"{whole.get_span_context().trace_id:032x}"
    assert sorted(span.name for span in stored_spans(store, trace_id)) == ["GET", "GET", "whole"]


def test_a_trace_is_found_by_its_root_service_and_time(make: Make, store: Watched):
    out, provider = make()
    end_spans(provider, 1, "whole")
    out.flush()
    (summary,) = store.find(TraceQuery()).result()
    (span,) = stored_spans(store, summary.trace_id)
    assert (summary.root, summary.spans) == ("whole", 1)
    assert (summary.start_ns, summary.end_ns) == (span.start_ns, span.end_ns)
    assert summary.service.startswith("unknown_service")


def test_each_trace_has_its_own_chunk(make: Make, store: Watched):
    out, provider = make()
    end_spans(provider, 3)
    out.flush()
    assert [chunk.spans for chunks in store.given for chunk in chunks] == [1, 1, 1]


def test_a_full_batch_does_not_wait(make: Make, store: Watched):
    _, provider = make(batch_size=5, delay_seconds=NEVER)
    end_spans(provider, 5)
    assert store.is_asked.wait(SOON)


def test_a_batch_that_does_not_fill_waits_no_longer_than_told(make: Make, store: Watched):
    _, provider = make(batch_size=5, delay_seconds=0.01)
    end_spans(provider, 1)
    assert store.is_asked.wait(SOON)


def test_a_batch_is_never_larger_than_told(make: Make, store: Watched):
    out, provider = make(batch_size=5, delay_seconds=NEVER)
    end_spans(provider, 23)
    out.flush()
    assert sum(store.counts) == 23
    assert max(store.counts) <= 5


def test_several_batches_may_be_delivered_together(make: Make, store: Watched):
    _, provider = make(batch_size=5, batches_at_once=2, delay_seconds=NEVER)
    end_spans(provider, 9)
    assert not store.is_asked.wait(0.05)
    end_spans(provider, 1)
    assert store.is_asked.wait(SOON)


def test_batches_that_are_delivered_together_are_never_larger_than_told(make: Make, store: Watched):
    out, provider = make(batch_size=5, batches_at_once=3, delay_seconds=NEVER)
    end_spans(provider, 23)
    out.flush()
    assert (sum(store.counts), max(store.counts)) == (23, 5)


def test_one_of_several_batches_that_fails_does_not_take_the_others_with_it(make: Make, store: Watched):
    out, provider = make(batch_size=5, batches_at_once=2, delay_seconds=NEVER)
    store.seen = lambda: setattr(store, "error", StoreError("traces.db", "busy") if not store.given else None)
    end_spans(provider, 10)
    out.flush()
    assert (out.dropped, len(names(store))) == (5, 5)


def test_flushing_when_there_is_nothing_is_done_at_once(make: Make):
    out, _ = make()
    assert out.flush(0)


def test_flushing_does_not_wait_longer_than_told(make: Make, store: Watched):
    out, provider = make()
    store.may_answer.clear()
    end_spans(provider, 1)
    assert not out.flush(0.01)


def test_flushing_from_many_threads(make: Make, store: Watched):
    out, provider = make(delay_seconds=NEVER)

    def work() -> None:
        end_spans(provider, 10)
        flushed.append(out.flush())

    flushed: list[bool] = []
    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)
    assert flushed == [True] * 8
    assert sum(store.counts) == 80


def test_more_than_the_queue_holds_is_dropped_and_counted(make: Make, store: Watched):
    out, provider = make(batch_size=1, most_waiting=3)
    store.may_answer.clear()
    end_spans(provider, 1)
    store.is_asked.wait(SOON)
    end_spans(provider, 10)
    store.may_answer.set()
    out.flush()
    assert (out.dropped, sum(store.counts)) == (7, 4)


def test_a_store_that_fails_is_counted_and_never_heard_of(make: Make, store: Watched):
    out, provider = make()
    store.error = StoreError("traces.db", "the disk is full")
    end_spans(provider, 3)
    assert out.flush()
    assert (out.dropped, out.last_error) == (3, store.error)


def test_after_a_failure_it_goes_on(make: Make, store: Watched):
    out, provider = make()
    store.error = StoreError("traces.db", "the disk is full")
    end_spans(provider, 1)
    out.flush()
    store.error = None
    end_spans(provider, 1, "later")
    out.flush()
    assert names(store) == ["later"]


def test_a_store_that_raises_is_counted_too(make: Make, store: Watched):
    out, provider = make()

    def fail() -> None:
        raise TypeError("broken")

    store.seen = fail
    end_spans(provider, 2)
    out.flush()
    assert out.dropped == 2


def test_a_span_that_cannot_be_encoded_does_not_take_others_with_it(make: Make, store: Watched):
    out, provider = make()
    whole = provider.get_tracer("a library").start_span("whole")
    with use_span(whole, end_on_exit=True):
        provider.get_tracer("a library").start_span("bad", start_time=cast("int", "soon")).end()
        end_spans(provider, 1, "good")
    out.flush()
    assert names(store) == ["good", "whole"]
    assert out.dropped == 1


def test_a_span_is_not_lost_when_the_garbage_collector_ends_it_in_between(make: Make, store: Watched):
    out, provider = make()
    tracer = provider.get_tracer("a library")
    ended = []

    class Ends:
        def __init__(self) -> None:
            self.me = self
            self.span = tracer.start_span("GET")

        def __del__(self) -> None:
            self.span.end()
            ended.append(self.span)

    former = gc.get_threshold()
    gc.set_threshold(1, 1, 1)
    try:
        for _ in range(200):
            Ends()
            end_spans(provider, 1)
    finally:
        gc.set_threshold(*former)
    until = time.monotonic() + 60
    while len(ended) < 200 and time.monotonic() < until:  # it does nothing while the other thread is collecting
        gc.collect()
        time.sleep(0.001)
    out.flush()
    assert (sum(store.counts), out.dropped) == (400, 0)


class Recording(Sampler):
    """Records spans that are not sampled."""

    def should_sample(self, *_: object, **__: object) -> SamplingResult:
        return SamplingResult(Decision.RECORD_ONLY)

    def get_description(self) -> str:
        return "recording"


def test_what_is_not_sampled_is_left_out(make: Make, store: Watched):
    out, _ = make()
    end_spans(heard_by(out, Recording()), 1)
    assert (out.flush(), store.given, out.dropped) == (True, [], 0)


def test_only_the_traces_that_are_wanted_are_kept(make: Make, store: Watched):
    out, provider = make(keeps=lambda trace_id: trace_id % 2 == 0)
    end_spans(provider, 50)
    out.flush()
    found = store.find(TraceQuery(limit=100)).result()
    assert 0 < len(found) < 50
    assert all(int(summary.trace_id, 16) % 2 == 0 for summary in found)


def test_flow_and_step_spans_of_sessions_are_left_to_their_journals(make: Make, store: Watched):
    out, provider = make()
    for span in spans_of(killed_and_resumed().record()):
        FlowTracer(provider=provider).mirror(span)
    assert (out.flush(), store.given, out.dropped) == (True, [], 0)


def test_what_the_store_does_is_not_traced(make: Make, store: Watched):
    out, provider = make()
    suppressed = []
    store.seen = lambda: suppressed.append(get_value("suppress_instrumentation"))
    end_spans(provider, 1)
    out.flush()
    assert suppressed == [True]


def test_the_end_of_the_provider_stores_what_is_left(make: Make, store: Watched):
    _, provider = make(delay_seconds=NEVER)
    end_spans(provider, 3)
    provider.shutdown()
    assert sum(store.counts) == 3


def test_after_the_end_spans_are_nobodys(make: Make, store: Watched):
    out, provider = make()
    out.shutdown()
    end_spans(provider, 3)
    assert (out.flush(), out.dropped, store.given) == (True, 0, [])


def test_ending_twice_is_ending_once(make: Make):
    out, provider = make()
    end_spans(provider, 1)
    out.shutdown()
    out.shutdown()


@pytest.mark.parametrize("leave", [SpanQueue.flush, SpanQueue.shutdown])
def test_where_no_thread_can_be_started_whoever_flushes_does_the_work(
    leave: Callable[[SpanQueue], object], make: Make, store: Watched, monkeypatch: pytest.MonkeyPatch
):
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    out, provider = make(delay_seconds=NEVER)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    end_spans(provider, 3)
    leave(out)
    assert (sum(store.counts), out.dropped) == (3, 0)


def test_the_sdk_flushes_through_it(make: Make, store: Watched):
    _, provider = make(delay_seconds=NEVER)
    end_spans(provider, 2)
    assert provider.force_flush(10_000)
    assert sum(store.counts) == 2


@pytest.mark.parametrize("span", [object(), ReadableSpan("no context")], ids=["no span", "no context"])
def test_nothing_it_is_given_makes_it_raise(span: Any, make: Make):
    out, _ = make()
    SpansOut(out).on_end(span)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_the_child_of_a_fork_stores_its_own_spans_and_not_its_parents(make: Make, store: Watched):
    out, provider = make(delay_seconds=NEVER)
    end_spans(provider, 1, "of the parent")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        end_spans(provider, 1, "of the child")
        out.flush()
        os.write(writing, ",".join(names(store)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    out.flush()
    assert (told, names(store)) == ("of the child", ["of the parent"])


def test_a_trace_that_nothing_came_of_is_not_there(make: Make, store: Watched):
    make()
    with pytest.raises(TraceNotFound):
        store.read("7" * 32).result()
