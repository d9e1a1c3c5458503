"""Spans become insights."""

import math
from pathlib import Path

import pytest

from reev_flow.analysis.insights import Parts
from reev_flow.errors import InvalidFormat, MermaidGenerationFailed, PartSwitchedOff, UnknownCode
from reev_flow.pipeline import TraceProcessor, read_traces
from support.draw import draw
from support.made_traces import a_plan_of
from support.samples import RECORDED

A_FAILURE = """
    agent:planner       ########
      tool:search       !!        error="429 too many requests"
      llm:gpt             ####    answer="all is well"
"""


def codes(processor: TraceProcessor) -> list[str]:
    return sorted(finding.code for finding in processor.process_trace(draw(A_FAILURE)).findings)


def test_insights_hold_every_part():
    insights = TraceProcessor().process_trace(draw(A_FAILURE))

    assert insights.metrics.tool_calls == 1
    assert [call.name for call in insights.tool_calls] == ["search"]
    assert sum(segment.duration_ns for segment in insights.spans.path) == insights.trace.duration_ns
    assert insights.diagram.count("tool search") == 1


def test_only_selected_findings_are_looked_for():
    assert codes(TraceProcessor(select=["RF203"])) == ["RF203"]


def test_ignored_findings_are_not_looked_for():
    assert "RF203" not in codes(TraceProcessor(ignore=["RF203"]))


def test_a_code_that_no_rule_has_is_refused_at_once():
    with pytest.raises(UnknownCode):
        TraceProcessor(select=["RF999"])


def test_parts_can_be_switched_off():
    insights = TraceProcessor(parts=Parts(metrics=False)).process_trace(draw(A_FAILURE))

    with pytest.raises(PartSwitchedOff):
        insights.metrics  # noqa: B018 - reading it is the test


def test_limits_of_the_diagram_are_handed_on():
    insights = TraceProcessor(max_edges=0).process_trace(a_plan_of(3))

    with pytest.raises(MermaidGenerationFailed):
        insights.diagram  # noqa: B018 - reading it is the test


def test_traces_are_read_from_files():
    (trace,) = read_traces(RECORDED / "pydantic_ai_clean.otlp.jsonl")

    assert len(trace) == 7


def test_what_cannot_be_read_is_raised(tmp_path: Path):
    with pytest.raises(InvalidFormat):
        read_traces(tmp_path / "missing.jsonl")


def test_what_cannot_be_read_is_told_to_the_one_who_asks(tmp_path: Path):
    problems: list[InvalidFormat] = []

    traces = read_traces(
        tmp_path / "missing.jsonl", RECORDED / "pydantic_ai_clean.otlp.jsonl", on_problem=problems.append
    )

    assert (len(traces), len(problems)) == (1, 1)


@pytest.mark.parametrize("milliseconds", [-5, math.nan, math.inf])
def test_a_limit_that_no_work_can_keep_is_refused(milliseconds: float):
    with pytest.raises(ValueError, match=r"timeout_ms is .*; give milliseconds, 0 or more, or None for no limit"):
        TraceProcessor(timeout_ms=milliseconds)


def test_one_code_in_place_of_a_list_says_what_is_meant():
    with pytest.raises(TypeError, match=r"give a list of codes, as in ignore=\['RF101'\]"):
        TraceProcessor(ignore="RF101")


def test_one_selected_code_in_place_of_a_list_says_what_is_meant():
    with pytest.raises(TypeError, match=r"give a list of codes, as in select=\['RF101'\]"):
        TraceProcessor(select="RF101")
