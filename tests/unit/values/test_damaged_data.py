"""Data that `encode` did not write gives one clear error, and runs nothing."""

import contextlib
import dataclasses
import enum
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reev_flow.values.reader import READERS
from reev_flow.values.refusal import UnreadableValue
from reev_flow.values.standard import CODECS
from reev_flow.values.tagged import decode, encode


class Color(enum.Enum):
    RED = 1


@dataclasses.dataclass
class Order:
    id: Any = None


class Note(msgspec.Struct):
    text: Any = None


TAGS = [*READERS, *(f"${codec.name}" for codec in CODECS), "$unknown"]
NAMES = [f"{__name__}:{kind.__qualname__}" for kind in (Order, Note, Color)]

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from(NAMES),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(max_size=3), inner, max_size=3),
        st.dictionaries(st.sampled_from(TAGS), inner, min_size=1, max_size=1),
        st.tuples(st.sampled_from(NAMES), st.dictionaries(st.sampled_from(["id", "text", "x"]), inner, max_size=2)).map(
            lambda pair: {"$object": list(pair)}
        ),
    ),
    max_leaves=10,
)


def read(data: bytes) -> None:
    with contextlib.suppress(UnreadableValue):
        decode(data, annotation=Order | Note | Color)


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_are_read_or_refused(data: bytes):
    read(data)
    read(b"\x01" + data)


@settings(deadline=None)
@given(json_values)
def test_any_tags_are_read_or_refused(stored: Any):
    read(b"\x01" + json.dumps(stored).encode())


@settings(deadline=None)
@given(st.data())
def test_a_changed_byte_is_read_or_refused(data: st.DataObject):
    stored = bytearray(
        encode(({1: Order(Note("a"))}, {Color.RED}, b"abc", 1.5, 2**70), annotation=Order | Note | Color)
    )
    stored[data.draw(st.integers(0, len(stored) - 1))] ^= data.draw(st.integers(1, 255))
    read(bytes(stored))


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        (b"", "it is not JSON (Input data was truncated)"),
        (b"{", "it is not JSON"),
        (b'"\xff"', "it is not JSON"),
        (b"\x01", "it is not JSON"),
        (b"\x02[]", "it is of version 2 of the format, which is newer; update reev-flow"),
        (b"[" * 100_000, "it is nested too deeply for the stack it is read from"),
        (b"\x01" + b"[" * 100_000, "it is nested too deeply for the stack it is read from"),
        (b'\x01[{"$new":1}]', "result[0] cannot be read back: the tag $new is not known"),
        (b'\x01{"a":{"$set":[],"b":1}}', 'result["a"] cannot be read back: it has a tag among other keys'),
        (b'\x01{"$set":[1,1]}', "something is in it twice"),
        (b'\x01{"$dict":[[1,2],[1,3]]}', "something is in it twice"),
        (b'\x01{"$dict":[[[],2]]}', "$dict failed with TypeError"),
        (b'\x01{"$dict":[[1,{"$new":1}]]}', "result[1] cannot be read back: the tag $new is not known"),
        (
            b'\x01{"$tuple":[1,{"$decimal":"x"}]}',
            "result[1] cannot be read back: $decimal failed with InvalidOperation",
        ),
        (
            b'\x01{"$zoneinfo":"../../etc/passwd"}',
            "$zoneinfo failed with ValueError: '../../etc/passwd' is no key of a zone",
        ),
        (b'\x01{"$zoneinfo":"No/Where"}', "$zoneinfo failed with ZoneInfoNotFoundError"),
        (b'\x01{"$object":["os:system",{"command":"true"}]}', "no class called os:system is allowed to be rebuilt"),
        (b'\x01{"$enum":["os:system","RED"]}', "no class called os:system is allowed to be rebuilt"),
        (b'\x01{"$codec":["eval","1+1"]}', "no codec is called 'eval'"),
        (b'\x01{"$object":3}', "$object failed with TypeError"),
        (b'\x01{"$object":["shop:Order",{"x":1}]}', "Order has no field 'x' any more"),
        (
            b'\x01{"$object":["shop:Order",{"id":{"$new":1}}]}',
            "result.id cannot be read back: the tag $new is not known",
        ),
    ],
    ids=lambda value: repr(value[:40]),
)
def test_damaged_data_is_told_by_what_is_wrong(stored: bytes, told: str):
    with pytest.raises(UnreadableValue) as unreadable:
        decode(stored, annotation=Order)
    assert told in str(unreadable.value)
