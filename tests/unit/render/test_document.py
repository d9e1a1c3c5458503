"""The document of a run keeps its own schema, and says what it could not have."""

from decimal import Decimal
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings

from reev_flow.analysis.calls.prices import ModelPrice, Prices
from reev_flow.analysis.findings import Finding, Rule, Severity
from reev_flow.analysis.insights import FlowInsights, Parts
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.collect.assemble import assemble_one
from reev_flow.pipeline import TraceProcessor
from reev_flow.render.document import (
    DOCUMENT_VERSION,
    RunDocument,
    document_bytes,
    document_of,
    schema,
    summary_of,
)
from reev_flow.trace.trace import Trace
from support.draw import START_NS, draw
from support.made_traces import UNHURRIED, a_nest_of, random_traces

A_RUN = """
    agent:planner                  ##########   conversation=c7
      llm:gpt                      ###          in=1200 out=80 asks=search
      other:http                   ##
      tool:search(city=Lisbon)        !!!       error="429 too many requests"
      llm:gpt                            ####   in=1500 out=90 answer="done"
"""
NOTHING = Parts(metrics=False, tool_calls=False, performance=False, bottlenecks=False, diagram=False)


def insights_of(trace: Trace, parts: Parts | None = None) -> FlowInsights:
    return TraceProcessor(parts=parts or Parts()).process_trace(trace)


def document(picture: str = A_RUN, parts: Parts | None = None) -> RunDocument:
    return document_of(insights_of(draw(picture), parts))


def as_json(told: RunDocument) -> Any:
    return msgspec.json.decode(document_bytes(told))


@pytest.mark.parametrize("parts", [Parts(), NOTHING], ids=["everything", "nothing"])
def test_a_document_follows_the_schema(parts: Parts):
    jsonschema.validate(as_json(document(parts=parts)), schema())


@settings(UNHURRIED, max_examples=40)
@given(trace=random_traces())
def test_the_document_of_any_trace_follows_the_schema(trace: Trace):
    jsonschema.validate(as_json(document_of(insights_of(trace))), schema())


def test_costs_are_exact_decimals_when_there_are_prices():
    prices = Prices([ModelPrice(model="gpt", input=Decimal("2.1"), output=Decimal(10))])
    told = as_json(document_of(TraceProcessor(prices=prices).process_trace(draw(A_RUN))))["metrics"]
    assert (told["cost"], told["models"][0]["cost"]) == ("0.00737", "0.00737")


def test_costs_are_null_without_prices():
    told = as_json(document())["metrics"]
    assert (told["cost"], told["models"][0]["cost"]) == (None, None)


def test_the_version_is_told():
    assert document().version == DOCUMENT_VERSION


def test_absolute_times_are_text_and_others_count_from_the_start():
    told = document()

    assert (told.run.start_ns, told.run.end_ns) == (str(START_NS), str(START_NS + 10_000_000))
    assert [span.start_ns for span in told.spans] == [0, 0, 0, 3_000_000, 6_000_000]


def test_every_span_is_there_with_its_parent():
    assert [(span.label, span.parent) for span in document().spans] == [
        ("planner", None),
        ("http", 0),
        ("gpt", 0),
        ("search", 0),
        ("gpt", 0),
    ]


def test_operations_are_a_tree_without_infrastructure():
    told = document()

    assert [(told.spans[node.span].label, node.parent, node.children) for node in told.operations] == [
        ("planner", None, [1, 2, 3]),
        ("gpt", 0, []),
        ("search", 0, []),
        ("gpt", 0, []),
    ]


def test_infrastructure_alone_has_no_operations():
    told = document("other:http  ####")

    assert (told.operations, told.run.operation_count, told.run.span_count) == ([], 0, 1)


def test_segments_of_the_critical_path_sum_to_the_run():
    told = document()

    assert told.critical_path is not None
    assert sum(segment.duration_ns for segment in told.critical_path) == told.run.duration_ns


def test_the_path_of_the_flow_leaves_infrastructure_out():
    told = document()

    assert told.flow_path is not None
    assert [told.spans[segment.span].label for segment in told.flow_path if segment.span is not None] == [
        "gpt",
        "search",
        "gpt",
    ]


