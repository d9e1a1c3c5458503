import pytest

from reev_flow.trace.span import Operation, TokenUsage, ToolUse
from support.spans import model_of, understood

TYPE = "mlflow.spanType"


@pytest.mark.parametrize(
    ("word", "operation"),
    [
        ('"CHAT_MODEL"', Operation.LLM),
        ('"LLM"', Operation.LLM),
        ("LLM", Operation.LLM),
        ('"TOOL"', Operation.TOOL),
        ('"AGENT"', Operation.AGENT),
        ('"CHAIN"', Operation.STEP),
        ('"RETRIEVER"', Operation.RETRIEVAL),
        ('"UNKNOWN"', Operation.OTHER),
    ],
)
def test_a_span_is_named_in_quotes(word: str, operation: Operation):
    assert understood({TYPE: word}).operation is operation


def test_a_model_call():
    span = understood(
        {
            TYPE: '"CHAT_MODEL"',
            "mlflow.llm.model": '"gpt-4o"',
            "mlflow.llm.provider": '"openai"',
            "mlflow.chat.tokenUsage": '{"input_tokens": 9, "output_tokens": 4, "total_tokens": 13, "cache_read_input_tokens": 5}',
            "mlflow.spanOutputs": '{"choices": [{"message": {"role": "assistant", "content": "Hi."}, "finish_reason": "stop"}]}',
        }
    )

    assert (model_of(span).name, model_of(span).provider, model_of(span).answer) == ("gpt-4o", "openai", "Hi.")
    assert (span.usage, model_of(span).finish_reasons) == (TokenUsage(input=9, output=4, cache_read=5), ("stop",))


def test_an_answer_that_is_plain_text_loses_its_quotes():
    span = understood({TYPE: '"AGENT"', "mlflow.spanOutputs": '"It is \\"sunny\\"."'})

    assert span.output == 'It is "sunny".'


def test_a_tool_call_whose_result_is_json_in_json():
    span = understood(
        {
            TYPE: '"TOOL"',
            "tool_call_id": '"c1"',
            "mlflow.spanInputs": '{"city": "Lisbon"}',
            "mlflow.spanOutputs": '"{\\"sky\\": \\"sunny\\"}"',
        },
        name="get_weather",
    )

    assert span.tool == ToolUse(name="get_weather", call_id="c1")
    assert (span.input, span.output) == ({"city": "Lisbon"}, {"sky": "sunny"})


def test_the_conversation_is_in_what_langchain_was_told():
    assert understood({TYPE: '"CHAIN"', "metadata": '{"session_id": "talk"}'}).conversation_id == "talk"


def test_its_translation_to_genai_keeps_words_of_its_own():
    assert understood({"gen_ai.operation.name": "CHAIN"}).operation is Operation.STEP
