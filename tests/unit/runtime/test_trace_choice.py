"""Of the traces beyond the share only those with errors and the slow ones are kept, whole."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from reev_flow.runtime.collector import TraceCollector
from reev_flow.runtime.span_queue import NONE_LOST, Lost
from reev_flow.runtime.trace_choice import SECOND, TraceChoice, Wish
from reev_flow.sessions.config import SessionConfig
from reev_flow.stores.memory_traces import MemoryTraceStore
from reev_flow.trace.store import TraceQuery
from support.otel import Recorded, stored_spans

ERRORS = Wish(share=0, keeps_errors=True)
SLOW = Wish(share=0, keeps_slower_than=2)
WHOLE, PART, OTHER_PART = 1, 2, 3


class Kept:
    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, spans: Sequence[ReadableSpan]) -> Lost:
        self.names.extend(span.name for span in spans)
        return NONE_LOST


def span(
    name: str,
    *,
    trace: int = 7,
    parent: int | None = None,
    is_remote: bool = False,
    failed: bool = False,
    seconds: int = 1,
) -> ReadableSpan:
    def context(span_id: int, *, is_remote: bool = False) -> SpanContext:
        return SpanContext(trace, span_id, is_remote=is_remote, trace_flags=TraceFlags(1))

    return ReadableSpan(
        name=name,
        context=context(hash(name) % 1_000 + 10),
        parent=None if parent is None else context(parent, is_remote=is_remote),
        status=Status(StatusCode.ERROR if failed else StatusCode.UNSET),
        start_time=SECOND,
        end_time=(1 + seconds) * SECOND,
    )


@pytest.fixture
def kept() -> Kept:
    return Kept()


def test_a_trace_with_an_error_is_kept_whole(kept: Kept):
    choice = TraceChoice(ERRORS, kept)
    choice([span("part", parent=WHOLE), span("failed", parent=WHOLE, failed=True), span("whole")])
    assert (kept.names, choice.left_out) == (["part", "failed", "whole"], 0)


def test_a_trace_without_one_is_left_out_whole(kept: Kept):
    choice = TraceChoice(ERRORS, kept)
    choice([span("part", parent=WHOLE), span("whole")])
    assert (kept.names, choice.left_out) == ([], 2)


@pytest.mark.parametrize(("seconds", "is_kept"), [(2, False), (3, True)])
def test_a_slow_trace_is_kept(seconds: int, is_kept: bool, kept: Kept):  # noqa: FBT001 - a case
    TraceChoice(SLOW, kept)([span("whole", seconds=seconds)])
    assert kept.names == ["whole"] * is_kept


def test_a_trace_in_the_share_waits_for_nothing(kept: Kept):
    TraceChoice(Wish(share=1, keeps_errors=True), kept)([span("part", parent=WHOLE)])
    assert kept.names == ["part"]


@pytest.mark.parametrize("failed", [True, False])
def test_what_ends_after_its_root_follows(failed: bool, kept: Kept):  # noqa: FBT001 - a case
    choice = TraceChoice(ERRORS, kept)
    choice([span("whole", failed=failed)])
    choice([span("late", parent=WHOLE)])
    assert ("late" in kept.names) is failed


def test_traces_are_decided_one_by_one(kept: Kept):
    choice = TraceChoice(ERRORS, kept)
    choice([span("a", trace=1, parent=WHOLE, failed=True), span("b", trace=2, parent=WHOLE)])
    choice([span("whole b", trace=2), span("whole a", trace=1)])
    assert kept.names == ["a", "whole a"]


def test_below_another_service_the_first_span_here_decides(kept: Kept):
    choice = TraceChoice(ERRORS, kept)
    choice([span("part", parent=PART), span("asked", parent=WHOLE, is_remote=True)])
    choice([span("failed", parent=OTHER_PART, failed=True), span("asked again", parent=WHOLE, is_remote=True)])
    assert kept.names == ["failed", "asked again"]


def test_when_too_much_waits_the_oldest_is_decided_by_what_is_known(kept: Kept):
    choice = TraceChoice(ERRORS, kept, most_undecided=2)
    choice([span("failed", trace=1, parent=WHOLE, failed=True)])
    choice(
        [span("fine", trace=2, parent=WHOLE), span("new", trace=3, parent=WHOLE), span("newer", trace=3, parent=WHOLE)]
    )
    assert (kept.names, choice.left_out) == (["failed"], 1)


def test_at_the_end_what_is_known_decides(kept: Kept):
    choice = TraceChoice(ERRORS, kept)
    choice([span("failed", trace=1, parent=WHOLE, failed=True), span("fine", trace=2, parent=WHOLE)])
    choice.settle()
    assert (kept.names, choice.left_out) == (["failed"], 1)


@pytest.fixture
def store() -> MemoryTraceStore:
    return MemoryTraceStore()


@pytest.fixture
def collector(store: MemoryTraceStore) -> Iterator[TraceCollector]:
    made = TraceCollector(
        store=store, config=SessionConfig(store_path="memory:"), sample_rate=0, keep_errors=True, keep_slower_than=1_000
    )
    yield made
    made.shutdown()
    if made._provider is not None:
        made._provider.shutdown()


def run(provider: Any, name: str, *, failed: bool, context: Any = None) -> None:
    tracer = provider.get_tracer("a library")
    with tracer.start_as_current_span(name, context=context):
        part = tracer.start_span("part")
        if failed:
            part.set_status(StatusCode.ERROR)
        part.end()


def kept_names(collector: TraceCollector, store: MemoryTraceStore) -> list[str]:
    assert collector.flush()
    found = store.find(TraceQuery()).result()
    return sorted(span.name for summary in found for span in stored_spans(store, summary.trace_id))


@pytest.mark.parametrize("is_own", [True, False])
def test_a_collector_keeps_runs_that_failed(
    is_own: bool,  # noqa: FBT001 - a case
    collector: TraceCollector,
    store: MemoryTraceStore,
):
    provider = collector.create_provider() if is_own else Recorded().provider
    collector.join(provider)
    run(provider, "fine", failed=False)
    run(provider, "failed", failed=True)
    assert kept_names(collector, store) == ["failed", "part"]
    assert (collector.left_out, collector.dropped) == (2, 0)


def test_what_is_only_recorded_is_not_exported_by_others(collector: TraceCollector):
    provider: Any = collector.create_provider()
    recorded = Recorded()
    provider.add_span_processor(recorded.provider._active_span_processor)
    run(provider, "failed", failed=True)
    assert recorded.readable == ()


def test_a_caller_that_did_not_sample_has_decided(collector: TraceCollector, store: MemoryTraceStore):
    asked = NonRecordingSpan(SpanContext(1, 1, is_remote=True, trace_flags=TraceFlags(0)))
    run(collector.create_provider(), "failed", failed=True, context=set_span_in_context(asked))
    assert kept_names(collector, store) == []
