import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.collect.cut_json import is_cut, read_cut_json
from reev_flow.trace.span import Value

documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
containers = st.lists(documents, max_size=4) | st.dictionaries(st.text(max_size=4), documents, max_size=4)


def is_part_of(part: Value, whole: Value) -> bool:
    """Every field and entry is the whole one's, as far as it goes; the last string may be a beginning."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and is_part_of(part[key], whole[key]) for key in part)
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) <= len(whole) and all(map(is_part_of, part, whole))
    if isinstance(part, str) and isinstance(whole, str) and part.endswith("…") and part != whole:
        return whole.startswith(part[:-1].rstrip("\ufffd"))
    return part == whole and type(part) is type(whole)


@given(containers, st.data())
def test_whatever_is_left_is_read_and_is_what_was_written(document: Any, data: st.DataObject):
    text = json.dumps(document)
    cut = text[: data.draw(st.integers(1, len(text) - 1))]

    assert is_cut(cut)
    assert is_part_of(read_cut_json(cut), document)


@given(containers, st.booleans())
def test_what_is_whole_is_not_taken_to_be_cut(document: Any, escaped: bool):  # noqa: FBT001 - hypothesis gives it
    assert not is_cut(json.dumps(document, ensure_ascii=escaped))


@given(st.text() | st.text(alphabet='{}[]",:\\u09tfna-e. ', max_size=30))
def test_any_text_can_be_asked(text: str):
    is_cut(text)
    read_cut_json(text)


@pytest.mark.parametrize(
    ("cut", "left"),
    [
        ('{"city": "Lisbon", "day": "2026-', {"city": "Lisbon", "day": "2026-…"}),
        ('{"city": "Lisbon", "da', {"city": "Lisbon"}),
        ('{"city": "Lisbon", "nights":', {"city": "Lisbon"}),
        ('{"city": "Lisbon", "nights": 1', {"city": "Lisbon"}),
        ('{"done": true, "found": fal', {"done": True}),
        ('[{"a": 1}, {"b": 2,', [{"a": 1}, {"b": 2}]),
        ('["caf\\u00', ["caf…"]),
        ('["ends in a backslash\\', ["ends in a backslash…"]),
        ('["a backslash\\\\', ["a backslash\\…"]),
        ("{", {}),
        ('[[["deep', [[["deep…"]]]),
        ('{"a": [1, 2, 3]', {"a": [1, 2, 3]}),
    ],
)
def test_what_is_whole_of_a_cut_text_is_kept(cut: str, left: Any):
    assert read_cut_json(cut) == left


@pytest.mark.parametrize(
    "cut",
    [
        '{"a": 1, "text": "long… (12,345 more characters)',
        '{"a": 1, "text": "long... (truncated)',
        '{"a": 1, "text": "long<truncated due to size exceeding limit>',
    ],
)
def test_a_sender_may_say_that_it_cut(cut: str):
    assert is_cut(cut)
    assert read_cut_json(cut) == {"a": 1, "text": "long…"}


def test_plain_text_that_says_so_was_cut_too():
    assert is_cut("It was a dark and stormy night… (2,000 more characters)")


@pytest.mark.parametrize(
    "text", ["[1] as the report says", "{'python': 'repr'", "[Note] no", "", "plain", "[1, 2] 3", "{]", '{"a" 1']
)
def test_what_is_not_json_is_not_cut_json(text: str):
    assert not is_cut(text)
    assert read_cut_json(text) is None


def test_a_long_text_that_was_cut_is_read_in_passing():
    entries = [{"role": "user", "content": "x" * 100}] * 5_000

    assert read_cut_json(json.dumps(entries)[:-10]) == [*entries[:-1], {"role": "user", "content": "x" * 93 + "…"}]


@pytest.mark.parametrize("cut", ['{"a": "}", "b": [1]', '{"a": "x}', '["]", [1]', '{"a": {"b": "}"}'])
def test_brackets_in_what_is_said_close_nothing(cut: str):
    assert is_cut(cut)
