"""What a model's finish reason says, in the words of any vendor."""

import pytest

from reev_flow.analysis.meaning.finish_reasons import says_cut, says_too_long, says_tools_are_next


@pytest.mark.parametrize(
    "reason", ["length", "MAX_TOKENS", "FinishReason.MAX_TOKENS", "max_output_tokens", "model_length"]
)
def test_there_was_no_more_room(reason: str):
    assert says_too_long(reason)
    assert says_cut(reason)


@pytest.mark.parametrize(
    "reason", ["content-filter", "content_filtered", "SAFETY", "refusal", "MALFORMED_FUNCTION_CALL"]
)
def test_what_was_withheld_was_cut_for_another_reason(reason: str):
    assert says_cut(reason)
    assert not says_too_long(reason)


@pytest.mark.parametrize("reason", ["tool_calls", "tool-calls", "tool_use", "function_call", "TOOL_CALL"])
def test_a_tool_is_to_be_called(reason: str):
    assert says_tools_are_next(reason)
    assert not says_cut(reason)


@pytest.mark.parametrize("reason", ["stop", "end_turn", "STOP", "", "unknown"])
def test_nothing_else_says_any_of_it(reason: str):
    assert not says_cut(reason)
    assert not says_tools_are_next(reason)
