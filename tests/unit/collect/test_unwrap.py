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
