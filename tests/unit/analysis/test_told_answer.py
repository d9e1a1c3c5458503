"""What a model was sent as the answer to a tool call that it had asked for."""

from typing import Any

import pytest

from reev_flow.analysis.calls.tool_calls import AskedCall
from reev_flow.analysis.evidence.told_answer import told_answer

ASKED = AskedCall(name="look", call_id="c1", arguments={}, asked_by="m", asked_ns=0, executed_by=None)

ANSWERS: dict[str, Any] = {
    "a message of a tool": {"role": "tool", "tool_call_id": "c1", "content": "blue"},
    "a part": {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "blue"}]},
    "an item": {"type": "function_call_output", "call_id": "c1", "output": "blue"},
    "a part that repeats the request": {"type": "tool-result", "toolCallId": "c1", "args": {}, "result": "blue"},
    "a response of that name without an id": {"function_response": {"name": "look", "response": "blue"}},
}


@pytest.mark.parametrize("message", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_is(message: Any):
    assert told_answer([{"role": "user", "content": "hello"}, message], ASKED) == "blue"


OTHERS: dict[str, Any] = {
    "the request": {"role": "assistant", "content": "hm", "tool_calls": [{"id": "c1", "function": {"name": "look"}}]},
    "the request as a part": {"type": "tool_use", "id": "c1", "name": "look", "input": {"content": "x"}},
    "the answer to another call": {"role": "tool", "name": "look", "tool_call_id": "c2", "content": "blue"},
    "words about it": "look (c1) gave blue",
    "nothing": None,
}


@pytest.mark.parametrize("message", OTHERS.values(), ids=OTHERS)
def test_no_answer_is(message: Any):
    assert told_answer([message], ASKED) is None


def test_the_last_answer_of_a_tool_without_ids_counts():
    messages: Any = [{"name": "look", "content": "blue"}, {"name": "look", "content": "grey"}]
    assert told_answer(messages, ASKED) == "grey"
