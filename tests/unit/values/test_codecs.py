"""A program teaches how to store types of its own."""

import collections
import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import pytest

from reev_flow.values.refusal import InvalidCodec, UnreadableValue, UnstorableValue
from reev_flow.values.registry import Codecs
from reev_flow.values.tagged import decode, encode


class Money:
    def __init__(self, amount: int, currency: object) -> None:
        self.amount = amount
        self.currency = currency


@dataclasses.dataclass
class Line:
    amount: int


@dataclasses.dataclass
class Invoice:
    lines: list[Line]


def write_money(money: Money) -> dict[str, object]:
    return {"amount": money.amount, "currency": money.currency}


def read_money(stored: dict[str, Any]) -> Money:
    return Money(**stored)


@pytest.fixture
def codecs() -> Codecs:
    taught = Codecs()
    taught.register(Money, encode=write_money, decode=read_money, name="money")
    return taught


def test_a_registered_type_comes_back_through_its_codec(codecs: Codecs):
    (money,) = decode(encode([Money(5, ("E", "UR"))], codecs=codecs), codecs=codecs)
    assert (type(money), money.amount, money.currency) == (Money, 5, ("E", "UR"))


def test_what_a_codec_gives_is_refused_by_its_own_path(codecs: Codecs):
    with pytest.raises(UnstorableValue) as refused:
        encode([Money(5, object())], codecs=codecs)
    assert refused.value.path == "result[0].currency"


def test_a_subclass_of_a_registered_type_is_not_meant(codecs: Codecs):
    class Dollars(Money): ...

    with pytest.raises(UnstorableValue, match="Dollars"):
        encode(Dollars(1, ""), codecs=codecs)


def test_a_codec_goes_before_the_fields_of_a_class():
    taught = Codecs()
    taught.register(Line, encode=lambda line: line.amount, decode=lambda amount: Line(amount + 1))
    assert decode(encode(Line(1), codecs=taught), codecs=taught) == Line(2)


def test_a_container_of_the_standard_library_can_be_taught():
    taught = Codecs()
    taught.register(collections.OrderedDict, encode=dict, decode=collections.OrderedDict)
    read = decode(encode({"a": collections.OrderedDict(b=1)}, codecs=taught), codecs=taught)
    assert read == {"a": collections.OrderedDict(b=1)}
    assert type(read["a"]) is collections.OrderedDict


def test_a_class_registered_without_functions_is_allowed_with_all_its_fields_name():
    taught = Codecs()
    assert taught.register(Invoice) is Invoice
    assert decode(encode(Invoice([Line(1)]), codecs=taught), codecs=taught) == Invoice([Line(1)])


def test_a_class_registered_again_after_a_reload_replaces_itself():
    taught = Codecs()
    old, new = (dataclasses.make_dataclass("Reloaded", [("x", int)]) for _ in range(2))
    taught.register(old)
    stored = encode(old(1), codecs=taught)
    taught.register(new)
    assert decode(stored, codecs=taught) == new(1)


def test_a_named_class_goes_before_a_registered_one_of_its_name():
    taught = Codecs()
    old, new = (dataclasses.make_dataclass("Reloaded", [("x", int)]) for _ in range(2))
    taught.register(old)
    stored = encode(new(1), annotation=new, codecs=taught)
    assert decode(stored, annotation=new, codecs=taught) == new(1)


def test_a_codec_registered_again_after_a_reload_replaces_itself():
    taught = Codecs()
    for kind in (type("Reloaded", (), {}), type("Reloaded", (), {})):
        taught.register(kind, encode=vars, decode=functools.partial(make, kind))
        assert type(decode(encode(kind(), codecs=taught), codecs=taught)) is kind


def make(kind: type[Any], _: object) -> object:
    return kind()


def test_what_was_stored_under_a_former_name_can_still_be_read(codecs: Codecs):
    stored = encode(Money(5, "EUR"), codecs=codecs)
    codecs.register(Money, encode=write_money, decode=read_money, name="money-2")
    assert decode(stored, codecs=codecs).amount == 5


@pytest.mark.parametrize(
    ("register", "told"),
    [
        (
            lambda codecs: codecs.register(Line, encode=str),
            "codec 'Line': needs both `encode` and `decode`, or neither",
        ),
        (lambda codecs: codecs.register(bytes, encode=str, decode=str), "codec 'bytes': bytes is stored without one"),
        (lambda codecs: codecs.register(str, encode=str, decode=str), "codec 'str': str is stored without one"),
        (
            lambda codecs: codecs.register(Line, encode=str, decode=str, name="money"),
            f"codec 'money': the name already means {__name__}.Money; give another with `name=`",
        ),
    ],
    ids=["half", "standard", "plain", "name taken"],
)
def test_a_codec_that_cannot_be_is_refused(codecs: Codecs, register: Callable[[Codecs], object], told: str):
    with pytest.raises(InvalidCodec) as refused:
        register(codecs)
    assert str(refused.value) == told


def test_a_codec_that_is_missing_when_reading_is_named(codecs: Codecs):
    with pytest.raises(
        UnreadableValue, match=r"result\[0\] cannot be read back: no codec is called 'money'; register it before"
    ):
        decode(encode([Money(5, "EUR")], codecs=codecs))


def test_a_codec_that_gives_back_another_type_is_told():
    taught = Codecs()
    taught.register(Money, encode=write_money, decode=lambda stored: stored)
    with pytest.raises(UnreadableValue, match=r"the codec 'Money' gave back a dict; let `decode` give a .*Money"):
        decode(encode(Money(1, ""), codecs=taught), codecs=taught)
