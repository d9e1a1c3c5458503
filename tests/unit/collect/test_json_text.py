import json
import math
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.collect.json_text import InvalidJson, read_entries, read_fields, read_json, scan_json

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(json_values)
def test_json_is_read_as_the_standard_library_reads_it(value: Any):
    assert read_json(json.dumps(value).encode()) == json.loads(json.dumps(value))


@given(st.binary(max_size=40))
def test_no_bytes_break_the_reader(data: bytes):
    with suppress(InvalidJson):
        read_json(data)


def test_half_a_surrogate_pair_becomes_a_replacement_character():
    assert read_json(rb'["\ud800", "\udc00!", "\ud83d\ude00"]') == ["\ufffd", "\ufffd!", "😀"]


def test_a_backslash_before_u_is_no_surrogate():
    assert read_json(rb'["\\ud800", "\ud800"]') == [r"\ud800", "\ufffd"]


def test_bytes_that_are_not_utf8_become_replacement_characters():
    assert read_json(b'["a\xffb"]') == ["a\ufffdb"]


def test_numbers_beyond_json_are_read():
    infinity, nothing, huge = read_json(b"[Infinity, NaN, 1e999]")

    assert infinity == huge == math.inf
    assert math.isnan(nothing)


def test_control_characters_in_strings_are_read():
    assert read_json(b'["\x1b[0m"]') == ["\x1b[0m"]


def test_several_peculiarities_at_once_are_read():
    assert read_json(rb'["\ud800", Infinity]') == ["\ufffd", math.inf]


@pytest.mark.parametrize("data", [b"[" * 100_000 + b"]" * 100_000, b"[NaN," + b"[" * 100_000 + b"]" * 100_001])
def test_nesting_without_end_is_told(data: bytes):
    with pytest.raises(InvalidJson, match="nested too deeply"):
        read_json(data)


@pytest.mark.parametrize("data", [b'{"a": [1, 2', b'{"a": "un', b'{"a": tru', b"[1, 2,", b""])
def test_a_value_that_breaks_off_is_told_as_such(data: bytes):
    with pytest.raises(InvalidJson) as caught:
        read_json(data)

    assert caught.value.is_cut


def test_a_mistake_is_told_with_its_line_and_column():
    with pytest.raises(InvalidJson) as caught:
        read_json(b'{"a": 1,\n "b" 2,\n "c": "long enough to see that this is not the end"}')

    assert (caught.value.line, caught.value.is_cut) == (2, False)
    assert "column 6" in caught.value.details


def test_a_number_of_too_many_digits_is_told():
    with pytest.raises(InvalidJson, match="digit"):
        read_json(b"[NaN, " + b"9" * 5_000 + b"]")


def test_a_byte_order_mark_and_a_record_separator_are_passed_over():
    assert read_json(scan_json(b"\xef\xbb\xbf[1]")) == [1]
    assert read_json(scan_json(b"\x1e[1]")) == [1]


def test_scanning_leaves_parts_unread():
    fields = read_fields(scan_json(b'{"spans": [{"name": "plan"}, 7]}')) or {}

    entries = read_entries(fields["spans"]) or []
    assert all(isinstance(entry, msgspec.Raw) for entry in entries)
    assert [read_json(entry) for entry in entries] == [{"name": "plan"}, 7]


def test_what_only_a_lenient_reader_understands_has_the_same_parts():
    fields = read_fields(scan_json(b'{"spans": [NaN, 7]}')) or {}

    assert (read_entries(fields["spans"]) or [])[1:] == [7]


@pytest.mark.parametrize("document", [b"7", b"null", b'"text"', b"[NaN]", b"[1]"])
def test_what_is_no_object_has_no_fields(document: bytes):
    assert read_fields(scan_json(document)) is None


@pytest.mark.parametrize("document", [b"7", b"null", b'{"a": NaN}', b"{}"])
def test_what_is_no_array_has_no_entries(document: bytes):
    assert read_entries(scan_json(document)) is None
