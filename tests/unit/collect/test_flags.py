import pytest

from reev_flow.collect.assemble import assemble
from reev_flow.trace.span import Flag, TokenUsage, ToolRequest
from support.reading import read_paths
from support.samples import RECORDED
from support.spans import event, model_of, understood

LLM = {"gen_ai.operation.name": "chat"}


@pytest.mark.parametrize(
    "attribute", ["gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.tool.call.arguments", "output.value"]
)
def test_content_that_was_cut_is_flagged(attribute: str):
    assert understood({**LLM, attribute: '[{"role": "user", "content": "Plan a week'}).flags == {Flag.CUT_CONTENT}


def test_whole_content_is_not():
    assert understood({**LLM, "gen_ai.input.messages": '[{"role": "user", "content": "Plan"}]'}).flags == frozenset()


def test_what_is_left_of_an_answer_is_read():
    span = understood(
        {
            **LLM,
            "gen_ai.output.messages": '[{"role": "assistant", "parts": [{"type": "tool_call", "id": "c1", "name": "search", '
            '"arguments": {"city": "Lisbon"}}, {"type": "text", "content": "Let me see whe',
        }
    )

    assert model_of(span).answer == "Let me see whe…"
    assert model_of(span).asked == (ToolRequest(name="search", call_id="c1", arguments={"city": "Lisbon"}),)


def test_half_of_a_name_is_no_name():
    span = understood(
        {**LLM, "gen_ai.output.messages": '[{"role": "assistant", "tool_calls": [{"id": "c1", "name": "sea'}
    )

    assert model_of(span).asked == ()


def test_what_is_left_of_arguments_is_read():
    span = understood(
        {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.call.arguments": '{"city": "Lisbon", "day": "2026-'}
    )

    assert span.input == {"city": "Lisbon", "day": "2026-…"}


def test_a_trace_lists_what_was_cut():
    [trace] = assemble([understood({**LLM, "gen_ai.input.messages": '[{"role'})])

    assert [problem.details for problem in trace.problems if problem.flag is Flag.CUT_CONTENT] == [
        "'work' tells something that a limit on length or on nesting cut; what is left of it is read"
    ]


@pytest.mark.parametrize("form", [{"sky": "sunny"}, '{"sky": "sunny"}'])
def test_a_structure_and_its_json_text_are_the_same(form: object):
    span = understood({"gen_ai.operation.name": "execute_tool", "gen_ai.tool.call.result": form})

    assert (span.output, span.flags) == ({"sky": "sunny"}, frozenset())


def test_a_field_within_a_structure_counts_less_than_an_attribute():
    span = understood(
        {
            **LLM,
            "ai.usage.cachedInputTokens": 1,
            "ai.response.providerMetadata": '{"openai": {"cachedPromptTokens": 2}}',
        }
    )

    assert span.usage == TokenUsage(input=1, cache_read=1)


def test_messages_of_events_may_be_json_in_one_attribute():
    span = understood(
        LLM,
        events=(
            event("gen_ai.user.message", **{"gen_ai.event.content": '{"role": "user", "content": "Hi?"}'}),
            event(
                "gen_ai.choice", **{"gen_ai.event.content": '{"message": {"content": "Hi."}, "finish_reason": "stop"}'}
            ),
        ),
    )

    assert (model_of(span).answer, model_of(span).finish_reasons) == ("Hi.", ("stop",))
    assert span.input == [{"role": "user", "content": "Hi?"}]


def test_a_name_that_only_begins_like_a_list_is_none():
    assert understood({**LLM, "gen_ai.prompt.name": "greeting"}).input is None


def test_a_name_beyond_reason_means_nothing():
    assert understood({"gen_ai.prompt.0." + "a" * 1_000: "x"}).input is None


def test_a_recording_whose_attributes_were_cut_still_tells_tools_and_answer():
    [trace] = assemble(read_paths(RECORDED / "langsmith_cut.otlp.jsonl").spans)
    tools = {span.label: span.output for span in trace.spans if span.tool}
    [*_, last] = [span for span in trace.spans if span.model]

    assert tools["get_weather"] == {"city": "Lisbon", "day": "2026-05-08", "degrees": 22, "sky": "sunny"}
    assert (model_of(last).answer or "").startswith("Fly with TP 1277")
    assert sum(Flag.CUT_CONTENT in span.flags for span in trace.spans) == 12
