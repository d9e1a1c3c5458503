import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.collect.otlp_values import (
    read_bytes,
    read_float,
    read_id,
    read_integer,
    read_kind,
    read_nanoseconds,
    read_status,
    settle_times,
)
from reev_flow.trace.span import Flag, SpanKind, Status

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


@given(st.sampled_from((8, 16)).flatmap(lambda size: st.binary(min_size=size, max_size=size)))
def test_an_id_is_the_same_in_hex_of_any_case_and_in_base64(raw: Any):
    spellings = (raw.hex(), raw.hex().upper(), base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode())

    assert {read_id(spelling) for spelling in spellings} == {raw.hex() if any(raw) else None}


@pytest.mark.parametrize("nothing", [None, "", "0000000000000000", 7, [], {}])
def test_an_id_of_nothing_is_none(nothing: Any):
    assert read_id(nothing) is None


def test_an_id_of_another_kind_stays_as_it_is():
    assert read_id("Step 1") == "Step 1"
    assert read_id("ä") == "ä"


@pytest.mark.parametrize("spelling", [3, "3", "SPAN_KIND_CLIENT", "CLIENT", "client"])
def test_a_kind_is_read_by_number_and_by_name(spelling: Any):
    assert read_kind(spelling) is SpanKind.CLIENT


@pytest.mark.parametrize("spelling", [2, "2", "STATUS_CODE_ERROR", "Error"])
def test_a_status_is_read_by_number_and_by_name(spelling: Any):
    assert read_status(spelling) is Status.ERROR


@given(anything)
def test_anything_else_is_no_kind_and_no_status(raw: Any):
    assert read_kind(raw) in SpanKind
    assert read_status(raw) in Status
    assert isinstance(read_nanoseconds(raw), int)
    assert isinstance(read_integer(raw), int | None)
    assert isinstance(read_float(raw), float | None)
    assert isinstance(read_bytes(raw), bytes | None)
    assert isinstance(read_id(raw), str | None)


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_integers_are_read_from_numbers_and_from_text(number: int):
    assert read_integer(number) == read_integer(str(number)) == number


@pytest.mark.parametrize("wrong", [True, 1.5, float("inf"), "1e3", "one", "", 1 << 63, "9" * 30, [1]])
def test_what_is_no_64_bit_integer_is_none(wrong: Any):
    assert read_integer(wrong) is None


def test_a_whole_float_is_an_integer():
    assert read_integer(3.0) == 3


def test_floats_are_read_from_the_words_of_protobuf():
    assert read_float("-Infinity") == float("-inf")
    assert read_float(10**400) is None
    assert read_float("wide") is None


def test_bytes_are_base64():
    assert read_bytes("aGk=") == b"hi"
    assert read_bytes("a") is None


@pytest.mark.parametrize(
    ("raw", "nanoseconds"),
    [("1700000000000000000", 1_700_000_000_000_000_000), (12, 12), (1.5e18, 1_500_000_000_000_000_000), (None, 0)],
)
def test_times_are_read_from_text_and_numbers(raw: Any, nanoseconds: int):
    assert read_nanoseconds(raw) == nanoseconds


@pytest.mark.parametrize("wrong", [-1, "-1", "soon", True, float("nan"), 1 << 64, "9" * 20, "9" * 5_000])
def test_a_time_that_cannot_be_is_missing(wrong: Any):
    assert read_nanoseconds(wrong) == 0


@pytest.mark.parametrize(
    ("start", "end", "settled"),
    [
        (5, 9, (5, 9, set())),
        (5, 0, (5, 5, {Flag.UNFINISHED})),
        (0, 9, (0, 9, {Flag.MISSING_START})),
        (0, 0, (0, 0, {Flag.MISSING_START, Flag.UNFINISHED})),
        (9, 5, (9, 5, set())),
    ],
)
def test_missing_times_are_flagged(start: int, end: int, settled: tuple[int, int, frozenset[Flag]]):
    assert settle_times(start, end) == settled
