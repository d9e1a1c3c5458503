"""JSON text without what is nested so deeply in it that no reader could bear it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.collect.deep_json import MOST_LEVELS, shallow
from reev_flow.collect.json_text import read_part, scan_json

TEXTS = st.text(alphabet='ab"\\[]{}:,\n ', max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
)


def around(levels: int, inner: str) -> str:
    return '[{"a":' * (levels // 2) + inner + "}]" * (levels // 2)


@given(VALUES)
def test_what_is_not_too_deep_stays_as_it_is(value: Any):
    data = json.dumps(value).encode()
    assert shallow(data) == data


@given(VALUES, VALUES)
def test_only_what_is_too_deep_is_left_out(before: Any, after: Any):
    deep = around(2 * MOST_LEVELS, "1")
    data = json.dumps([before, "DEEP", after]).replace('"DEEP"', deep, 1) if before != "DEEP" else "[]"
    expected = [before, json.loads(around(MOST_LEVELS - 2, "[null]")), after] if before != "DEEP" else []
    assert json.loads(shallow(data.encode())) == expected


@pytest.mark.parametrize("text", ["[" * 100_000, '"' * 100_001, '{"a": "' * 50_000, "\\" * 100_000, "]" * 100_000])
def test_what_is_no_json_is_looked_through_once(text: str):
    assert shallow(text.encode()) == text.encode()


@pytest.mark.parametrize("levels", [MOST_LEVELS, 900, 990, 10_000])
def test_the_rest_of_a_document_is_read_whatever_is_nested_in_it(levels: int):
    document = scan_json(f'{{"deep": {around(levels, "1")}, "name": "search"}}'.encode())
    assert read_part(document)["name"] == "search"
