from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.trace.span import TokenUsage
from support.spans import understood

NAMES = {
    "input": "gen_ai.usage.input_tokens",
    "output": "gen_ai.usage.output_tokens",
    "total": "gen_ai.usage.total_tokens",
    "cache_read": "gen_ai.usage.cache_read.input_tokens",
    "cache_write": "gen_ai.usage.cache_creation.input_tokens",
    "reasoning": "gen_ai.usage.reasoning.output_tokens",
}
counts = st.one_of(st.integers(0, 9), st.integers(0, 9).map(str), st.sampled_from((True, -3, "many", None, 1.5)))


def usage(**stated: Any) -> TokenUsage | None:
    return understood({NAMES[name]: count for name, count in stated.items()}).usage


def test_counts_are_taken_as_stated():
    assert usage(input=10, output="4", cache_read=3, cache_write=2, reasoning=1) == TokenUsage(
        input=10, output=4, cache_read=3, cache_write=2, reasoning=1
    )


def test_nothing_stated_is_no_usage():
    assert usage() is None
    assert usage(input=True, output=-5, total="many") is None


def test_none_used_is_a_usage():
    assert usage(input=0, output=0) == TokenUsage()


@pytest.mark.parametrize(
    ("stated", "read"),
    [
        ({"total": 10}, (10, 0)),
        ({"total": 10, "input": 7}, (7, 3)),
        ({"total": 10, "output": 4}, (6, 4)),
        ({"total": 10, "input": 7, "output": 1}, (7, 1)),
        ({"total": 5, "input": 7}, (7, 0)),
    ],
)
def test_a_total_fills_in_what_is_missing(stated: dict[str, Any], read: Any):
    used = usage(**stated)

    assert used == TokenUsage(input=read[0], output=read[1])


def test_cached_tokens_that_do_not_fit_were_counted_beside_the_input():
    assert usage(input=10, cache_read=2_000, cache_write=100) == TokenUsage(
        input=2_110, cache_read=2_000, cache_write=100
    )


def test_reasoning_tokens_that_do_not_fit_were_counted_beside_the_output():
    assert usage(output=1, reasoning=64) == TokenUsage(output=65, reasoning=64)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, counts)))
def test_input_always_includes_the_cached_and_output_the_reasoning(stated: dict[str, Any]):
    read = usage(**stated)

    assert read is None or (read.input >= read.cache_read + read.cache_write and read.output >= read.reasoning)


@pytest.mark.parametrize("total", [436, "436"])
def test_parts_without_which_the_total_is_not_reached_were_counted_beside(total: int | str):
    assert usage(input=142, output=26, total=total, cache_read=256, reasoning=12) == TokenUsage(
        input=398, output=38, cache_read=256, reasoning=12
    )


def test_parts_that_the_total_does_not_need_were_counted_within():
    assert usage(input=398, output=38, total=436, cache_read=256, reasoning=12) == TokenUsage(
        input=398, output=38, cache_read=256, reasoning=12
    )


@pytest.mark.parametrize(("stated", "tells"), [({"cache_read": 0}, True), ({"cache_read": None}, False), ({}, False)])
def test_that_nothing_was_read_from_a_cache_is_not_the_same_as_not_saying(*, stated: dict[str, Any], tells: bool):
    counted = {NAMES[name]: count for name, count in ({"input": 10} | stated).items()}
    model = understood({"gen_ai.operation.name": "chat", **counted}).model
    assert model is not None
    assert model.tells_cache is tells
