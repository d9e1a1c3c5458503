import pytest

from reev_flow.trace.span import ModelUse, Operation, TokenUsage, ToolRequest, ToolUse
from support.spans import model_of, understood


@pytest.mark.parametrize(
    ("name", "operation"),
    [
        ("ai.generateText", Operation.AGENT),
        ("ai.generateText.doGenerate", Operation.LLM),
        ("ai.streamText.doStream", Operation.LLM),
        ("ai.streamObject.doStream", Operation.LLM),
        ("ai.embed", Operation.STEP),
        ("ai.embedMany.doEmbed", Operation.EMBEDDING),
        ("ai.toolCall", Operation.TOOL),
    ],
)
def test_an_operation_is_named(name: str, operation: Operation):
    assert understood({"ai.operationId": name}).operation is operation
    assert understood({"operation.name": f"{name} my-function"}).operation is operation


@pytest.mark.parametrize(
    ("given", "returned"),
    [("ai.usage.inputTokens", "ai.usage.outputTokens"), ("ai.usage.promptTokens", "ai.usage.completionTokens")],
)
def test_a_model_call(given: str, returned: str):
    span = understood(
        {
            "ai.operationId": "ai.generateText.doGenerate",
            "ai.model.id": "gpt-4o",
            "ai.model.provider": "openai.responses",
            "ai.response.model": "gpt-4o-2024",
            "ai.response.text": "Let me look.",
            "ai.response.toolCalls": '[{"toolCallId": "c1", "toolName": "search", "input": {"q": "x"}}]',
            "ai.response.finishReason": "tool-calls",
            "ai.prompt.messages": "[history]",
            "ai.telemetry.functionId": "planner",
            "ai.telemetry.metadata.sessionId": "talk",
            "ai.usage.cachedInputTokens": 4,
            "ai.usage.reasoningTokens": 2,
            given: 14,
            returned: 20,
        }
    )

    assert span.model == ModelUse(
        name="gpt-4o-2024",
        provider="openai.responses",
        answer="Let me look.",
        asked=(ToolRequest(name="search", call_id="c1", arguments={"q": "x"}),),
        finish_reasons=("tool-calls",),
        tells_cache=True,
    )
    assert span.usage == TokenUsage(input=14, output=20, cache_read=4, reasoning=2)
    assert (span.agent, span.conversation_id, span.input) == ("planner", "talk", "[history]")


def test_an_object_is_the_answer_as_it_was_sent():
    span = understood({"ai.operationId": "ai.generateObject.doGenerate", "ai.response.object": '{"name": "eggs"}'})

    assert model_of(span).answer == '{"name": "eggs"}'


def test_an_answer_of_nothing_is_told():
    assert model_of(understood({"ai.operationId": "ai.generateText.doGenerate", "ai.response.text": ""})).answer == ""


def test_the_loop_around_the_calls_gives_back_its_text():
    span = understood(
        {"ai.operationId": "ai.generateText", "ai.response.text": "Hi.", "ai.prompt": '{"prompt": "Hi?"}'}
    )

    assert (span.operation, span.input, span.output, span.model) == (Operation.AGENT, '{"prompt": "Hi?"}', "Hi.", None)


def test_a_tool_call():
    span = understood(
        {
            "ai.operationId": "ai.toolCall",
            "ai.toolCall.name": "search",
            "ai.toolCall.id": "c1",
            "ai.toolCall.args": '{"q": "x"}',
            "ai.toolCall.result": '{"hits": 3}',
        }
    )

    assert span.tool == ToolUse(name="search", call_id="c1")
    assert (span.input, span.output) == ({"q": "x"}, {"hits": 3})


def test_an_embedding():
    span = understood({"ai.operationId": "ai.embed.doEmbed", "ai.model.id": "small", "ai.usage.tokens": 10})

    assert (span.model, span.usage) == (ModelUse(name="small"), TokenUsage(input=10))
