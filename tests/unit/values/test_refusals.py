"""A value that would not come back as it is, is refused with its path, its type and what to do."""

import array
import asyncio
import collections
import datetime as dt
import io
import re
import struct
import subprocess
import zoneinfo
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from reev_flow.values.refusal import UnstorableValue
from reev_flow.values.registry import Codecs
from reev_flow.values.tagged import encode


class Text(str):
    __slots__ = ()


class Number(float):
    pass


class Local(dt.tzinfo):
    def utcoffset(self, moment: dt.datetime | None) -> dt.timedelta:
        return dt.timedelta(0)

    def tzname(self, moment: dt.datetime | None) -> str:
        return "local"

    def dst(self, moment: dt.datetime | None) -> None: ...


class Vector:
    def tolist(self) -> list[int]:
        return []


async def work() -> None: ...


def refusal(value: Any, **options: Any) -> str:
    with pytest.raises(UnstorableValue) as refused:
        encode(value, **options)
    return str(refused.value)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (Text("a"), f"({__name__}.Text) would come back as a plain str; return a str made of it, or register a codec"),
        (Number(1), "would come back as a plain float"),
        (collections.OrderedDict(a=1), "(collections.OrderedDict) would come back as a plain dict; return a dict made of it"),
        (collections.defaultdict(int), "would come back as a plain dict"),
        (collections.Counter("a"), "would come back as a plain dict"),
        (msgspec.Raw(b"1"), "is of a type that is not stored"),
        (object(), "(object) is of a type that is not stored; return the data it stands for, or register a codec for its type"),
        (memoryview(b""), "(memoryview) is of a type that is not stored"),
        (array.array("i"), "return its .tolist()"),
        (Vector(), "return its .tolist()"),
        (iter([]), "return the list of what it gives"),
        ((each for each in [1]), "return the list of what it gives"),
        (len, "return its name and look it up where it is used"),
        (int, "return its name and look it up where it is used"),
        (subprocess, "return its name and look it up where it is used"),
        (ValueError("x"), "(ValueError) is of a type that is not stored"),
        (..., "(ellipsis) is of a type that is not stored"),
        (range(3), "(range) is of a type that is not stored"),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_a_type_that_would_not_come_back_is_refused_with_advice(value: Any, told: str):
    assert told in refusal(value)


def test_something_to_be_awaited_is_refused_before_it_is_lost():
    coroutine = work()
    try:
        assert "await it and return what it gives" in refusal(coroutine)
    finally:
        coroutine.close()
    loop = asyncio.new_event_loop()
    assert "await it and return what it gives" in refusal(loop.create_future())
    loop.close()


UNSTORABLE = object()


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"orders": [0, {"price": UNSTORABLE}]}, 'result["orders"][1]["price"]'),
        ((1, UNSTORABLE), "result[1]"),
        ({1: {None: UNSTORABLE}}, "result[1][None]"),
        ({(1, 2): UNSTORABLE}, "result[<tuple>]"),
        ({10**5000: UNSTORABLE}, "result[<int>]"),
        ({"$a": [UNSTORABLE]}, 'result["$a"][0]'),
        ({UNSTORABLE}, "result{…}"),
        ({"a": {(1, UNSTORABLE): 1}}, 'result["a"]{key}[1]'),
        ({'a "b"\n': UNSTORABLE}, 'result["a \\"b\\"\\n"]'),
        ({"k" * 100: UNSTORABLE}, 'result["' + "k" * 40 + '…"]'),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_path_leads_to_the_value(value: Any, path: str):
    with pytest.raises(UnstorableValue) as refused:
        encode(value)
    assert refused.value.path == path
    assert refused.value.kind == "object"


def test_the_path_begins_with_the_name_of_what_is_stored():
    assert refusal([UNSTORABLE], name="arguments").startswith("arguments[0] (object) ")


def test_a_refusal_is_one_line():
    assert "\n" not in refusal({"a\nb": {"c\u2028d": UNSTORABLE}})


def test_a_time_zone_that_cannot_be_found_again_is_refused():
    moment = dt.datetime(2026, 1, 1, tzinfo=Local())
    assert refusal([moment]).startswith(f"result[0].tzinfo ({__name__}.Local) is of a type that is not stored")


def test_a_zone_read_from_a_file_is_refused():
    header = b"TZif\0" + bytes(15) + struct.pack(">6l", 0, 0, 0, 0, 1, 4)
    nameless = zoneinfo.ZoneInfo.from_file(io.BytesIO(header + bytes(6) + b"UTC\0"))
    assert "has no key to find the zone by" in refusal(nameless)


def test_a_list_inside_itself_is_refused():
    value: list[Any] = [1]
    value.append({"again": value})
    assert refusal(value).startswith('result[1]["again"] (list) contains itself')


def test_a_cycle_that_multiplies_is_refused_all_the_same():
    parent: dict[str, Any] = {"children": []}
    parent["children"] = [{"parent": parent} for _ in range(10)]
    assert "contains itself" in refusal(parent)


def test_what_is_reached_twice_but_not_inside_itself_is_stored():
    shared = (1,)
    assert encode([shared, shared])


@pytest.mark.parametrize("innermost", [1, Decimal(1)], ids=["plain", "tagged"])
def test_nesting_below_the_limit_is_refused(innermost: Any):
    value = innermost
    for _ in range(101):
        value = [value]
    told = refusal(value)
    assert "(list) is nested more than 100 levels deep" in told
    assert told.startswith("result[0][0][0][0][0][0]…[0][0][0][0][0][0] ")


def test_a_large_value_is_refused_with_its_size():
    assert refusal(["x" * 100], limit_bytes=50) == (
        "result (list) takes 104 bytes of the 50 allowed; keep it in a file and return its path"
    )


@pytest.mark.parametrize(
    "value", [[0] * 100, [Decimal(0)] * 100, (0,) * 100, {*range(100)}], ids=["plain", "tagged", "tuple", "set"]
)
def test_a_value_of_too_many_items_is_refused(value: Any):
    assert re.search(r"takes .*50 (bytes )?allowed", refusal(value, limit_bytes=50))


def test_a_value_that_multiplies_by_sharing_is_refused():
    value: Any = []
    for _ in range(60):
        value = [value, value]
    assert "takes more than the 10,000 bytes allowed" in refusal(value, limit_bytes=10_000)


@pytest.mark.parametrize("limit_bytes", [1, 2, 3, 4])
def test_a_value_of_exactly_the_limit_is_stored(limit_bytes: int):
    assert len(encode(10 ** (limit_bytes - 1), limit_bytes=limit_bytes)) == limit_bytes


def test_a_codec_that_fails_is_named_and_its_error_kept():
    codecs = Codecs()
    codecs.register(range, encode=lambda _: 1 // 0, decode=range)
    with pytest.raises(UnstorableValue, match="made its codec 'range' fail with ZeroDivisionError") as refused:
        encode([range(3)], codecs=codecs)
    assert isinstance(refused.value.__cause__, ZeroDivisionError)


def test_a_codec_that_gives_back_the_value_itself_is_refused():
    codecs = Codecs()
    codecs.register(range, encode=lambda value: value, decode=range)
    assert "contains itself" in refusal(range(3), codecs=codecs)


def test_a_stack_too_full_to_store_from_is_told():
    def fill_stack_then_store(value: Any) -> str:
        try:
            return fill_stack_then_store(value)
        except RecursionError:
            return refusal(value)

    value: Any = Decimal(1)
    for _ in range(100):
        value = [value]
    assert "is nested too deeply for the stack it is stored from" in fill_stack_then_store(value)
