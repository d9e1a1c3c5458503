"""Everything known about one run, each part computed when it is first read."""

from collections.abc import Iterator

import pytest

from reev_flow.analysis.findings import Observation, Rule, Severity
from reev_flow.analysis.insights import FlowInsights, Parts
from reev_flow.analysis.rulebook import RULES
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.analysis.spans import SpanAnalysis
from reev_flow.errors import (
    MermaidGenerationFailed,
    MetricsExtractionError,
    PartSwitchedOff,
    ProcessingFailed,
    TraceError,
)
from reev_flow.trace.trace import Trace
from support.draw import MS, draw

RUN = """
    agent:planner                ################
      llm:gpt                    ###                 in=100 out=20 asks=search
      tool:search(x=1) -> cold      ####
      llm:gpt                           ####         in=200 out=30 answer="it is cold"
"""


def insights_of(picture: str, **options: object) -> FlowInsights:
    return FlowInsights(draw(picture), **{"draw": lambda *_: "flowchart TD", **options})  # type: ignore[arg-type] # passed on


def explode(*_: object) -> str:
    raise ZeroDivisionError


def explode_rule(_: RunFacts) -> Iterator[Observation]:
    raise ZeroDivisionError


EXPLODING = Rule(code="RF999", name="exploding", severity=Severity.NOTE, look=explode_rule)


def test_a_run_is_told_in_all_its_parts():
    insights = insights_of(RUN)
    assert insights.metrics.usage.total == 350
    assert [call.name for call in insights.tool_calls] == ["search"]
    assert [call.name for call in insights.asked_calls] == ["search"]
    assert insights.call_analysis.total_calls == 1
    assert [call.model for call in insights.model_calls] == ["gpt", "gpt"]
    assert sum(piece.duration_ns for piece in insights.spans.path) == 16 * MS
    assert insights.findings == ()
    assert insights.diagram == "flowchart TD"


def test_a_part_that_is_not_read_is_not_computed():
    insights = insights_of(RUN, draw=explode, rules=(EXPLODING,))
    assert insights.metrics.tool_calls == 1


def test_a_part_is_computed_once():
    numbers = iter(["first", "second"])
    insights = insights_of(RUN, draw=lambda *_: next(numbers))
    assert (insights.diagram, insights.diagram) == ("first", "first")


def test_a_diagram_that_cannot_be_drawn_says_so_with_its_cause():
    with pytest.raises(MermaidGenerationFailed, match="no diagram; drawing it failed") as caught:
        _ = insights_of(RUN, draw=explode).diagram
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_diagram_that_would_be_too_big_keeps_its_own_words():
    def refuse(trace: Trace, _: SpanAnalysis) -> str:
        raise MermaidGenerationFailed(trace.trace_id, "needs 600 edges, 500 are allowed")

    with pytest.raises(MermaidGenerationFailed, match="needs 600 edges"):
        _ = insights_of(RUN, draw=refuse).diagram


def test_findings_that_cannot_be_computed_say_so_with_their_cause():
    with pytest.raises(ProcessingFailed, match="findings failed") as caught:
        _ = insights_of(RUN, rules=(EXPLODING,)).findings
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_findings_that_say_themselves_why_they_cannot_be_computed_keep_their_words():
    def refuse(_: RunFacts) -> Iterator[Observation]:
        raise TraceError("no such thing")

    rule = Rule(code="RF999", name="refusing", severity=Severity.NOTE, look=refuse)
    with pytest.raises(TraceError, match="no such thing"):
        _ = insights_of(RUN, rules=(rule,)).findings


def test_metrics_that_cannot_be_computed_say_so_with_their_cause():
    insights = insights_of(RUN)
    insights._facts.__dict__["usage"] = None  # no totals to read
    with pytest.raises(MetricsExtractionError) as caught:
        _ = insights.metrics
    assert caught.value.__cause__ is not None


def test_the_other_parts_stay_readable_beside_one_that_failed():
    insights = insights_of(RUN, draw=explode)
    with pytest.raises(MermaidGenerationFailed):
        _ = insights.diagram
    assert insights.findings == ()


SWITCHES = [
    ("metrics", "metrics"),
    ("tool_calls", "tool_calls"),
    ("tool_calls", "asked_calls"),
    ("tool_calls", "call_analysis"),
    ("performance", "spans"),
    ("diagram", "diagram"),
]


@pytest.mark.parametrize(("switch", "part"), SWITCHES)
def test_a_part_that_is_switched_off_cannot_be_read(switch: str, part: str):
    insights = insights_of(RUN, parts=Parts(**{switch: False}))
    with pytest.raises(PartSwitchedOff, match=switch):
        getattr(insights, part)


@pytest.mark.parametrize(("switch", "part"), SWITCHES)
def test_switching_one_part_off_leaves_the_findings_readable(switch: str, part: str):
    assert insights_of(RUN, parts=Parts(**{switch: False})).findings == ()


def test_without_bottlenecks_the_findings_leave_out_lost_time():
    def see(_: RunFacts) -> Iterator[Observation]:
        yield Observation(message="m", advice="a", evidence=("1",), confidence=1.0)

    rules = [Rule(code=rule.code, name=rule.name, severity=rule.severity, look=see) for rule in RULES]
    found = insights_of(RUN, rules=rules, parts=Parts(bottlenecks=False)).findings
    assert {finding.code[:3] for finding in found} == {"RF2"}