def test_time_between_roots_belongs_to_no_span():
    told = document("""
        llm:a   ##
        llm:b       ##
    """)

    assert told.critical_path is not None
    assert [segment.span for segment in told.critical_path] == [0, None, 1]


def test_a_container_tells_the_tokens_below_it():
    usage = document().spans[0].usage

    assert usage is not None
    assert (usage.input, usage.output) == (2_700, 170)


def test_a_tool_call_tells_its_arguments_and_its_error():
    calls = document().tool_calls

    assert calls is not None
    assert [(call.name, call.arguments, call.failed, call.error) for call in calls] == [
        ("search", {"city": "Lisbon"}, True, "429 too many requests")
    ]


def test_an_asked_call_tells_who_executed_it():
    asked = document().asked_calls

    assert asked is not None
    assert [(call.name, call.executed_by) for call in asked] == [("search", f"{4:016x}")]


def test_long_arguments_are_cut_and_marked():
    calls = document(f"tool:save(text={'x' * 9_000})  ##").tool_calls

    assert calls is not None
    assert calls[0].arguments_are_cut
    assert len(calls[0].arguments) < 5_000


def test_findings_carry_their_proof():
    found = document().findings

    assert found is not None
    assert all(finding.evidence for finding in found)
    assert "RF203" in [finding.code for finding in found]


def test_parts_that_are_switched_off_are_null_and_said_to_be():
    told = document(parts=NOTHING)

    assert (told.metrics, told.tool_calls, told.asked_calls, told.critical_path, told.concurrency) == (None,) * 5
    assert {told.unavailable[name] for name in ("metrics", "tool_calls", "asked_calls", "critical_path")} == {
        "switched off"
    }


def test_a_part_there_was_no_time_for_is_named_once():
    insights = TraceProcessor(timeout_ms=1e-6).process_trace(draw(A_RUN))

    told = document_of(insights)

    assert {"metrics", "spans", "tool_calls", "asked_calls", "findings"} <= set(told.missing)
    assert len({name.replace("_", " ") for name in told.missing}) == len(told.missing)


def test_all_that_is_named_as_missing_is_a_field():
    insights = TraceProcessor(timeout_ms=0).process_trace(draw(A_RUN))
    assert set(document_of(insights).missing) <= set(RunDocument.__struct_fields__)


def test_spans_are_there_even_without_their_analysis():
    spans = document(parts=NOTHING).spans

    assert {(span.self_ns, span.critical_ns) for span in spans} == {(None, None)}


def test_a_part_that_fails_leaves_the_others():
    def fail(facts: RunFacts) -> list[Finding]:
        raise ZeroDivisionError

    rule = Rule(code="RF999", name="broken", severity=Severity.NOTE, look=fail)  # type: ignore[arg-type]
    insights = FlowInsights(draw(A_RUN), draw=lambda *_: "", rules=[rule])

    told = document_of(insights)

    assert told.findings is None
    assert "findings failed" in told.unavailable["findings"]
    assert told.metrics is not None


@pytest.mark.parametrize(
    ("picture", "status"),
    [("agent:a  ##", "ok"), ("agent:a  !!", "failed"), ("other:http  !!", "failed")],
)
def test_the_outermost_decides_how_a_run_ended(picture: str, status: str):
    assert document(picture).run.status == status


def test_a_failure_further_in_does_not_fail_the_run():
    assert document().run.status == "ok"


def test_the_same_run_gives_the_same_bytes():
    assert document_bytes(document()) == document_bytes(document())


def test_a_deep_trace_makes_a_flat_document():
    told = as_json(document_of(insights_of(a_nest_of(3_000))))

    assert len(told["operations"]) == 6_000


def test_problems_of_the_trace_are_told():
    trace = draw("llm:a  ##")
    orphan = msgspec.structs.replace(trace.spans[0], parent_id="ff" * 8)

    told = document_of(insights_of(assemble_one([orphan])))
    assert [problem.flag for problem in told.problems] == ["orphan"]


def test_a_summary_tells_the_totals():
    told = summary_of(insights_of(draw(A_RUN)))

    assert (told.tool_calls, told.failed_tool_calls, told.model_calls) == (1, 1, 2)
    assert told.run == document().run


def test_a_summary_without_metrics_has_no_totals():
    assert summary_of(insights_of(draw(A_RUN), NOTHING)).usage is None
