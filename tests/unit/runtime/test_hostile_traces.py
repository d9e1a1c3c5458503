"""Hostile traces on the whole road: into a store, out of it, explained, drawn and written."""

import io
import sys
from collections.abc import Sequence
from functools import partial

import msgspec
import pytest

from reev_flow.analysis.insights import FlowInsights
from reev_flow.pipeline import TraceProcessor
from reev_flow.render.document import document_bytes, document_of
from reev_flow.render.mermaid_text import LARGEST_TEXT
from reev_flow.render.terminal import terminal_text
from reev_flow.render.terminal_options import options_for
from reev_flow.runtime.run_listing import list_runs
from reev_flow.runtime.run_reading import read_run
from reev_flow.stores.urls import open_session_store
from reev_flow.trace.span import Span
from reev_flow.trace.trace import Trace
from support.counted_work import count_calls
from support.hostile_traces import HOSTILE, Hostile
from support.stored_spans import TRACE_ID, keep, memory_store

SMALL = 200
NEARLY_LINEAR = 2.3  # times the work for twice the size; more than 2 for what a sort or a short list adds
SESSIONS = open_session_store("memory:")


@pytest.fixture(params=HOSTILE.values(), ids=list(HOSTILE))
def hostile(request: pytest.FixtureRequest) -> Hostile:
    found: Hostile = request.param
    return found


def through_store(spans: Sequence[Span]) -> Trace:
    traces, _ = memory_store()
    keep(traces, *spans)
    return read_run(SESSIONS, traces, TRACE_ID)


def told(insights: FlowInsights) -> list[str | bytes]:
    """Everything that can be had of a run."""
    options = options_for(io.StringIO(), {}, rows=100)
    return [document_bytes(document_of(insights)), terminal_text(insights, options), insights.diagram]


def on_the_whole_road(spans: Sequence[Span]) -> list[str | bytes]:
    return told(TraceProcessor().process_trace(through_store(spans)))


def test_a_hostile_trace_is_kept_whole_flagged_and_told(hostile: Hostile):
    spans = hostile.make(hostile.size)
    trace = through_store(spans)
    document, text, diagram = told(TraceProcessor().process_trace(trace))

    assert {span.span_id for span in trace.spans} == {span.span_id for span in spans}
    assert hostile.flags <= {flag for span in trace.spans for flag in span.flags}
    assert len(msgspec.json.decode(document)["spans"]) == len(trace)
    assert (bool(text), len(diagram) <= LARGEST_TEXT) == (True, True)


def test_a_hostile_trace_is_listed(hostile: Hostile):
    traces, _ = memory_store()
    keep(traces, *hostile.make(SMALL))
    (line,) = list_runs(None, traces, now_ns=0)

    assert (line.trace_id, len(line.conversations) <= SMALL) == (TRACE_ID, True)


def test_twice_the_size_is_about_twice_the_work(hostile: Hostile):
    on_the_whole_road(hostile.make(SMALL))  # what is computed once and kept is not counted
    small, large = (count_calls(partial(on_the_whole_road, hostile.make(size))) for size in (SMALL, 2 * SMALL))

    assert large <= NEARLY_LINEAR * small


def test_no_trace_needs_a_deep_stack(hostile: Hostile):
    """Half of what is left of the stack would not bear a recursion over 5,000 spans, nor one over 500."""
    spans = hostile.make(500)
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(300 + _depth())
    try:
        on_the_whole_road(spans)
    finally:
        sys.setrecursionlimit(before)


def _depth() -> int:
    frame, depth = sys._getframe(), 0
    while frame.f_back is not None:
        frame, depth = frame.f_back, depth + 1
    return depth
