import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.collect.messages import CONTENT_KEYS, Reply, read_reply, read_requests
from reev_flow.trace.span import ToolRequest, Value

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from((*CONTENT_KEYS, "type", "role", "name", "tool_calls", "function_call", "id")), inner
        )
    ),
    max_leaves=8,
)
SEARCH = ToolRequest(name="search", call_id="c1", arguments={"q": "x"})

ANSWERS = {
    "the conventions' parts": [
        {"role": "assistant", "parts": [{"type": "text", "content": "Hi."}], "finish_reason": "stop"}
    ],
    "chat completions": {
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi."}, "finish_reason": "stop"}]
    },
    "responses": {
        "output": [
            {"type": "reasoning", "content": "Hm."},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hi."}]},
        ],
        "text": {"format": {"type": "text"}},
        "finish_reason": "stop",
    },
    "Anthropic": {
        "role": "assistant",
        "content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "Hi."}],
        "stop_reason": "stop",
    },
    "Gemini": {"candidates": [{"content": {"role": "model", "parts": [{"text": "Hi."}]}, "finishReason": "stop"}]},
    "Bedrock": {"output": {"message": {"role": "assistant", "content": [{"text": "Hi."}]}}, "stopReason": "stop"},
    "LangChain": {
        "generations": [[{"text": "Hi.", "message": {"lc": 1, "type": "constructor", "kwargs": {"content": "Hi."}}}]],
        "finish_reason": "stop",
    },
    "a choice event": [{"index": 0, "finish_reason": "stop", "message": '{"role": "assistant", "content": "Hi."}'}],
    "a bare completion": {"text": "Hi.", "finish_reason": "stop"},
    "text written twice": [
        {"role": "assistant", "content": "Hi.", "contents": [{"type": "text", "text": "Hi."}], "finish_reason": "stop"}
    ],
}

REQUESTS = {
    "the conventions' parts": [
        {"role": "assistant", "parts": [{"type": "tool_call", "id": "c1", "name": "search", "arguments": {"q": "x"}}]}
    ],
    "arguments as text": [{"parts": [{"type": "tool_call", "id": "c1", "name": "search", "arguments": '{"q": "x"}'}]}],
    "chat completions": {
        "message": {
            "content": None,
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "search", "arguments": '{"q": "x"}'}}],
        }
    },
    "responses": {
        "output": [
            {"type": "function_call", "id": "fc_9", "call_id": "c1", "name": "search", "arguments": '{"q": "x"}'}
        ]
    },
    "Anthropic": {"content": [{"type": "tool_use", "id": "c1", "name": "search", "input": {"q": "x"}}]},
    "Gemini": {"parts": [{"function_call": {"id": "c1", "name": "search", "args": {"q": "x"}}}]},
    "Bedrock": {"content": [{"toolUse": {"toolUseId": "c1", "name": "search", "input": {"q": "x"}}}]},
    "LangChain": {"kwargs": {"content": "", "tool_calls": [{"id": "c1", "name": "search", "args": {"q": "x"}}]}},
    "Vercel": {"toolCalls": [{"toolCallId": "c1", "toolName": "search", "input": {"q": "x"}}]},
    "flattened lists as text": {
        "tool_calls": '[{"id": "c1", "function": {"name": "search", "arguments": {"q": "x"}}}]'
    },
    "part and list of one call": {
        "content": [{"type": "tool_use", "id": "c1", "name": "search", "input": {"q": "x"}}],
        "tool_calls": [{"id": "c1", "name": "search", "arguments": {"q": "x"}}],
    },
}


@pytest.mark.parametrize("form", ANSWERS)
@pytest.mark.parametrize("write", [lambda value: value, json.dumps])
def test_an_answer_is_found_in_every_form(form: str, write: Callable[[Any], Any]):
    assert read_reply(write(ANSWERS[form])) == Reply("Hi.", (), ("stop",))


@pytest.mark.parametrize("form", REQUESTS)
@pytest.mark.parametrize("write", [lambda value: value, json.dumps])
def test_a_requested_tool_call_is_found_in_every_form(form: str, write: Callable[[Any], Any]):
    assert read_reply(write(REQUESTS[form])).asked == (SEARCH,)


def test_openinference_before_there_were_tool_calls():
    reply = read_reply(
        [{"role": "assistant", "function_call_name": "search", "function_call_arguments_json": '{"q": "x"}'}]
    )

    assert reply.asked == (ToolRequest(name="search", arguments={"q": "x"}),)


def test_plain_text_is_the_answer():
    assert read_reply("42").answer == "42"


def test_an_empty_text_written_as_json_is_an_empty_answer():
    assert read_reply('""').answer == ""


def test_a_message_without_parts_is_an_empty_answer():
    assert read_reply('[{"role": "assistant", "parts": [], "finish_reason": "stop"}]').answer == ""


def test_json_that_is_no_message_is_the_answer():
    assert read_reply('{"recipe": "eggs"}').answer == '{"recipe": "eggs"}'


def test_structured_text_inside_a_message_stays_text():
    assert read_reply([{"role": "assistant", "content": '{"recipe": "eggs"}'}]).answer == '{"recipe": "eggs"}'


def test_texts_of_several_messages_are_a_line_each():
    assert (
        read_reply([{"content": "One."}, {"content": [{"text": "Two."}, {"text": "Three."}]}]).answer
        == "One.\nTwo.\nThree."
    )


def test_what_others_said_is_no_answer():
    history: list[Value] = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi?"},
        {"role": "tool", "content": "42"},
        {"type": "human", "data": {"content": "Hi?"}},
        {"role": "assistant", "parts": [{"type": "tool_call_response", "response": "42"}]},
        {"role": "assistant", "content": "Hi."},
    ]

    assert read_reply(history).answer == "Hi."


def test_an_answer_that_says_nothing_is_told_from_one_that_is_not_told():
    assert read_reply([{"role": "assistant", "content": ""}]).answer == ""
    assert read_reply([{"role": "assistant", "parts": [{"type": "text"}]}]).answer is None
    assert read_reply([{"role": "assistant", "content": "__REDACTED__"}]).answer is None


def test_nothing_tells_nothing():
    nothings: tuple[Value, ...] = (None, [], {}, 7)
    for nothing in nothings:
        assert not read_reply(nothing).tells_something


def test_requests_without_a_name_are_left_out_and_those_without_an_id_are_kept_apart():
    listed: list[Value] = [{"id": "c1"}, {"name": "a"}, {"name": "a"}, "text", None, {"name": 7}]

    assert read_requests(listed) == (ToolRequest(name="a"), ToolRequest(name="a"))


@given(anything)
def test_anything_can_be_read(value: Any):
    read_reply(value)
    read_reply(json.dumps(value))


def test_nesting_without_end_is_read():
    deep: Value = {"content": "Hi."}
    for _ in range(50_000):
        deep = {"content": [deep]}

    assert read_reply(deep).answer == "Hi."
