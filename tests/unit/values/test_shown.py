"""Stored values as somebody looks at them, who has none of the classes."""

import enum
import math
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.values.registry import Codecs
from reev_flow.values.shown import shown, shown_call
from reev_flow.values.tagged import encode


@dataclass
class Order:
    id: int
    tags: tuple[str, ...] = ()


class Color(enum.Enum):
    RED = 1


class Right(enum.Flag):
    READ = 1
    WRITE = 2


class Money:
    def __init__(self, amount: str) -> None:
        self.amount = amount


NAIVE = datetime.fromisoformat("2026-05-01T12:00:00").replace(fold=1)
BERLIN = datetime(2026, 5, 1, 12, tzinfo=ZoneInfo("Europe/Berlin"))

SHOWN: list[tuple[object, object, object]] = [
    (None, None, None),
    ("text", None, "text"),
    ([1, 2.5, {"a": True}], None, [1, 2.5, {"a": True}]),
    ({"$a": 1}, None, {"$a": 1}),
    ((1, (2,)), None, [1, [2]]),
    ({3}, None, [3]),
    ({3: "x"}, None, {"3": "x"}),
    ({(1, 2): "x"}, None, {"[1,2]": "x"}),
    ({3: "x", "3": "y"}, None, [[3, "x"], ["3", "y"]]),
    ({"$a": 1, 2: 3}, None, {"$a": 1, "2": 3}),
    (b"x", None, "eA=="),
    (math.nan, None, "nan"),
    (-math.inf, None, "-inf"),
    ((10**30,), None, [10**30]),
    ((2**4000,), None, ["about 2^4000"]),
    ((-(2**4000),), None, ["about -2^4000"]),
    ("\ud800", None, "\N{REPLACEMENT CHARACTER}" * 3),
    (Order(7, ("new",)), Order, {"id": 7, "tags": ["new"]}),
    (Color.RED, Color, "RED"),
    (Right.READ | Right.WRITE, Right, "READ|WRITE"),
    (Right(0), Right, "0"),
    (Decimal("1.50"), None, "1.50"),
    (Fraction(1, 3), None, "1/3"),
    (1 + 2j, None, [1.0, 2.0]),
    (datetime(2026, 5, 1, 12, tzinfo=UTC), None, "2026-05-01T12:00:00+00:00"),
    (BERLIN, None, "2026-05-01T12:00:00 Europe/Berlin"),
    (NAIVE, None, "2026-05-01T12:00:00"),
    (date(2026, 5, 1), None, "2026-05-01"),
    (time(12, 30), None, "12:30:00"),
    (timedelta(days=1, seconds=1), None, "86401 s"),
    (timedelta(microseconds=3), None, "0.000003 s"),
    (timedelta(microseconds=-3), None, "-0.000003 s"),
    (uuid.UUID(int=3), None, "00000000-0000-0000-0000-000000000003"),
    (PurePosixPath("a/b"), None, "a/b"),
    ([msgspec.UNSET], None, [None]),
]


@pytest.mark.parametrize(("value", "annotation", "expected"), SHOWN, ids=lambda value: repr(value)[:30])
def test_a_value_is_shown_as_json(value: object, annotation: object, expected: object):
    assert shown(encode(value, annotation=annotation)) == expected


def test_a_value_with_a_codec_of_its_own_is_shown_as_what_is_stored():
    codecs = Codecs()
    codecs.register(Money, encode=lambda money: {"amount": money.amount}, decode=lambda parts: Money(**parts))
    assert shown(encode(Money("1.50"), codecs=codecs)) == {"amount": "1.50"}


def test_no_data_is_no_value():
    assert shown(b"") is None


def test_a_value_of_a_later_release_says_so():
    assert shown(b"\x02anything") == "(of a newer release)"


@pytest.mark.parametrize("data", [b"\xff", b"{", b'\x01{"$dict":[1]}', b'\x01{"$enum":3}', b"\x01" + b"[" * 100_000])
def test_what_cannot_be_read_says_so(data: bytes):
    assert shown(data) == "(unreadable)"


@given(st.binary())
def test_nothing_makes_it_fail(data: bytes):
    shown(b"\x01" + data)


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(JSON)
def test_json_is_shown_as_it_is(value: Any):
    assert shown(encode(value)) == value


@given(JSON)
def test_what_is_shown_can_be_told_as_json(value: Any):
    assert msgspec.json.encode(shown(encode((value, {1: value}))))


CALLS: list[tuple[list[object], dict[str, object], object]] = [
    ([], {}, {}),
    ([], {"city": "Oslo"}, {"city": "Oslo"}),
    (["Oslo", 3], {}, ["Oslo", 3]),
    (["Oslo"], {"days": 3}, {"*": ["Oslo"], "days": 3}),
]


@pytest.mark.parametrize(("args", "kwargs", "expected"), CALLS)
def test_arguments_are_shown_by_name_when_they_have_names(
    args: list[object], kwargs: dict[str, object], expected: object
):
    assert shown_call(encode([args, kwargs])) == expected


def test_arguments_that_were_not_kept_are_not_shown():
    assert shown_call(b"") is None


def test_what_is_no_call_is_shown_as_it_is():
    assert shown_call(encode("plan")) == "plan"
