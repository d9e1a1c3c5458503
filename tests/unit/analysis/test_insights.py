"""Everything known about one run, each part computed when it is first read."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from msgspec.structs import replace

from reev_flow.analysis.findings import Observation, Rule, Severity
from reev_flow.analysis.insights import FlowInsights, Parts
from reev_flow.analysis.rules.rulebook import RULES
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.analysis.spans import SpanAnalysis
from reev_flow.analysis.time_budget import STRIDE, Paced, TimeBudget, paced
from reev_flow.collect.assemble import assemble_one
from reev_flow.errors import (
    MermaidGenerationFailed,
    MetricsError,
    MetricsExtractionError,
    PartSwitchedOff,
    ProcessingFailed,
    ProcessingTimedOut,
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


class Ticking:
    """A clock on which a second goes by whenever somebody looks."""

    def __init__(self) -> None:
        self.seconds = 0

    def now_ns(self) -> int:
        return self.monotonic_ns()

    def monotonic_ns(self) -> int:
        self.seconds += 1
        return self.seconds * 1_000_000_000


def insights_within(seconds: float, picture: str = RUN) -> FlowInsights:
    return insights_of(picture, budget=TimeBudget(seconds * 1_000, clock=Ticking()))


def test_with_enough_time_nothing_is_missing():
    insights = insights_within(10_000)
    assert (insights.metrics.tool_calls, insights.findings, insights.is_partial, insights.missing) == (1, (), False, ())


def test_what_the_time_does_not_suffice_for_says_so():
    insights = insights_within(2)
    with pytest.raises(ProcessingTimedOut, match="not worked out within 2000 ms"):
        _ = insights.metrics
    assert (insights.is_partial, insights.missing) == (True, ("metrics",))


def test_what_was_ready_by_then_can_still_be_read():
    insights = insights_within(60)
    calls = insights.tool_calls
    while not insights.is_partial:
        with suppress(ProcessingTimedOut):
            insights.__dict__.pop("findings", None)
            _ = insights.findings
    assert insights.tool_calls == calls


def test_rules_that_could_not_be_asked_in_time_are_named_and_the_others_findings_stay():
    def see(_: RunFacts) -> Iterator[Observation]:
        yield Observation(message="m", advice="a", evidence=("1",), confidence=1.0)

    rules = [Rule(code=f"RF{number}", name="n", severity=Severity.NOTE, look=see) for number in range(900, 920)]
    insights = insights_of(RUN, rules=rules, budget=TimeBudget(10_000, clock=Ticking()))
    found = [finding.code for finding in insights.findings]
    assert 0 < len(found) < len(rules)
    assert (*found, *insights.missing) == tuple(rule.code for rule in rules)


def test_a_walk_is_given_up_in_its_middle():
    spans = Paced.of(range(10 * STRIDE), TimeBudget(5_000, clock=Ticking()), "t")
    seen: list[int] = []
    with pytest.raises(ProcessingTimedOut):
        seen.extend(spans)
    assert 0 < len(seen) < 10 * STRIDE


def test_a_paced_trace_is_the_same_trace():
    trace = draw(RUN)
    assert paced(trace, TimeBudget(10_000)) == trace


def test_metrics_keep_behind_them_which_numbers_do_not_add_up():
    insights = insights_of(RUN)
    insights._facts.__dict__["usage"] = None  # no totals to read
    with pytest.raises(MetricsExtractionError) as caught:
        _ = insights.metrics
    assert isinstance(caught.value.__cause__, MetricsError)


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
    assert {finding.code for finding in found} == {rule.code for rule in RULES if not rule.code.startswith("RF1")}


REPEATED = """
    agent:planner                       ################
      llm:gpt                           ##                asks=search
      tool:search(q=one) -> found it      ####
      llm:gpt                                 ##          asks=search
      tool:search(q=one) -> found it            ####
      llm:gpt                                       ####  answer=done
"""


def test_an_analysis_puts_together_what_can_be_read_by_itself():
    insights = insights_of(REPEATED)
    analysis = insights.analysis
    assert (analysis.patterns, analysis.performance, analysis.recommendations) == (
        insights.patterns,
        insights.performance,
        insights.recommendations,
    )


def test_an_analysis_is_as_sure_as_its_findings():
    insights = insights_of(REPEATED)
    assert insights.analysis.confidence_score == pytest.approx(insights.findings[0].confidence)


def test_an_analysis_of_a_broken_trace_is_less_sure():
    run = draw(RUN)
    orphaned = assemble_one([replace(run.spans[1], parent_id="f" * 16), *run.spans[2:], run.spans[0]])
    insights = FlowInsights(orphaned, draw=lambda *_: "flowchart TD")
    assert insights.confidence_score < 1


def test_without_performance_the_rest_of_the_analysis_is_there():
    analysis = insights_of(REPEATED, parts=Parts(performance=False)).analysis
    assert (analysis.performance, len(analysis.recommendations)) == (None, 1)


def test_bottlenecks_that_are_switched_off_are_not_in_the_performance():
    performance = insights_of(REPEATED, parts=Parts(bottlenecks=False)).performance
    assert performance.bottlenecks == ()
    assert performance.sensitivities


def test_without_bottlenecks_nothing_is_recommended_about_lost_time():
    assert insights_of(REPEATED, parts=Parts(bottlenecks=False)).recommendations == ()


def test_recommendations_need_findings():
    insights = insights_of(REPEATED, rules=[EXPLODING])
    with pytest.raises(ProcessingFailed):
        _ = insights.recommendations


def test_an_analysis_has_the_parts_that_were_ready_in_time():
    analysis = insights_within(20, REPEATED).analysis
    assert (analysis.performance, analysis.recommendations) == (insights_of(REPEATED).performance, ())


def test_an_analysis_that_has_everything_is_not_partial():
    analysis = insights_within(10_000, REPEATED).analysis
    assert (analysis.is_partial, analysis.missing) == (False, ())


def test_an_analysis_without_any_time_names_all_its_parts():
    analysis = insights_within(0, REPEATED).analysis
    assert (analysis.is_partial, analysis.missing) == (
        True,
        ("performance", "patterns", "recommendations", "confidence_score"),
    )


def test_an_analysis_names_the_rules_there_was_no_time_to_ask():
    assert insights_within(20, REPEATED).analysis.missing[-1] == RULES[-1].code
