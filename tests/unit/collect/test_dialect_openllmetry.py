import pytest

from reev_flow.trace.span import ModelUse, Operation, TokenUsage, ToolRequest, ToolUse
from support.spans import model_of, understood

KIND = "traceloop.span.kind"


@pytest.mark.parametrize(
    ("kind", "operation"),
    [
        ("workflow", Operation.FLOW),
        ("task", Operation.STEP),
        ("agent", Operation.AGENT),
        ("tool", Operation.TOOL),
        ("unknown", Operation.OTHER),
    ],
)
def test_a_kind_is_named(kind: str, operation: Operation):
    assert understood({KIND: kind}).operation is operation


@pytest.mark.parametrize(
    ("kind", "operation"),
    [
        ("chat", Operation.LLM),
        ("completion", Operation.LLM),
        ("embedding", Operation.EMBEDDING),
        ("rerank", Operation.RETRIEVAL),
    ],
)
def test_a_request_is_of_a_type(kind: str, operation: Operation):
    assert understood({"llm.request.type": kind}).operation is operation


def test_a_model_call():
    span = understood(
        {
            "llm.request.type": "chat",
            "gen_ai.system": "OpenAI",
            "gen_ai.response.model": "gpt-4-0613",
            "gen_ai.usage.prompt_tokens": 97,
            "gen_ai.usage.completion_tokens": 52,
            "llm.usage.total_tokens": 149,
            "gen_ai.usage.cache_read_input_tokens": 40,
            "gen_ai.usage.cache_creation_input_tokens": 10,
            "gen_ai.usage.reasoning_tokens": 30,
            "gen_ai.prompt.0.role": "user",
            "gen_ai.prompt.0.content": "Hi?",
            "gen_ai.completion.0.role": "assistant",
            "gen_ai.completion.0.content": "Let me look.",
            "gen_ai.completion.0.finish_reason": "tool_calls",
            "gen_ai.completion.0.tool_calls.0.id": "c1",
            "gen_ai.completion.0.tool_calls.0.name": "search",
            "gen_ai.completion.0.tool_calls.0.arguments": '{"q": "x"}',
            "traceloop.association.properties.session_id": "talk",
        }
    )

    assert span.model == ModelUse(
        name="gpt-4-0613",
        provider="openai",
        answer="Let me look.",
        asked=(ToolRequest(name="search", call_id="c1", arguments={"q": "x"}),),
        finish_reasons=("tool_calls",),
        tells_cache=True,
    )
    assert span.usage == TokenUsage(input=97, output=52, cache_read=40, cache_write=10, reasoning=30)
    assert span.conversation_id == "talk"


def test_the_oldest_names_of_tokens():
    stated = {"llm.usage.prompt_tokens": 97, "llm.usage.completion_tokens": 52}

    assert understood({"llm.request.type": "chat", **stated}).usage == TokenUsage(input=97, output=52)


def test_the_entity_is_the_tool_or_the_agent():
    assert understood({KIND: "tool", "traceloop.entity.name": "search"}).tool == ToolUse(name="search")
    assert understood({KIND: "agent", "traceloop.entity.name": "planner"}).agent == "planner"
    assert understood({KIND: "task", "traceloop.entity.name": "parse"}).agent is None


def test_a_tool_call_of_langchain():
    span = understood(
        {
            KIND: "tool",
            "traceloop.entity.name": "weather",
            "traceloop.entity.input": '{"input_str": "…", "tags": [], "metadata": {"step": 2}, "inputs": {"city": "Rome"}}',
            "traceloop.entity.output": '{"output": {"lc": 1, "kwargs": {"content": "sunny", "tool_call_id": "c1"}}, "kwargs": {}}',
        }
    )

    assert span.tool == ToolUse(name="weather", call_id="c1")
    assert (span.input, span.output) == ({"city": "Rome"}, "sunny")


def test_the_conventions_messages_go_before_the_older_flattened_ones():
    span = understood(
        {
            "llm.request.type": "chat",
            "gen_ai.completion.0.content": "older",
            "gen_ai.output.messages": '[{"content": "newer"}]',
        }
    )

    assert model_of(span).answer == "newer"
