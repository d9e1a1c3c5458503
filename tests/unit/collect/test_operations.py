from typing import Any

import pytest

from reev_flow.trace.span import Operation
from support.spans import understood

CALL = {"gen_ai.request.model": "gpt", "gen_ai.usage.input_tokens": 7}


def operation(attributes: dict[str, Any] | None = None, **fields: Any):
    return understood(attributes, **fields).operation


def test_a_span_that_says_nothing_is_other():
    assert operation() is Operation.OTHER


def test_reevs_own_word_goes_before_all_others():
    said = {"gen_ai.operation.name": "chat", "openinference.span.kind": "TOOL", "reev.operation": "step"}

    assert operation(said) is Operation.STEP


def test_openinference_goes_before_gen_ai():
    assert operation({"gen_ai.operation.name": "chat", "openinference.span.kind": "CHAIN"}) is Operation.STEP


def test_a_kind_that_means_nothing_leaves_it_to_the_next():
    said = {"openinference.span.kind": "UNKNOWN", "gen_ai.operation.name": "execute_tool"}

    assert operation(said) is Operation.TOOL


@pytest.mark.parametrize("wrong", ["", "  ", 7, None, ["LLM"], "BANANA"])
def test_a_kind_that_cannot_be_read_is_absent(wrong: Any):
    assert operation({"openinference.span.kind": wrong}) is Operation.OTHER


def test_what_a_span_says_goes_before_its_name():
    assert operation({"gen_ai.operation.name": "chat"}, name="execute_tool search") is Operation.LLM


def test_a_name_goes_before_what_could_be_inferred():
    assert operation(CALL, name="invoke_agent planner") is Operation.AGENT


def test_a_model_and_its_tokens_are_a_model_call():
    assert operation(CALL) is Operation.LLM


def test_a_tool_name_is_a_tool_call():
    assert operation({"gen_ai.tool.name": "search"}) is Operation.TOOL


@pytest.mark.parametrize(
    "alone",
    [
        {"gen_ai.request.model": "gpt"},
        {"gen_ai.conversation.id": "c"},
        {"gen_ai.agent.name": "a"},
        {"gen_ai.usage.input_tokens": 7},
    ],
)
def test_one_attribute_alone_proves_nothing(alone: dict[str, Any]):
    assert operation(alone) is Operation.OTHER


@pytest.mark.parametrize("mark", ["http.request.method", "http.method", "db.system", "rpc.system", "asgi.event.type"])
def test_infrastructure_stays_infrastructure_whatever_was_passed_on_to_it(mark: str):
    passed_on = {**CALL, "gen_ai.tool.name": "search", "gen_ai.agent.name": "planner", "gen_ai.conversation.id": "c"}

    assert operation({mark: "x", **passed_on}) is Operation.OTHER


def test_infrastructure_that_says_what_it_is_is_believed():
    assert operation({"rpc.system": "aws-api", "gen_ai.operation.name": "chat"}) is Operation.LLM


@pytest.mark.parametrize(
    ("name", "scope", "read"),
    [
        ("execute_tool search", "", Operation.TOOL),
        ("invoke_agent planner", "", Operation.AGENT),
        ("invoke_workflow trip", "", Operation.FLOW),
        ("running tool", "pydantic-ai", Operation.TOOL),
        ("running tool: search", "pydantic-ai", Operation.TOOL),
        ("running 3 tools", "pydantic-ai", Operation.STEP),
        ("running tools", "pydantic-ai", Operation.STEP),
        ("agent run", "pydantic-ai", Operation.AGENT),
        ("planner run", "pydantic-ai", Operation.AGENT),
        ("invocation", "gcp.vertex.agent", Operation.FLOW),
        ("call_llm", "gcp.vertex.agent", Operation.LLM),
        ("agent_run [planner]", "openinference.instrumentation.google_adk", Operation.AGENT),
        ("planner run", "somebody", Operation.OTHER),
        ("invocation", "somebody", Operation.OTHER),
        ("execute_toolbox", "", Operation.OTHER),
        ("", "pydantic-ai", Operation.OTHER),
    ],
)
def test_a_name_is_read_where_its_form_is_known(name: str, scope: str, read: Operation):
    assert operation(name=name, scope=scope) is read


@pytest.mark.parametrize("name", ["RunActivity:", "execute_tool ", "tools/call  "])
def test_a_form_without_the_name_that_belongs_into_it_says_nothing(name: str):
    assert operation(name=name) is Operation.OTHER
