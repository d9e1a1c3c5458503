import pytest

from reev_flow.trace.span import ModelUse, Operation, TokenUsage, ToolRequest, ToolUse
from support.spans import event, model_of, understood

MESSAGES = '[{"role": "assistant", "parts": [{"type": "text", "content": "Hi."}], "finish_reason": "stop"}]'
CALL = (
    '[{"role": "assistant", "parts": [{"type": "tool_call", "id": "c1", "name": "search", "arguments": {"q": "x"}}]}]'
)


@pytest.mark.parametrize(
    ("name", "operation"),
    [
        ("chat", Operation.LLM),
        ("generate_content", Operation.LLM),
        ("text_completion", Operation.LLM),
        ("embeddings", Operation.EMBEDDING),
        ("execute_tool", Operation.TOOL),
        ("invoke_agent", Operation.AGENT),
        ("invoke_workflow", Operation.FLOW),
        ("create_agent", Operation.STEP),
        ("plan", Operation.STEP),
        ("retrieval", Operation.RETRIEVAL),
        ("search_memory", Operation.RETRIEVAL),
        ("upsert_memory", Operation.STEP),
    ],
)
def test_an_operation_is_named(name: str, operation: Operation):
    assert understood({"gen_ai.operation.name": name}).operation is operation


def test_a_model_call_by_current_names():
    span = understood(
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4",
            "gen_ai.response.model": "gpt-4-0613",
            "gen_ai.conversation.id": "talk",
            "gen_ai.agent.name": "planner",
            "gen_ai.usage.input_tokens": 97,
            "gen_ai.usage.output_tokens": 52,
            "gen_ai.usage.cache_read.input_tokens": 40,
            "gen_ai.usage.cache_creation.input_tokens": 10,
            "gen_ai.usage.reasoning.output_tokens": 30,
            "gen_ai.response.finish_reasons": ["stop"],
            "gen_ai.input.messages": "[history]",
            "gen_ai.output.messages": MESSAGES,
        }
    )

    assert span.model == ModelUse(
        name="gpt-4-0613", provider="openai", answer="Hi.", finish_reasons=("stop",), tells_cache=True
    )
    assert span.usage == TokenUsage(input=97, output=52, cache_read=40, cache_write=10, reasoning=30)
    assert (span.conversation_id, span.agent, span.tool) == ("talk", "planner", None)
    assert (span.input, span.output) == ("[history]", MESSAGES)


def test_a_model_call_by_older_names():
    span = understood(
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.system": "OpenAI",
            "gen_ai.request.model": "gpt-4",
            "gen_ai.usage.prompt_tokens": "97",
            "gen_ai.usage.completion_tokens": "52",
            "gen_ai.prompt": "[history]",
            "gen_ai.completion": '{"text": "Hi.", "finish_reason": "stop"}',
        }
    )

    assert span.model == ModelUse(name="gpt-4", provider="openai", answer="Hi.", finish_reasons=("stop",))
    assert span.usage == TokenUsage(input=97, output=52)
    assert span.input == "[history]"


def test_old_and_new_names_on_one_span_are_not_added():
    span = understood(
        {
            "gen_ai.usage.prompt_tokens": 90,
            "gen_ai.usage.input_tokens": 97,
            "gen_ai.usage.completion_tokens": 50,
            "gen_ai.usage.output_tokens": 52,
        }
    )

    assert span.usage == TokenUsage(input=97, output=52)


def test_a_new_name_with_a_wrong_value_leaves_it_to_the_old_one():
    assert understood({"gen_ai.usage.input_tokens": "n/a", "gen_ai.usage.prompt_tokens": 90}).usage == TokenUsage(
        input=90
    )


def test_structured_messages_are_read_like_json():
    structured = [{"role": "assistant", "parts": [{"type": "text", "content": "Hi."}]}]

    assert model_of(understood({"gen_ai.operation.name": "chat", "gen_ai.output.messages": structured})).answer == "Hi."


