"""The digest of arguments says whether a step is called with what it was called with before."""

import dataclasses
import datetime as dt
import enum
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reev_flow.values import digest as taken
from reev_flow.values.digest import digest, has_changed
from reev_flow.values.registry import Codecs


class Color(enum.Enum):
    RED = 1


@dataclasses.dataclass
class Order:
    id: int
    client: Any = None


class Client:
    def __init__(self, url: str) -> None:
        self.url = url


def make_twin(module: str) -> Any:
    twin = dataclasses.make_dataclass("Twin", [("x", int)])
    twin.__module__ = module
    return twin


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1, "b": [2]}, {"b": [2], "a": 1}),
        ({"a": {1: 2, (3,): 4}}, {"a": {(3,): 4, 1: 2}}),
        ({*range(100)}, {*range(99, -1, -1)}),
        (frozenset({("a", 1), ("b", 2)}), frozenset({("b", 2), ("a", 1)})),
        (float("nan"), float("nan")),
        (Order(1), Order(1)),
        (make_twin("__main__")(1), make_twin("shop")(1)),
        (Client("one"), Client("other")),
        ([1, Client("one")], [1, Client("other")]),
        (Order(1, Client("one")), Order(1, Client("other"))),
        (lambda: 1, lambda: 2),
    ],
)
def test_these_are_the_same_arguments(one: Any, other: Any):
    assert digest(one) == digest(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0), (1, True), (0.0, -0.0), (0, None), ("1", 1), ("a", b"a"), (b"a", bytearray(b"a")),
        ([1], (1,)), ([1, 2], [2, 1]), ({1}, frozenset({1})), ({"1": 1}, {1: 1}), ([], {}),
        (Decimal(1), Decimal("1.0")), (PurePosixPath("a"), "a"), (Color.RED, 1), (Color.RED, "RED"),
        (dt.datetime(2026, 1, 1), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)),  # noqa: DTZ001 - naive is meant
        (Order(1), Order(2)), (Order(1), {"id": 1, "client": None}),
        (Order(1, Client("one")), Order(2, Client("one"))),
        (Client("one"), object()), ({"$tuple": [1]}, (1,)), ("a\ud800", "a\udc00"),
    ],
)  # fmt: skip
def test_these_are_other_arguments(one: Any, other: Any):
    assert digest(one) != digest(other)


def test_a_value_inside_itself_has_a_digest():
    value: list[Any] = [1]
    value.append(value)
    assert digest(value) == digest(value)
    assert digest(value) != digest([1])


def test_a_value_too_deep_to_be_stored_has_a_digest():
    value: Any = []
    for _ in range(5000):
        value = [value]
    assert digest(value) != digest([])


def test_a_value_too_large_to_look_at_counts_by_its_type(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(taken, "MOST_ITEMS", 10)
    assert digest([0] * 11) == digest([1] * 12) != digest((0,) * 11)


def test_a_digest_never_uses_up_an_iterator():
    numbers = iter([1, 2])
    digest([numbers])
    assert list(numbers) == [1, 2]


def test_a_codec_that_fails_leaves_the_type():
    codecs = Codecs()
    codecs.register(Client, encode=lambda _: 1 // 0, decode=Client)
    assert digest(Client("one"), codecs=codecs) == digest(Client("one"))


# Digests are stored: these stand for what earlier processes, Python versions and releases wrote.
@pytest.mark.parametrize(
    ("value", "hexadecimal"),
    [
        ([["a", 1.5, 1e16, 1e-7, 2**70, None, True, "ü"], {"b": 1, "a": 2}], "01d5a5b77ee958afb161a6531d4a5f8884"),
        (
            [(1, {2, 3}), b"x", Decimal("1.50"), Order(7), Color.RED, Client("x"), dt.date(2026, 1, 2)],
            "013df0d5cf6efa4015af2915db483fabf4",
        ),
    ],
    ids=["plain", "tagged"],
)
def test_a_digest_is_what_it_always_was(value: Any, hexadecimal: str):
    assert digest(value).hex() == hexadecimal


def test_a_digest_does_not_depend_on_the_process():
    code = (
        "from reev_flow.values.digest import digest; print(digest([{'a', 'b', 'c', ('d',)}, {'x': {1.5, None}}]).hex())"
    )
    told = [run(code, PYTHONHASHSEED=seed) for seed in ("1", "2")]
    assert told == [digest([{"a", "b", "c", ("d",)}, {"x": {1.5, None}}]).hex()] * 2


def run(code: str, **variables: str) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **variables}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout.strip()


@settings(deadline=None)
@given(st.dictionaries(st.text(), st.integers() | st.floats(allow_nan=False), max_size=6), st.randoms())
def test_the_order_of_keys_never_matters(value: dict[str, Any], chance: Any):
    keys = list(value)
    chance.shuffle(keys)
    assert digest({key: value[key] for key in keys}) == digest(value)


def test_a_change_is_told_of_two_digests_that_differ():
    assert has_changed(digest(1), digest(2))
    assert not has_changed(digest(1), digest(1))


@pytest.mark.parametrize(
    ("former", "current"),
    [(None, digest(1)), (digest(1), None), (b"\x00" + digest(1)[1:], digest(2))],
    ids=["not recorded", "not taken", "of another version"],
)
def test_no_change_is_told_where_nobody_knows(former: bytes | None, current: bytes | None):
    assert not has_changed(former, current)
