"""Counts as a person reads them."""

import pytest

from reev_flow.render.quantities import plural, told_count, told_operations, told_tokens
from reev_flow.trace.span import Operation, TokenUsage


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (0, "0"),
        (999, "999"),
        (1_000, "1k"),
        (1_234, "1.23k"),
        (9_999, "10k"),
        (10_000, "10k"),
        (85_340, "85.3k"),
        (999_499, "999k"),
        (999_999, "1M"),
        (2_410_000, "2.41M"),
        (7_000_000_000, "7G"),
    ],
)
def test_large_counts_have_three_digits(number: int, told: str):
    assert told_count(number) == told


def test_tokens_are_told_in_and_out():
    assert told_tokens(TokenUsage(input=1_200, output=80)) == "1.2k→80 tok"


def test_no_tokens_are_not_told():
    assert told_tokens(TokenUsage()) == ""


def test_operations_are_told_with_their_counts():
    assert told_operations({Operation.TOOL: 1_030, Operation.LLM: 12}) == "1,030 tool, 12 llm"


@pytest.mark.parametrize(("number", "told"), [(0, "0 spans"), (1, "1 span"), (1_200, "1,200 spans")])
def test_a_noun_agrees_with_its_number(number: int, told: str):
    assert plural(number, "span") == told