def test_what_a_model_asked_for():
    span = understood({"gen_ai.operation.name": "chat", "gen_ai.output.messages": CALL})

    assert model_of(span).asked == (ToolRequest(name="search", call_id="c1", arguments={"q": "x"}),)
    assert model_of(span).answer is None


@pytest.mark.parametrize(
    ("arguments", "result", "call_id"),
    [
        ("gen_ai.tool.call.arguments", "gen_ai.tool.call.result", "gen_ai.tool.call.id"),
        ("gen_ai.tool.parameters", "gen_ai.tool.result", "gen_ai.tool.id"),
    ],
)
def test_a_tool_call(arguments: str, result: str, call_id: str):
    span = understood(
        {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "search",
            call_id: "c1",
            arguments: '{"q": "x"}',
            result: "none",
        }
    )

    assert span.tool == ToolUse(name="search", call_id="c1")
    assert (span.input, span.output, span.model) == ({"q": "x"}, "none", None)


def test_a_tool_call_without_the_tools_name_has_it_in_the_spans_name():
    span = understood({"gen_ai.operation.name": "execute_tool"}, name="execute_tool summarize")

    assert span.tool == ToolUse(name="summarize")


def test_a_tool_call_that_names_no_tool_at_all_is_named_by_its_span():
    assert understood({"gen_ai.operation.name": "execute_tool"}, name="lookup").tool == ToolUse(name="lookup")


def test_an_agent_is_named_by_its_attribute_or_by_its_span():
    said = {"gen_ai.operation.name": "invoke_agent"}

    assert understood({**said, "gen_ai.agent.name": "planner"}).agent == "planner"
    assert understood(said, name="invoke_agent planner").agent == "planner"
    assert understood(said, name="invoke_agent").agent is None


def test_a_retrieval():
    span = understood(
        {
            "gen_ai.operation.name": "retrieval",
            "gen_ai.retrieval.query.text": "Rome",
            "gen_ai.retrieval.documents": '[{"id": "1"}]',
        }
    )

    assert (span.operation, span.input, span.output) == (Operation.RETRIEVAL, "Rome", '[{"id": "1"}]')


def test_what_was_said_is_found_in_choice_events():
    span = understood(
        {"gen_ai.operation.name": "chat"},
        events=(
            event("gen_ai.user.message", content="Hi?"),
            event(
                "gen_ai.choice", index=0, finish_reason="tool_calls", message={"role": "assistant", "content": "Hi."}
            ),
            event(
                "gen_ai.choice", index=1, tool_calls='[{"id": "c1", "function": {"name": "search", "arguments": "{}"}}]'
            ),
        ),
    )

    assert span.model == ModelUse(
        answer="Hi.", asked=(ToolRequest(name="search", call_id="c1", arguments={}),), finish_reasons=("tool_calls",)
    )


def test_what_was_said_is_found_in_events_that_carry_attributes():
    details = event("gen_ai.client.inference.operation.details", **{"gen_ai.output.messages": MESSAGES})
    older = event("gen_ai.content.completion", **{"gen_ai.completion": MESSAGES})

    for told in (details, older):
        assert model_of(understood({"gen_ai.operation.name": "chat"}, events=(told,))).answer == "Hi."


def test_what_was_asked_is_found_in_message_events():
    asked = (event("gen_ai.system.message", content="Be brief."), event("gen_ai.user.message", content="Hi?"))

    assert understood({"gen_ai.operation.name": "chat"}, events=asked).input == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi?"},
    ]


def test_attributes_of_the_span_go_before_those_of_its_events():
    told = event(
        "gen_ai.client.inference.operation.details",
        **{"gen_ai.output.messages": MESSAGES, "gen_ai.response.model": "b"},
    )
    span = understood({"gen_ai.operation.name": "chat", "gen_ai.request.model": "a"}, events=(told,))

    assert model_of(span).name == "a"


def test_without_content_nothing_is_made_up():
    span = understood({"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4"})

    assert span.model == ModelUse(name="gpt-4")
    assert (span.input, span.output, span.usage) == (None, None, None)
