from reev_flow.trace.span import ModelUse, Operation, ToolRequest, ToolUse
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
