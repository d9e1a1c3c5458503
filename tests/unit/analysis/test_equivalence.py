"""When two arguments, or two results, are the same although they were written differently."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.analysis.meaning.equivalence import normalized, question
from reev_flow.trace.span import Value

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": 1, "cursor": None}, {"a": 1}),
        ({"a": 5}, {"a": 5.0}),
        ({"a": 5}, {"a": "5"}),
        ({"a": [1, 2]}, '{"a": [1, 2]}'),
        ({"a": '{"b": 1}'}, {"a": {"b": 1.0}}),
        ("flights to  Porto ", "flights to Porto"),
        ("first\r\n  second  ", "first\n  second"),
        ("caf\u00e9", "cafe\u0301"),
        ("HTTPS://Example.org/a/", "https://example.org/a"),
        ("https://example.org", "https://example.org/"),
    ],
)
def test_the_same_written_differently_is_equivalent(one: Value, other: Value):
    assert question(one) == question(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Porto", "porto"),
        ([1, 2], [2, 1]),
        ("007", "7"),
        (True, 1),
        (1.5, 1),
        ("if a:\n  b", "if a:\nb"),
        ("https://example.org/a?page=1", "https://example.org/a?page=2"),
        ("https://example.org/A", "https://example.org/a"),
        ("{not json}", "{not  json]"),
        ({}, None),
        ("", None),
    ],
)
def test_what_differs_in_meaning_is_not(one: Value, other: Value):
    assert question(one) != question(other)


@given(VALUES)
def test_normalizing_twice_changes_nothing_more(value: Value):
    once = normalized(value)
    assert normalized(once) == once


@given(st.dictionaries(st.text(max_size=6), VALUES, max_size=4))
def test_a_record_and_the_text_that_holds_it_are_equivalent(record: dict[str, Value]):
    assert question(json.dumps(record, ensure_ascii=False)) == question(record)


def test_blanks_within_a_long_line_are_left_alone():
    assert question("a  b" + "c" * 300) != question("a b" + "c" * 300)
    assert question(" a" + "c" * 300 + " ") == question("a" + "c" * 300)


def test_a_value_of_any_depth_is_taken():
    deep: Value = "x"
    for _ in range(500):
        deep = [deep]
    assert question(deep) == question(deep)
