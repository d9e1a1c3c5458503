import pytest

from reev_flow.trace.span import ModelUse, Operation, TokenUsage, ToolRequest, ToolUse
from support.spans import model_of, tool_of, understood

KIND = "openinference.span.kind"


@pytest.mark.parametrize(
    ("kind", "operation"),
    [
        ("LLM", Operation.LLM),
        ("llm", Operation.LLM),
        ("TOOL", Operation.TOOL),
        ("AGENT", Operation.AGENT),
        ("CHAIN", Operation.STEP),
        ("RETRIEVER", Operation.RETRIEVAL),
        ("RERANKER", Operation.RETRIEVAL),
        ("EMBEDDING", Operation.EMBEDDING),
        ("GUARDRAIL", Operation.STEP),
        ("EVALUATOR", Operation.STEP),
        ("PROMPT", Operation.STEP),
        ("UNKNOWN", Operation.OTHER),
    ],
)
def test_a_kind_is_named(kind: str, operation: Operation):
    assert understood({KIND: kind}).operation is operation


def test_a_chain_without_a_parent_is_the_flow():
    assert understood({KIND: "CHAIN"}, parent_id=None).operation is Operation.FLOW
    assert understood({KIND: "AGENT"}, parent_id=None).operation is Operation.AGENT


def test_a_model_call():
    span = understood(
        {
            KIND: "LLM",
            "session.id": "talk",
            "llm.model_name": "gpt-4-0613",
            "llm.provider": "azure",
            "llm.system": "openai",
            "llm.token_count.prompt": 97,
            "llm.token_count.completion": 52,
            "llm.token_count.total": 149,
            "llm.token_count.prompt_details.cache_read": 40,
            "llm.token_count.prompt_details.cache_write": 10,
            "llm.token_count.completion_details.reasoning": 30,
            "llm.finish_reason": "stop",
            "llm.input_messages.0.message.content": "Hi?",
            "llm.output_messages.0.message.role": "assistant",
            "llm.output_messages.0.message.content": "Hi.",
            "input.value": "[history]",
            "output.value": "{raw}",
        }
    )

    assert span.model == ModelUse(
        name="gpt-4-0613", provider="azure", answer="Hi.", finish_reasons=("stop",), tells_cache=True
    )
    assert span.usage == TokenUsage(input=97, output=52, cache_read=40, cache_write=10, reasoning=30)
    assert (span.conversation_id, span.input, span.output) == ("talk", "[history]", "{raw}")


def test_the_model_that_answered_goes_before_the_one_that_was_asked():
    names = {"llm.request.model_name": "a", "llm.model_name": "b", "llm.response.model_name": "c"}

    assert model_of(understood({KIND: "LLM", **names})).name == "c"


def test_text_in_contents_and_calls_beside_it():
    message = "llm.output_messages.0.message."
    span = understood(
        {
            KIND: "LLM",
            f"{message}contents.0.message_content.type": "reasoning",
            f"{message}contents.0.message_content.text": "Hm.",
            f"{message}contents.1.message_content.type": "text",
            f"{message}contents.1.message_content.text": "Let me look.",
            f"{message}tool_calls.0.tool_call.id": "c1",
            f"{message}tool_calls.0.tool_call.function.name": "search",
            f"{message}tool_calls.0.tool_call.function.arguments": '{"q": "x"}',
            f"{message}tool_calls.1.tool_call.function.name": "fetch",
        }
    )

    assert model_of(span).answer == "Let me look."
    assert model_of(span).asked == (
        ToolRequest(name="search", call_id="c1", arguments={"q": "x"}),
        ToolRequest(name="fetch"),
    )


def test_a_completion():
    assert model_of(understood({KIND: "LLM", "llm.choices.0.completion.text": "Hi."})).answer == "Hi."


@pytest.mark.parametrize(
    ("output", "answer"),
    [
        ("Hi.", "Hi."),
        ('{"choices": [{"message": {"role": "assistant", "content": "Hi."}}]}', "Hi."),
        ('{"recipe": "eggs"}', '{"recipe": "eggs"}'),
    ],
)
def test_without_output_messages_the_output_is_read(output: str, answer: str):
    assert model_of(understood({KIND: "LLM", "output.value": output})).answer == answer


def test_a_tool_call():
    span = understood(
        {KIND: "TOOL", "tool.name": "search", "tool.id": "c1", "input.value": '{"q": "x"}', "output.value": "[1]"}
    )

    assert span.tool == ToolUse(name="search", call_id="c1")
    assert (span.input, span.output) == ({"q": "x"}, [1])


def test_a_tool_call_told_as_the_model_asked_for_it():
    span = understood(
        {
            KIND: "TOOL",
            "tool_call.function.name": "search",
            "tool_call.function.arguments": '{"q": "x"}',
            "tool_call.id": "c1",
            "input.value": "something else",
        }
    )

    assert (span.tool, span.input) == (ToolUse(name="search", call_id="c1"), {"q": "x"})


def test_the_call_id_is_taken_out_of_the_message_a_tool_gave():
    message = '{"type": "tool", "data": {"content": "sunny", "tool_call_id": "c1"}}'
    span = understood({KIND: "TOOL", "tool.name": "weather", "output.value": message})

    assert (tool_of(span).call_id, span.output) == ("c1", "sunny")


def test_an_agent():
    span = understood({KIND: "AGENT", "agent.name": "planner", "input.value": '{"a": 1}', "output.value": "done"})

    assert (span.agent, span.input, span.output, span.model) == ("planner", '{"a": 1}', "done", None)


def test_an_embedding():
    span = understood({KIND: "EMBEDDING", "embedding.model_name": "ada", "llm.token_count.prompt": 5})

    assert (span.model, span.usage) == (ModelUse(name="ada"), TokenUsage(input=5))
