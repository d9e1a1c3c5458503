from reev_flow.trace.span import ModelUse, Operation, TokenUsage, ToolRequest, ToolUse
from support.spans import understood

SCOPE = "gcp.vertex.agent"


def test_a_model_call():
    span = understood(
        {
            "gen_ai.system": "gcp.vertex.agent",
            "gen_ai.request.model": "gemini",
            "gen_ai.response.finish_reasons": '["stop"]',
            "gcp.vertex.agent.session_id": "talk",
            "gcp.vertex.agent.llm_request": "{history}",
            "gcp.vertex.agent.llm_response": '{"content": {"role": "model", "parts": [{"text": "Hi."}, {"function_call": {"name": "search", "args": {}}}]}}',
        },
        name="call_llm",
        scope=SCOPE,
    )

    assert span.operation is Operation.LLM
    assert span.model == ModelUse(
        name="gemini",
        provider="gcp.vertex.agent",
        answer="Hi.",
        asked=(ToolRequest(name="search", arguments={}),),
        finish_reasons=("stop",),
    )
    assert (span.conversation_id, span.input) == ("talk", "{history}")


def test_a_tool_call():
    span = understood(
        {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "search",
            "gcp.vertex.agent.tool_call_args": '{"q": "x"}',
            "gcp.vertex.agent.tool_response": '{"hits": 3}',
            "gcp.vertex.agent.llm_request": "{}",
        },
        name="execute_tool search",
        scope=SCOPE,
    )

    assert span.tool == ToolUse(name="search")
    assert (span.input, span.output) == ({"q": "x"}, {"hits": 3})


def test_the_run_and_its_agent_are_named_by_their_spans():
    assert understood(name="invocation", scope=SCOPE).operation is Operation.FLOW
    assert understood(name="agent_run [planner]", scope=SCOPE).agent == "planner"


def test_a_call_that_failed_tells_neither_its_id_nor_a_result():
    span = understood(
        {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "search",
            "gen_ai.tool.call.id": "<not specified>",
            "gcp.vertex.agent.tool_response": '{"result": "<not specified>"}',
            "gcp.vertex.agent.llm_response": "{}",
        },
        name="execute_tool search",
        scope=SCOPE,
    )

    assert (span.tool, span.output) == (ToolUse(name="search"), None)


def test_what_tells_of_calls_side_by_side_once_more_is_no_call():
    told = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "(merged tools)"}

    assert understood(told, name="execute_tool (merged)", scope=SCOPE).operation is Operation.OTHER


def test_thoughts_are_counted_beside_the_output_and_cached_tokens_in_the_reply():
    counts = '{"prompt_token_count": 50, "candidates_token_count": 6, "thoughts_token_count": 4, "total_token_count": 60, "cached_content_token_count": 30}'
    told = {
        "gen_ai.usage.input_tokens": 50,
        "gen_ai.usage.output_tokens": 6,
        "gcp.vertex.agent.llm_response": f'{{"content": {{"parts": []}}, "usage_metadata": {counts}}}',
    }

    usage = understood(told, name="call_llm", scope=SCOPE).usage

    assert usage == TokenUsage(input=50, output=10, cache_read=30, reasoning=4)
