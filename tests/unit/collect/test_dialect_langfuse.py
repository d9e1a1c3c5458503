import pytest

from reev_flow.trace.span import Flag, Operation, Status, TokenUsage, ToolUse
from support.spans import model_of, understood

TYPE = "langfuse.observation.type"
BY_CALLBACKS = '{"input": 142, "output": 26, "total": 436, "input_cache_read": 256, "output_reasoning": 12}'
BY_CLIENT = (
    '{"prompt_tokens": 398, "completion_tokens": 38, "total_tokens": 436, "prompt_tokens_details": {"cached_tokens": 256}, '
    '"completion_tokens_details": {"reasoning_tokens": 12}}'
)


@pytest.mark.parametrize(
    ("word", "operation"),
    [
        ("generation", Operation.LLM),
        ("agent", Operation.AGENT),
        ("tool", Operation.TOOL),
        ("chain", Operation.STEP),
        ("span", Operation.STEP),
        ("retriever", Operation.RETRIEVAL),
    ],
)
def test_an_observation_is_named(word: str, operation: Operation):
    assert understood({TYPE: word}).operation is operation


def test_the_outermost_function_is_the_flow():
    assert understood({TYPE: "span"}, parent_id=None).operation is Operation.FLOW


def test_a_plain_span_is_what_else_is_said_of_it():
    span = understood({TYPE: "span", "agent_name": "writer"}, name="writer run", scope="pydantic-ai")

    assert (span.operation, span.agent) == (Operation.AGENT, "writer")


def test_a_generation():
    span = understood(
        {
            TYPE: "generation",
            "langfuse.observation.model.name": "gpt-4o",
            "langfuse.observation.output": '{"role": "assistant", "content": "Hi."}',
            "langfuse.observation.metadata.ls_provider": '"openai"',
            "session.id": "talk",
        }
    )

    assert (model_of(span).name, model_of(span).provider, model_of(span).answer) == ("gpt-4o", "openai", "Hi.")
    assert span.conversation_id == "talk"


@pytest.mark.parametrize("details", [BY_CALLBACKS, BY_CLIENT])
def test_tokens_are_the_same_whether_its_callbacks_or_its_client_counted_them(details: str):
    span = understood({TYPE: "generation", "langfuse.observation.usage_details": details})

    assert span.usage == TokenUsage(input=398, output=38, cache_read=256, reasoning=12)


def test_a_tool_call_by_its_decorator():
    span = understood(
        {
            TYPE: "tool",
            "langfuse.observation.input": '{"args": [], "kwargs": {"city": "Lisbon"}}',
            "langfuse.observation.output": '{"sky": "sunny"}',
            "langfuse.observation.metadata.tool_call_id": '"c1"',
        },
        name="get_weather",
    )

    assert (span.tool, span.input, span.output) == (
        ToolUse(name="get_weather", call_id="c1"),
        {"city": "Lisbon"},
        {"sky": "sunny"},
    )


def test_an_error_that_only_its_level_tells():
    span = understood({TYPE: "tool", "langfuse.observation.level": "ERROR"})

    assert (span.status, span.flags) == (Status.ERROR, frozenset({Flag.TOLD_FAILURE}))
