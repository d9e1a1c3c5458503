"""What stands in the store: it is read by later versions, so it may not change unnoticed."""

import dataclasses
import datetime as dt
import enum
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest

from reev_flow.values.registry import Codecs
from reev_flow.values.tagged import decode, encode


class Color(enum.Enum):
    RED = 1


class Right(enum.Flag):
    READ = 1
    WRITE = 2


@dataclasses.dataclass
class Order:
    id: int
    paid: Any = None


UTC_NOON = dt.datetime(2026, 1, 2, 12, tzinfo=dt.UTC)
BERLIN_NOON = dt.datetime(2026, 1, 2, 12, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (None, b"null"),
        ({"b": [1, -0.5, True, "ü"], "a": None}, '{"b":[1,-0.5,true,"ü"],"a":null}'.encode()),
        ({"$tuple": [1]}, b'{"$tuple":[1]}'),
        ((1, {2}), b'\x01{"$tuple":[1,{"$set":[2]}]}'),
        (({"$tuple": [1]},), b'\x01{"$tuple":[{"$dict":[["$tuple",[1]]]}]}'),
        ({3: b"x"}, b'\x01{"$dict":[[3,{"$bytes":"eA=="}]]}'),
        (frozenset({3, 1, 2}), b'\x01{"$frozenset":[1,2,3]}'),
        (float("nan"), b'\x01{"$float":"nan"}'),
        ([2**80, -(2**80)], b"[1208925819614629174706176,-1208925819614629174706176]"),
        ((2**80,), b'\x01{"$tuple":[{"$int":"0x100000000000000000000"}]}'),
        ("\ud800", b'\x01{"$str":"7aCA"}'),
        (bytearray(b"x"), b'\x01{"$bytearray":"eA=="}'),
        (1j, b'\x01{"$complex":[0.0,1.0]}'),
        (Decimal("1.50"), b'\x01{"$decimal":"1.50"}'),
        (Fraction(1, 3), b'\x01{"$fraction":[1,3]}'),
        (UUID(int=1), b'\x01{"$uuid":"00000000-0000-0000-0000-000000000001"}'),
        (UTC_NOON, b'\x01{"$datetime":"2026-01-02T12:00:00+00:00"}'),
        (
            BERLIN_NOON,
            b'\x01{"$datetime":{"local":"2026-01-02T12:00:00","fold":0,"tzinfo":{"$zoneinfo":"Europe/Berlin"}}}',
        ),
        (UTC_NOON.date(), b'\x01{"$date":"2026-01-02"}'),
        (dt.time(1, 2), b'\x01{"$time":"01:02:00"}'),
        (dt.timedelta(1, 2, 3), b'\x01{"$timedelta":[1,2,3]}'),
        (dt.UTC, b'\x01{"$timezone":[{"$timedelta":[0,0,0]}]}'),
        (PurePosixPath("a/b"), b'\x01{"$PurePosixPath":"a/b"}'),
        (msgspec.UNSET, b'\x01{"$unset":null}'),
        (Color.RED, b'\x01{"$enum":["%s:Color","RED"]}' % __name__.encode()),
        (Right.READ, b'\x01{"$enum":["%s:Right","READ"]}' % __name__.encode()),
        (Right.READ | Right.WRITE, b'\x01{"$enum":["%s:Right",["READ","WRITE",0]]}' % __name__.encode()),
        (Order(7, {"x": 1}), b'\x01{"$object":["%s:Order",{"id":7,"paid":{"x":1}}]}' % __name__.encode()),
    ],
)
def test_a_value_has_one_stored_form(value: Any, stored: bytes):
    assert encode(value, annotation=Order | Color | Right) == stored
    assert decode(stored, annotation=Order | Color | Right) == value or value != value  # noqa: PLR0124 - NaN


def test_a_registered_type_is_stored_under_the_name_of_its_codec():
    codecs = Codecs()
    codecs.register(range, encode=lambda r: [r.start, r.stop], decode=lambda ends: range(*ends), name="range")
    assert encode(range(2, 5), codecs=codecs) == b'\x01{"$codec":["range",[2,5]]}'
