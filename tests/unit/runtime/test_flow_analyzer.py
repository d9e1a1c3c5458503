"""Runs analyzed wherever they are: in hand, or in a store by their session or their id."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from reev_flow.errors import SessionNotFound
from reev_flow.pipeline import TraceProcessor
from reev_flow.runtime.analyzer import FlowAnalyzer
from reev_flow.sessions.store import SessionStore
from reev_flow.stores.urls import open_session_store
from support.draw import draw
from support.journals import killed_and_resumed

REPEATED = """
    agent:planner                       ################
      llm:gpt                           ##                asks=search
      tool:search(q=one) -> found it      ####
      llm:gpt                                 ##          asks=search
      tool:search(q=one) -> found it            ####
      llm:gpt                                       ####  answer=done
"""


@pytest.fixture
def sessions() -> Iterator[SessionStore]:
    store = open_session_store("memory:")
    killed_and_resumed().keep_in(store)
    yield store
    store.close()


async def test_a_trace_in_hand_needs_no_store():
    analysis = await FlowAnalyzer().analyze_flow(draw(REPEATED))
    assert [one.codes for one in analysis.recommendations] == [("RF101",)]


async def test_a_part_that_the_settings_switch_off_is_left_out(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("REEV_PERFORMANCE_ANALYSIS", "false")
    assert (await FlowAnalyzer().analyze_flow(draw(REPEATED))).performance is None


async def test_a_processor_of_ones_own_goes_before_the_settings(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("REEV_PERFORMANCE_ANALYSIS", "false")
    analyzer = FlowAnalyzer(processor=TraceProcessor())
    assert (await analyzer.analyze_flow(draw(REPEATED))).performance is not None


async def test_an_analysis_has_patterns_too():
    analysis = await FlowAnalyzer().analyze_flow(draw(REPEATED))
    assert [str(one.kind) for one in analysis.patterns] == ["repetition"]


async def test_a_session_is_analyzed(sessions: SessionStore):
    data = sessions.load("s-1").result()
    analysis = await FlowAnalyzer(sessions).analyze_flow(data)
    assert analysis.performance is not None
    assert analysis.performance.duration_ns == 30_000_000_000


async def test_what_nobody_worked_on_is_told_as_down(sessions: SessionStore):
    analysis = await FlowAnalyzer(sessions).analyze_flow("s-1")
    assert analysis.performance is not None
    assert analysis.performance.down_ns > 0


async def test_the_name_of_a_flow_is_enough(sessions: SessionStore):
    analysis = await FlowAnalyzer(sessions).analyze_flow("swap_then_lend")
    assert analysis.confidence_score == 1


async def test_an_unknown_run_is_an_error(sessions: SessionStore):
    with pytest.raises(SessionNotFound):
        await FlowAnalyzer(sessions).analyze_flow("nobody")


async def test_without_a_store_the_one_of_the_settings_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REEV_SESSION_STORE_PATH", str(tmp_path / "kept"))
    with_run = open_session_store(str(tmp_path / "kept"))
    killed_and_resumed().keep_in(with_run)
    with_run.close()
    analysis = await FlowAnalyzer().analyze_flow("s-1")
    assert analysis.performance is not None


async def test_a_processor_says_which_findings_are_looked_for():
    analyzer = FlowAnalyzer(processor=TraceProcessor(ignore=["RF101"]))
    assert (await analyzer.analyze_flow(draw(REPEATED))).recommendations == ()


@pytest.mark.parametrize("nothing", [None, 5, [], ()])
async def test_what_is_no_run_is_refused_with_what_is_wanted(nothing: object):
    with pytest.raises(TypeError, match="is no run; give a Trace, a SessionData, an id or the name of a flow"):
        await FlowAnalyzer().analyze_flow(nothing)  # type: ignore[arg-type] # refusing it is the test


async def test_what_there_was_no_time_for_makes_a_partial_analysis():
    analyzer = FlowAnalyzer(processor=TraceProcessor(timeout_ms=0))
    assert (await analyzer.analyze_flow(draw(REPEATED))).is_partial
