from reev_flow.trace.span import Operation, TokenUsage, ToolUse
from support.spans import understood

SCOPE = "pydantic-ai"


def test_an_agents_run_in_the_older_form():
    span = understood(
        {"agent_name": "planner", "model_name": "gpt-4", "final_result": "done", "gen_ai.usage.input_tokens": 7},
        name="planner run",
        scope=SCOPE,
    )

    assert (span.operation, span.agent, span.output, span.model) == (Operation.AGENT, "planner", "done", None)
    assert span.usage == TokenUsage(input=7)


def test_a_run_whose_agent_is_only_in_its_name():
    assert understood({}, name="planner run", scope=SCOPE).agent == "planner"


def test_a_tool_call_in_the_older_form():
    span = understood(
        {"gen_ai.tool.call.id": "c1", "tool_arguments": {"q": "x"}, "tool_response": "none"},
        name="running tool: search",
        scope=SCOPE,
    )

    assert span.tool == ToolUse(name="search", call_id="c1")
    assert (span.input, span.output) == ({"q": "x"}, "none")


def test_the_totals_of_a_run():
    span = understood(
        {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.aggregated_usage.input_tokens": 97,
            "gen_ai.aggregated_usage.output_tokens": 52,
            "gen_ai.aggregated_usage.cache_read.input_tokens": 40,
        }
    )

    assert span.usage == TokenUsage(input=97, output=52, cache_read=40)


def test_details_of_a_models_usage():
    span = understood(
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.usage.input_tokens": 97,
            "gen_ai.usage.output_tokens": 52,
            "gen_ai.usage.details.reasoning_tokens": 30,
            "gen_ai.usage.details.cache_read_tokens": 40,
        }
    )

    assert span.usage == TokenUsage(input=97, output=52, cache_read=40, reasoning=30)
