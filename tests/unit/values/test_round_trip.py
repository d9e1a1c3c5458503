"""A stored value comes back equal and of the same type, so that a first run and a resumed one cannot differ."""

import dataclasses
import datetime as dt
import enum
import math
import sys
import zoneinfo
from decimal import Decimal
from fractions import Fraction
from pathlib import PosixPath, PurePosixPath, PureWindowsPath, WindowsPath
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reev_flow.values.tagged import decode, encode
from support.alike import alike


class Color(enum.Enum):
    RED = enum.auto()
    BLUE = enum.auto()


class Speed(enum.IntEnum):
    SLOW = 1
    FAST = 2


class Word(enum.StrEnum):
    YES = "yes"
    NO = "no"


class Right(enum.Flag):
    READ = enum.auto()
    WRITE = enum.auto()


class Bits(enum.IntFlag):
    ONE = 1
    FOUR = 4


class Place(NamedTuple):
    x: Any
    y: Any = 0


@dataclasses.dataclass
class Box:
    content: Any
    label: str = "box"


@dataclasses.dataclass(frozen=True, slots=True)
class Pair:
    left: Any
    right: Any
    total: Any = dataclasses.field(init=False, default=None)


class Note(msgspec.Struct, frozen=True):
    text: Any
    written: Any = msgspec.UNSET


# Drawing sets, hypothesis prints what it draws from, and that is long here.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

CLASSES = Color | Speed | Word | Right | Bits | Place | Box | Pair | Note

ZONES = ("UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu")
EVEN_DAY = dt.timedelta(hours=24)

offsets = st.timedeltas(-EVEN_DAY, EVEN_DAY).filter(lambda offset: abs(offset) < EVEN_DAY)
zones = st.one_of(
    st.none(),
    st.builds(dt.timezone, offsets),
    st.builds(dt.timezone, offsets, st.text()),
    st.sampled_from(ZONES).map(zoneinfo.ZoneInfo),
)
texts = st.text(st.characters(), max_size=8)  # halves of surrogate pairs too
datetimes = st.builds(
    lambda at, fold, zone: at.replace(fold=fold, tzinfo=zone), st.datetimes(), st.integers(0, 1), zones
)
times = st.builds(lambda at, fold, zone: at.replace(fold=fold, tzinfo=zone), st.times(), st.integers(0, 1), zones)
plain_atoms = st.none() | st.booleans() | st.integers() | st.floats() | texts
hashable_atoms = st.one_of(
    plain_atoms,
    st.integers(-(2**200), 2**200),
    st.binary(max_size=8),
    st.complex_numbers(),
    st.decimals().filter(lambda number: not number.is_snan()),
    st.fractions(),
    datetimes,
    times,
    st.dates(),
    st.timedeltas(),
    offsets.map(dt.timezone),
    st.uuids(),
    st.sampled_from(
        (*Color, *Speed, *Word, *Right, *Bits, Right.READ | Right.WRITE, Right(0), Bits(5), Bits(8), msgspec.UNSET)
    ),
    texts.filter(lambda text: "\0" not in text).map(PurePosixPath),
    st.sampled_from(("C:/a b", "a\\b", "//host/share/x", ".")).map(PureWindowsPath),
)
hashables = st.recursive(
    hashable_atoms,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple),
        st.frozensets(inner, max_size=3),
        st.builds(Place, inner, inner),
        st.builds(Pair, inner, inner),
        st.builds(Note, inner),
    ),
    max_leaves=6,
)

values = st.recursive(
    hashables | st.binary(max_size=8).map(bytearray),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.sets(hashables, max_size=4),
        st.dictionaries(texts | st.sampled_from(("$", "$tuple", "$dict")), inner, max_size=4),
        st.dictionaries(hashables, inner, max_size=4),
        st.builds(Box, inner),
        st.builds(Note, inner, inner),
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(values)
def test_any_value_comes_back_alike(value: Any):
    assert alike(decode(encode(value, annotation=CLASSES), annotation=CLASSES), value)


@settings(deadline=None)
@given(values)
def test_what_came_back_is_stored_as_the_same_bytes(value: Any):
    stored = encode(value, annotation=CLASSES)
    assert encode(decode(stored, annotation=CLASSES), annotation=CLASSES) == stored


@pytest.mark.parametrize(
    "value",
    [
        math.nan, -math.inf, -0.0, 5e-324, 1e16, 2**63, -(2**63) - 1, 2**64, 10**6000, -(10**6000),
        Decimal("-0"), Decimal("NaN123"), Decimal("-sNaN"), Decimal("1E+999999"), Decimal("1.10"),
        Fraction(-1, 3), complex(math.nan, -0.0), UUID(int=0),
        "", "\0", "half a pair \ud83d", "two halves \ud83d\ude00", "\u2028", b"", b"\xff", bytearray(b"a"),
        (), [], {}, set(), frozenset(), [()], {(): {}}, {None: 1, True: 2, 1.5: 3}, {10**5000: 1}, {1: "int", "1": "str"},
        dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999999),  # noqa: DTZ001 - naive is meant
        dt.date.min, dt.timedelta.min, dt.timedelta.max,
        dt.timezone(dt.timedelta(hours=1), "CET"), dt.datetime(2026, 1, 1, tzinfo=dt.timezone(dt.timedelta(microseconds=1))),
        PosixPath("a") if sys.platform != "win32" else WindowsPath("a"), PurePosixPath("//a/../b"), PurePosixPath("\udcff"),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_the_edge_of_a_type_comes_back_alike(value: Any):
    assert alike(decode(encode(value)), value)


def test_the_second_of_two_equal_hours_comes_back_as_the_second():
    berlin = zoneinfo.ZoneInfo("Europe/Berlin")
    later = dt.datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=1)
    assert decode(encode(later)).utcoffset() == dt.timedelta(hours=1)


def test_a_fixed_offset_keeps_its_name():
    moment = dt.datetime(2026, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=1), "CET"))
    assert decode(encode(moment)).tzname() == "CET"


def test_dicts_keep_the_order_of_their_keys():
    assert list(decode(encode({"b": 1, "a": (), "$": 3}))) == ["b", "a", "$"]


def test_a_dict_that_looks_like_a_tag_comes_back_as_it_was():
    value = {"$tuple": [1, 2], "inside": ({"$set": [1]}, {"$unknown": 1})}
    assert decode(encode(value)) == value


def test_equal_sets_are_stored_as_the_same_bytes_whatever_their_history():
    grown = set(range(100))
    shrunk = {*range(1000)} - {*range(100, 1000)}
    assert encode(grown) == encode(shrunk)


def test_a_value_reached_twice_comes_back_as_two():
    shared = [1]
    first, second = decode(encode((shared, shared)))
    assert first == second == [1]
    assert first is not second


@pytest.mark.parametrize("depth", [1, 50, 100])
def test_a_value_may_nest_to_the_limit(depth: int):
    plain: Any = 1
    tagged: Any = Decimal(1)
    for _ in range(depth):
        plain, tagged = [plain], ({1: tagged},) if depth < 50 else (tagged,)
    assert decode(encode(plain)) == plain
    assert decode(encode(tagged)) == tagged
