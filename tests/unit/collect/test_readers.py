from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.collect.readers import as_text, integer, structure, text, texts
from reev_flow.trace.span import Value

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(values)
def test_readers_take_anything(value: Value):
    assert isinstance(text(value), str | None)
    assert isinstance(as_text(value), str | None)
    assert isinstance(integer(value), int | None)
    assert all(isinstance(entry, str) for entry in texts(value) or ())
    structure(value)


@given(st.integers(0, (1 << 63) - 1))
def test_counts_are_read_from_numbers_and_from_text(count: int):
    assert integer(count) == integer(str(count)) == integer(f" {count}.0 ") == count


@pytest.mark.parametrize("wrong", [True, False, -1, "-1", "many", "", 1.5, float("nan"), [3], 1 << 63, "9" * 30])
def test_what_is_no_count_is_absent(wrong: Any):
    assert integer(wrong) is None


@pytest.mark.parametrize("blank", ["", "  ", None, 7, ["a"]])
def test_what_says_nothing_is_no_text(blank: Value):
    assert text(blank) is None


@pytest.mark.parametrize("spelling", [["stop"], '["stop"]', "stop", ["stop", None, ""]])
def test_texts_are_read_from_lists_and_from_single_ones(spelling: Any):
    assert texts(spelling) == ("stop",)


@pytest.mark.parametrize("wrong", [[], "", None, 7, "[]", [1]])
def test_no_texts_are_absent(wrong: Any):
    assert texts(wrong) is None


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ('{"a": [1, "x"]}', {"a": [1, "x"]}),
        ('"quoted"', "quoted"),
        ("42", 42),
        ("-1.5", -1.5),
        ("true", True),
        ("sunny", "sunny"),
        ("", ""),
        ("{'python': 'repr'}", "{'python': 'repr'}"),
        ('{"cut": "in the mid', {"cut": "in the mid…"}),
        ("{cut in the mid", "{cut in the mid"),
        ({"a": 1}, {"a": 1}),
        (b"raw", b"raw"),
    ],
)
def test_json_is_read_and_the_rest_stays(value: Value, read: Any):
    assert structure(value) == read


@pytest.mark.parametrize("number", ["007", "1e5", "1.50", "+3", "1_000"])
def test_a_number_that_would_not_look_the_same_stays_text(number: int):
    assert structure(number) == number


def test_numbers_of_any_size_keep_their_digits():
    assert structure('{"lamports": 123456789012345678901234567890}') == {"lamports": 123456789012345678901234567890}


def test_json_nested_beyond_reason_stays_text():
    deep = "[" * 100 + "]" * 100

    assert structure(deep) == deep


def test_json_that_is_long_but_flat_is_read():
    assert structure("[" + "{}," * 200 + "{}]") == [{}] * 201


@pytest.mark.parametrize("value", ['{"a":"\ud800"}', "[\ud800", "\ud800", '"\udfff"'])
def test_text_with_half_a_character_stays_text(value: str):
    assert structure(value) == value
    assert texts(value) == (value,)
