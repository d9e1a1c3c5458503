"""Words of protocols and of durable execution, which tell little but what kind of work a span is."""

import pytest

from reev_flow.analysis.calls.tool_calls import ToolCallExtractor
from reev_flow.collect.assemble import assemble
from reev_flow.trace.span import Operation, ToolUse
from support.reading import read_paths
from support.samples import RECORDED
from support.spans import understood

BEEAI = "@arizeai/openinference-instrumentation-beeai"


@pytest.mark.parametrize("name", ["tools/call search", "MCP send tools/call search"])
def test_a_tool_call_of_mcp_is_named_by_its_span(name: str):
    span = understood({"mcp.method.name": "tools/call"}, name=name)

    assert (span.operation, span.tool) == (Operation.TOOL, ToolUse(name="search"))


@pytest.mark.parametrize("method", ["initialize", "tools/list", "ping", "server/discover"])
def test_what_else_mcp_says_is_plumbing(method: str):
    assert understood({"mcp.method.name": method}, name=method).operation is Operation.OTHER


def test_a_call_that_client_transport_and_server_saw_is_one_call():
    traces = assemble(read_paths(RECORDED / "mcp_fastmcp.otlp.jsonl").spans)
    calls = [call for trace in traces for call in ToolCallExtractor().extract_from_trace(trace)]

    assert [(call.name, call.failed) for call in calls] == [("search_flights", False), ("convert_currency", True)]


def test_methods_of_the_a2a_sdk_are_plumbing_whatever_they_tell():
    span = understood({"gen_ai.tool.name": "x"}, name="a2a.server.events.Queue.enqueue", scope="a2a-python-sdk")

    assert span.operation is Operation.OTHER


@pytest.mark.parametrize("attribute", ["dbos.operation.type", "operationType"])
@pytest.mark.parametrize(("word", "operation"), [("workflow", Operation.FLOW), ("step", Operation.STEP)])
def test_a_span_of_dbos(attribute: str, word: str, operation: Operation):
    span = understood({attribute: word}, name="plan_trip")

    assert (span.operation, span.label) == (operation, "plan_trip")


@pytest.mark.parametrize(
    ("name", "operation", "label"),
    [
        ("RunWorkflow:PlanTrip", Operation.FLOW, "PlanTrip"),
        ("RunActivity:search", Operation.STEP, "RunActivity:search"),
        ("StartWorkflow:PlanTrip", Operation.OTHER, "StartWorkflow:PlanTrip"),
        ("StartActivity:search", Operation.OTHER, "StartActivity:search"),
    ],
)
def test_a_span_of_temporal(name: str, operation: Operation, label: str):
    span = understood({"temporalWorkflowID": "w"}, name=name)

    assert (span.operation, span.label) == (operation, label)


@pytest.mark.parametrize(
    ("name", "operation"),
    [
        ("tool.dynamic.getWeather.start-1", Operation.OTHER),
        ("tool.dynamic.getWeather.success-1", Operation.TOOL),
        ("tool.dynamic.getWeather.error-1", Operation.TOOL),
        ("tool.dynamic.getWeather.finish-1", Operation.OTHER),
    ],
)
def test_of_the_spans_of_one_call_in_beeai_one_is_the_call(name: str, operation: Operation):
    span = understood({"openinference.span.kind": "TOOL"}, name=name, scope=BEEAI)

    assert span.operation is operation
    assert span.tool == (ToolUse(name="getWeather") if operation is Operation.TOOL else None)


def test_others_may_name_their_tools_so():
    assert understood({"openinference.span.kind": "TOOL"}, name="a.start-1").operation is Operation.TOOL


def test_an_agent_of_smolagents_is_named_by_its_span():
    span = understood(
        {"openinference.span.kind": "AGENT"}, name="planner.run", scope="openinference.instrumentation.smolagents"
    )

    assert span.agent == "planner"
