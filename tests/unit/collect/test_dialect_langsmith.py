import pytest

from reev_flow.trace.span import Flag, Operation, Status, TokenUsage, ToolUse
from support.spans import event, model_of, understood

KIND = "langsmith.span.kind"


@pytest.mark.parametrize(
    ("word", "claimed", "operation"),
    [
        ("llm", "chat", Operation.LLM),
        ("tool", "execute_tool", Operation.TOOL),
        ("prompt", "chat", Operation.STEP),
        ("retriever", "embeddings", Operation.RETRIEVAL),
        ("chain", "chain", Operation.STEP),
    ],
)
def test_its_own_word_goes_before_the_convention_it_was_fitted_to(word: str, claimed: str, operation: Operation):
    assert understood({KIND: word, "gen_ai.operation.name": claimed}).operation is operation


def test_the_outermost_chain_is_the_flow():
    assert understood({KIND: "chain"}, parent_id=None).operation is Operation.FLOW


def test_a_model_call():
    span = understood(
        {
            KIND: "llm",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.completion": '{"generations": [[{"text": "Hi.", "message": {"kwargs": {"content": "Hi."}}}]]}',
            "langsmith.metadata.thread_id": "talk",
            "langsmith.metadata.usage_metadata": '{"input_tokens": 9, "output_tokens": 4, "input_token_details": {"cache_read": 5}}',
        }
    )

    assert (model_of(span).name, model_of(span).answer, span.conversation_id) == ("gpt-4o", "Hi.", "talk")
    assert span.usage == TokenUsage(input=9, output=4, cache_read=5)


def test_the_session_of_a_trace_is_a_project_and_no_conversation():
    assert (
        understood(
            {KIND: "chain", "langsmith.trace.session_id": "p", "langsmith.trace.session_name": "p"}
        ).conversation_id
        is None
    )


def test_a_tool_call_out_of_all_that_is_around_it():
    message = '{"content": "{\\"sky\\": \\"sunny\\"}", "type": "tool", "name": "get_weather", "tool_call_id": "c1", "status": "success"}'
    span = understood(
        {
            KIND: "tool",
            "gen_ai.tool.name": "get_weather",
            "gen_ai.prompt": '{"city": "Lisbon"}',
            "gen_ai.completion": f'{{"output": {message}}}',
        }
    )

    assert span.tool == ToolUse(name="get_weather", call_id="c1")
    assert (span.input, span.output) == ({"city": "Lisbon"}, {"sky": "sunny"})


def test_a_run_that_raised_has_failed_though_its_status_was_fine_when_it_began():
    span = understood({KIND: "tool"}, scope="langsmith", status=Status.OK, events=(event("exception"),))

    assert (span.status, span.flags) == (Status.ERROR, frozenset({Flag.TOLD_FAILURE}))


def test_an_exception_of_others_says_nothing_of_failure():
    span = understood({"gen_ai.operation.name": "execute_tool"}, status=Status.OK, events=(event("exception"),))

    assert span.status is Status.OK
