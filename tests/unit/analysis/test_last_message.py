"""What the last message says, where a run gave back its whole conversation."""

import pytest

from reev_flow.analysis.failures.last_message import last_message


@pytest.mark.parametrize(
    "message",
    [
        '{"type": "ai", "content": "Take TP 1277."}',
        '{"type": "ai", "data": {"content": "Take TP 1277."}}',
        '{"lc": 1, "kwargs": {"content": [{"type": "text", "text": "Take TP 1277."}]}}',
    ],
)
def test_the_last_message_is_read_in_each_of_its_forms(message: str):
    assert last_message(f'{{"messages": [{{"content": "Which flight?"}}, {message}]}}') == "Take TP 1277."


def test_messages_may_stand_by_themselves():
    said = '[{"role": "assistant", "parts": [{"type": "text", "content": "Take TP 1277."}]}]'
    assert last_message(said) == "Take TP 1277."
    assert last_message('[{"role": "assistant", "parts": [], "finish_reason": "stop"}]') == ""


def test_a_choice_holds_its_message_as_a_text_or_as_its_parts():
    assert last_message('[{"finish_reason": "stop", "message": "Take TP 1277."}]') == "Take TP 1277."
    assert last_message('[{"finish_reason": "stop", "message": {"content": "Take TP 1277."}}]') == "Take TP 1277."
    blocks = r"[{\"text\": \"One moment.\"}, {\"toolUse\": {\"name\": \"search\"}}]"
    assert last_message(f'[{{"finish_reason": "tool_use", "message": "{blocks}"}}]') == "One moment."
    assert last_message('[{"finish_reason": "end_turn", "message": "[]"}]') == ""


def test_words_that_only_begin_like_a_list_are_words():
    assert last_message('[{"role": "assistant", "content": "[1] Lisbon"}]') == "[1] Lisbon"
    assert last_message('[{"role": "assistant", "content": "[1, 2]"}]') == "[1, 2]"


def test_how_the_run_went_is_no_output_beside_the_messages():
    state = '{"messages": [{"content": ""}], "stop_reason": "max turns", "remaining_steps": 3, "thread_id": "t-1"}'
    assert last_message(state) == ""


def test_a_last_message_without_words_is_empty():
    assert last_message('{"messages": [{"content": "Which flight?"}, {"content": ""}], "remaining": null}') == ""


@pytest.mark.parametrize(
    "text",
    [
        "Take TP 1277.",
        '{"messages": [], "x": 1}',
        '{"messages": [{"content": "a"}], "answer": "Take TP 1277."}',
        '{"messages": [{"content": "a"}], "steps": ["fly to Lisbon"]}',
        '{"messages": [{"content": "a"',
        '{"messages": ["a"]}',
        '[{"role": "cook", "name": "Ann"}]',
        '[{"role": "cook"}, "Ann"]',
        '{"flight": "the messages"}',
    ],
)
def test_anything_else_is_no_conversation(text: str):
    assert last_message(text) is None
