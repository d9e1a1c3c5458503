"""Runs out of the stores that keep them, explained as one trace."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from reev_flow.errors import AmbiguousId, PartSwitchedOff, SessionNotFound
from reev_flow.flows.tracing.tracer import FlowTracer
from reev_flow.runtime.processor import OtelProcessor
from reev_flow.runtime.run_finding import MOST_SEARCHED
from reev_flow.runtime.run_reading import read_run
from reev_flow.runtime.span_chunks import chunks_of
from reev_flow.sessions.store import SessionStore
from reev_flow.stores.urls import open_session_store, open_trace_store
from reev_flow.trace.run import step_span_id
from reev_flow.trace.store import TraceStore
from support.journals import Story, asked_and_answered, killed_and_resumed
from support.otel import Recorded
from support.session_stores import change
from support.sessions import new_session

FOREIGN = "8" * 32


@pytest.fixture
def sessions() -> Iterator[SessionStore]:
    store = open_session_store("memory:")
    killed_and_resumed().keep_in(store)
    yield store
    store.close()


@pytest.fixture
def traces() -> Iterator[TraceStore]:
    store = open_trace_store("memory:")
    yield store
    store.close()


def add_tool_call(traces: TraceStore, trace_id: str = "7" * 32) -> None:
    """What an instrumented library tells from inside of the second attempt."""
    recorded = Recorded()
    tracer = FlowTracer(provider=recorded.provider)
    with tracer.inside(trace_id, step_span_id("s-1", "submit_swap#1", 2)), tracer.operation("llm", "gpt") as call:
        call.usage(input_tokens=5, output_tokens=1)
    traces.add(chunks_of(recorded.readable)[0]).result()


def run_of(session_id: str, *, flow: str = "swap_then_lend", trace_id: str = "7" * 32, second: int = 0) -> Story:
    story = Story(session_id, flow=flow, trace_id=trace_id, second=second).run(second)
    story.do("get_quote#1", second, second + 1)
    return story.end(second + 1)


async def test_the_latest_run_of_a_flow_is_explained(sessions: SessionStore):
    run_of("s-2", second=60, trace_id="6" * 32).keep_in(sessions)
    insights = await OtelProcessor(sessions).process_execution_trace("swap_then_lend")
    assert insights.trace.trace_id == "6" * 32


async def test_a_run_is_explained_with_all_its_time(sessions: SessionStore):
    insights = await OtelProcessor(sessions).process_execution_trace("s-1")
    assert insights.metrics.total_duration_ms == 30_000
    assert sum(segment.duration_ns for segment in insights.spans.path) == insights.trace.duration_ns
    assert insights.findings == ()


async def test_a_run_is_drawn(sessions: SessionStore):
    diagram = await OtelProcessor(sessions).generate_mermaid("s-1")
    assert "tool submit_swap\ninterrupted" in diagram
    assert 'n3["down\n' in diagram


async def test_what_others_said_is_part_of_the_run(sessions: SessionStore, traces: TraceStore):
    add_tool_call(traces)
    insights = await OtelProcessor(sessions, traces).process_execution_trace("s-1")
    assert [(call.model, call.usage.total if call.usage else 0) for call in insights.model_calls] == [("gpt", 6)]
    trace = insights.trace
    parent = trace.spans[trace.parents[insights.model_calls[0].positions[0]]]
    assert (parent.label, parent.attributes["reev.step.attempt"]) == ("submit_swap", 2)


@pytest.mark.parametrize("wanted", ["s-1", "s-", "swap_then_lend", "swap", "7" * 32, "777", "7" * 12])
def test_a_run_is_found_by(wanted: str, sessions: SessionStore):
    assert read_run(sessions, None, wanted).name == "swap_then_lend"


def test_an_old_run_is_found_by_its_trace_however_many_came_later(sessions: SessionStore):
    old = run_of("old", trace_id="ab" * 16)
    old.keep_in(sessions)
    for number in range(MOST_SEARCHED):
        sessions.create(new_session(f"later-{number}", second=100 + number, trace_id=f"{number:032x}")).result()
    for wanted in ("ab" * 16, "AB" * 16, "ab" * 5, "ab"):
        assert read_run(sessions, None, wanted).trace_id == "ab" * 16


def test_the_beginning_of_the_traces_of_several_sessions_is_refused(sessions: SessionStore):
    for name, trace_id in {"a": "ab" * 15 + "01", "b": "ab" * 15 + "02"}.items():
        run_of(name, trace_id=trace_id, second=60).keep_in(sessions)
    with pytest.raises(AmbiguousId, match="ab01"):
        read_run(sessions, None, "ab" * 6)


def test_an_exact_id_goes_before_the_name_of_a_flow(sessions: SessionStore):
    run_of("swap_then_lend", flow="other", trace_id="6" * 32).keep_in(sessions)
    assert read_run(sessions, None, "swap_then_lend").name == "other"


def test_a_name_that_is_a_flow_and_the_beginning_of_ids_is_the_flow(sessions: SessionStore):
    run_of("swap_then_lend-1", flow="other", trace_id="6" * 32).keep_in(sessions)
    assert read_run(sessions, None, "swap_then_lend").trace_id == "7" * 32


def test_the_beginning_of_a_flow_is_the_flow_also_when_all_its_ids_begin_so(sessions: SessionStore):
    for number in range(3):
        run_of(f"swap_then_lend-{number}", trace_id=f"{number + 1:032x}", second=60 + number).keep_in(sessions)
    assert read_run(sessions, None, "swap_th").trace_id == f"{3:032x}"


def test_the_beginning_of_one_session_id_is_that_session(sessions: SessionStore):
    run_of("swap_then_lend-a1", trace_id="6" * 32, second=60).keep_in(sessions)
    run_of("swap_then_lend-b1", trace_id="5" * 32, second=70).keep_in(sessions)
    assert read_run(sessions, None, "swap_then_lend-a").trace_id == "6" * 32


@pytest.mark.parametrize(
    ("wanted", "candidates"), [("s-", "s-2, s-1"), ("sw", "swap_back, swap_then_lend")], ids=["sessions", "flows"]
)
def test_a_beginning_that_several_have_is_refused(wanted: str, candidates: str, sessions: SessionStore):
    run_of("s-2", flow="swap_back", second=60).keep_in(sessions)
    with pytest.raises(AmbiguousId, match=f"is the beginning of several ids \\({candidates}"):
        read_run(sessions, None, wanted)


def test_an_unknown_id_names_the_store_that_was_searched(sessions: SessionStore):
    with pytest.raises(SessionNotFound, match="no session 'nobody' in memory:;"):
        read_run(sessions, None, "nobody")


def test_an_unknown_id_names_both_stores_that_were_searched(sessions: SessionStore, traces: TraceStore):
    with pytest.raises(SessionNotFound, match="no session 'nobody' in memory: and memory:;"):
        read_run(sessions, traces, "nobody")


def test_nothing_is_no_id(sessions: SessionStore, traces: TraceStore):
    with pytest.raises(SessionNotFound):
        read_run(sessions, traces, "")


def test_a_trace_without_a_session_is_a_run_too(sessions: SessionStore, traces: TraceStore):
    add_tool_call(traces, FOREIGN)
    assert [span.label for span in read_run(sessions, traces, "88").spans] == ["gpt"]


def services(sessions: SessionStore, traces: TraceStore, wanted: str = "s-1") -> set[str]:
    return {span.source.service for span in read_run(sessions, traces, wanted).spans} - {""}


def test_the_service_of_a_run_is_its_flow_when_nobody_named_one(sessions: SessionStore, traces: TraceStore):
    add_tool_call(traces)
    assert services(sessions, traces) == {"swap_then_lend"}


def test_the_service_of_a_run_is_the_one_that_was_named(sessions: SessionStore, traces: TraceStore, monkeypatch):
    monkeypatch.setenv("OTEL_SERVICE_NAME", "shop")
    add_tool_call(traces)
    assert services(sessions, traces) == {"shop"}


def test_what_a_program_without_a_session_says_of_its_service_stays(sessions: SessionStore, traces: TraceStore):
    add_tool_call(traces, FOREIGN)
    (service,) = services(sessions, traces, FOREIGN)
    assert service.startswith("unknown_service")


def test_the_beginning_of_several_traces_is_refused(sessions: SessionStore, traces: TraceStore):
    add_tool_call(traces, FOREIGN)
    add_tool_call(traces, "89" * 16)
    with pytest.raises(AmbiguousId, match="'8' is the beginning of several ids"):
        read_run(sessions, traces, "8")


def test_what_is_told_twice_counts_once(sessions: SessionStore, traces: TraceStore):
    recorded = Recorded()
    tracer = FlowTracer(provider=recorded.provider)
    alone = read_run(sessions, traces, "s-1")
    for span in alone.spans:
        tracer.mirror(span)
    traces.add(chunks_of(recorded.readable)[0]).result()  # it came back from a server
    merged = read_run(sessions, traces, "s-1")
    assert [replace(span, source=alone.spans[0].source) for span in merged.spans] == list(alone.spans)
    assert merged.problems == ()


def kept_in(folder: Path) -> Path:
    sessions = open_session_store(folder)
    killed_and_resumed().keep_in(sessions)
    sessions.close()
    traces = open_trace_store(folder)
    add_tool_call(traces)
    traces.close()
    return folder


async def test_a_folder_holds_both(tmp_path: Path):
    insights = await OtelProcessor(kept_in(tmp_path)).process_execution_trace("s-1")
    assert len(insights.model_calls) == 1


async def test_a_folder_may_hold_sessions_alone(tmp_path: Path):
    store = open_session_store(tmp_path)
    asked_and_answered().keep_in(store)
    store.close()
    assert (await OtelProcessor(tmp_path).process_execution_trace("buy")).trace.name == "buy"
    assert not (tmp_path / "traces.db").exists()


async def test_a_folder_that_holds_nothing_is_left_so(tmp_path: Path):
    with pytest.raises(SessionNotFound, match=f"no session 's-1' in {tmp_path}/sessions.db"):
        await OtelProcessor(tmp_path).process_execution_trace("s-1")
    assert not (tmp_path / "sessions.db").exists()


async def test_a_store_of_traces_may_be_elsewhere(tmp_path: Path, traces: TraceStore):
    add_tool_call(traces, FOREIGN)
    assert (await OtelProcessor(kept_in(tmp_path), traces).process_execution_trace("88")).trace.trace_id == FOREIGN


def test_damaged_spans_are_told_and_the_rest_is_there(tmp_path: Path):
    kept_in(tmp_path)
    change(tmp_path / "traces.db", "UPDATE chunks SET data = x'00'")
    sessions, traces = open_session_store(tmp_path), open_trace_store(tmp_path)
    told: list[str] = []
    trace = read_run(sessions, traces, "s-1", on_loss=told.append)
    assert (len(trace), told) == (
        6,
        [f"trace {'7' * 32}: 1 of its chunks in {tmp_path}/traces.db are damaged; their spans are missing"],
    )
    sessions.close()
    traces.close()


async def test_no_diagram_is_drawn_that_the_settings_switch_off(
    sessions: SessionStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("REEV_MERMAID_GENERATION", "false")
    with pytest.raises(PartSwitchedOff):
        await OtelProcessor(sessions).generate_mermaid("s-1")


async def test_insights_may_take_as_long_as_the_settings_say(sessions: SessionStore, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("REEV_TRACE_PROCESSING_TIMEOUT_MS", "1234")
    insights = await OtelProcessor(sessions).process_execution_trace("s-1")
    assert insights._budget.milliseconds == 1_234
