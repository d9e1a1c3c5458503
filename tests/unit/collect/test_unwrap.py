import pytest

from reev_flow.collect.dialects.wrappers import ARGUMENT_WRAPPERS, RESULT_WRAPPERS
from reev_flow.collect.unwrap import unwrap
from reev_flow.trace.span import Value


@pytest.mark.parametrize(
    "wrapped",
    [
        '{"args": [], "sanitize_inputs_outputs": true, "kwargs": {"city": "Rome"}}',
        {"input_str": "{'city': 'Rome'}", "tags": [], "metadata": {"step": 2}, "inputs": {"city": "Rome"}},
        {"input_str": '{"city": "Rome"}', "tags": [], "metadata": {"step": 2}},
        '{"city": "Rome"}',
        {"city": "Rome"},
    ],
)
def test_arguments_are_what_is_inside(wrapped: Value):
    assert unwrap(wrapped, ARGUMENT_WRAPPERS).content == {"city": "Rome"}


@pytest.mark.parametrize(
    "wrapped",
    [
        {"type": "tool", "data": {"content": '{"sky": "sunny"}', "tool_call_id": "c1"}},
        {"output": {"lc": 1, "kwargs": {"content": '{"sky": "sunny"}', "tool_call_id": "c1"}}, "kwargs": {"tags": []}},
        {"type": "tool", "content": {"sky": "sunny"}, "tool_call_id": "c1"},
        {"id": "c1", "name": "weather", "response": {"sky": "sunny"}},
    ],
)
def test_a_result_is_what_is_inside_with_the_id_of_its_call(wrapped: Value):
    assert unwrap(wrapped, RESULT_WRAPPERS) == ({"sky": "sunny"}, "c1")


@pytest.mark.parametrize(
    "plain",
    [
        "sunny",
        {"data": {"content": "x"}},
        {"id": "c1", "response": "x"},
        {"output": "x"},
        ["type", "tool_call_id"],
        None,
        {"type": "tool", "data": None, "tool_call_id": None},
    ],
)
def test_what_only_looks_alike_is_left_alone(plain: Value):
    assert unwrap(plain, RESULT_WRAPPERS) == (plain, None)


def test_wrappers_around_wrappers_end_somewhere():
    value: Value = {"sky": "sunny"}
    for _ in range(50):
        value = {"output": value, "kwargs": {"x": 1}}

    assert "output" in str(unwrap(value, RESULT_WRAPPERS).content)


@pytest.mark.parametrize(
    "wrapped",
    [
        '[{"role": "tool", "parts": [{"type": "tool_call", "id": "c1", "arguments": {"city": "Rome"}}]}]',
        [{"role": "tool", "content": '{"city": "Rome"}', "id": "c1"}],
    ],
)
def test_arguments_in_the_only_message_about_a_call_are_what_is_inside(wrapped: Value):
    assert unwrap(wrapped, ARGUMENT_WRAPPERS, "c1").content == {"city": "Rome"}


@pytest.mark.parametrize(
    "wrapped",
    [
        '[{"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": {"sky": "sunny"}}]}]',
        [{"message": '{"sky": "sunny"}', "id": "c1"}],
        [{"message": '[{"json": {"sky": "sunny"}}]', "id": "c1"}],
        [{"text": '{"sky": "sunny"}'}],
    ],
)
def test_a_result_in_the_only_message_about_a_call_is_what_is_inside(wrapped: Value):
    assert unwrap(wrapped, RESULT_WRAPPERS, "c1").content == {"sky": "sunny"}


@pytest.mark.parametrize(
    "plain",
    [
        [{"message": "hello", "id": "m7"}],
        [{"message": "hello", "id": "c1"}, {"message": "again", "id": "c1"}],
        [{"text": "a page", "url": "https://example.org"}],
        [{"text": "one"}, {"text": "two"}],
        [],
    ],
)
def test_a_list_that_is_a_result_is_left_alone(plain: Value):
    assert unwrap(plain, RESULT_WRAPPERS, "c1").content == plain


def test_a_message_is_no_wrapper_where_the_id_of_the_call_is_not_known():
    plain: Value = [{"message": "hello", "id": "c1"}]

    assert unwrap(plain, RESULT_WRAPPERS).content == plain
