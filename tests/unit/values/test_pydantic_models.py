"""Models of pydantic come back with their exact state, and pydantic is loaded only by those who use it."""

import datetime as dt
import os
import subprocess
import sys
from functools import cached_property
from typing import Any, Generic, TypeVar

import pytest

from reev_flow.values.refusal import UnreadableValue, UnstorableValue
from reev_flow.values.tagged import decode, encode

pytest.importorskip("pydantic", minversion="2")
import pydantic
import pydantic.dataclasses

Content = TypeVar("Content")


class Line(pydantic.BaseModel):
    sku: str
    count: int = pydantic.Field(default=1, alias="amount", ge=1)


class Invoice(pydantic.BaseModel):
    lines: list[Line]
    at: dt.datetime
    total: Any = None
    _seen: set[int] = pydantic.PrivateAttr(default_factory=set)

    @cached_property
    def size(self) -> int:
        return len(self.lines)


class Open(pydantic.BaseModel, extra="allow"):
    x: int


class Frozen(pydantic.BaseModel, frozen=True):
    x: int


class Wrapper(pydantic.BaseModel, Generic[Content]):
    content: Content


class Names(pydantic.RootModel[list[str]]): ...


@pydantic.dataclasses.dataclass
class Point:
    x: int


def stored_and_read(value: Any, annotation: Any = None) -> Any:
    annotation = annotation or type(value)
    return decode(encode(value, annotation=annotation), annotation=annotation)


def invoice() -> Invoice:
    return Invoice(lines=[Line(sku="a", amount=2)], at="2026-01-02T03:04:05+02:00", total=(1, 2))  # type: ignore[arg-type] # it reads text


@pytest.mark.parametrize(
    "value",
    [invoice(), Open(x=1), Open.model_validate({"x": 1, "$y": (2,)}), Frozen(x=1), Wrapper[Line](content=Line(sku="a")), Names(["a"]), Point(1)],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_a_model_comes_back_equal(value: Any):
    read = stored_and_read(value)
    assert read == value
    assert type(read) is type(value)


def test_private_attributes_come_back():
    value = invoice()
    value._seen.add(7)
    assert stored_and_read(value)._seen == {7}


def test_which_fields_were_set_comes_back():
    assert stored_and_read(Line(sku="a")).model_fields_set == {"sku"}
    assert stored_and_read(Line(sku="a", amount=1)).model_fields_set == {"sku", "count"}


def test_a_model_is_not_validated_again():
    value = Line(sku="a")
    value.count = -5
    assert stored_and_read(value).count == -5


def test_a_moment_read_by_pydantic_keeps_its_kind_of_zone():
    at = invoice().at
    assert type(stored_and_read(at).tzinfo) is type(at.tzinfo)
    assert stored_and_read(at) == at


def test_a_cached_property_is_not_stored():
    value = invoice()
    assert value.size == 1
    assert "size" not in vars(stored_and_read(value))


def test_what_a_model_holds_is_refused_by_its_path():
    with pytest.raises(UnstorableValue) as refused:
        encode([Wrapper(content=object())], annotation=Wrapper)
    assert refused.value.path == "result[0].content"


def changed_line(**fields: Any) -> Any:
    now = pydantic.create_model("Line", __module__=__name__, **fields)
    return decode(encode(Line(sku="a"), annotation=Line), annotation=now)


def test_a_field_added_since_gets_its_default():
    assert changed_line(sku=(str, ...), count=(int, 1), note=(str, "none")).note == "none"


def test_a_field_added_since_without_default_is_an_error():
    with pytest.raises(UnreadableValue, match="its field 'note' was not stored"):
        changed_line(sku=(str, ...), count=(int, 1), note=(str, ...))


def test_a_model_of_the_first_pydantic_is_refused():
    if sys.version_info >= (3, 14):
        pytest.skip("pydantic.v1 does not run there")
    from pydantic import v1

    class Old(v1.BaseModel):
        x: int

    with pytest.raises(UnstorableValue, match="is of a type that is not stored"):
        encode(Old(x=1), annotation=Old)


def test_storing_other_values_does_not_load_pydantic():
    code = (
        "import sys, dataclasses; from reev_flow.values.tagged import encode, decode\n"
        "Order = dataclasses.make_dataclass('Order', ['x'])\n"
        "decode(encode(({1}, Order(1)), annotation=Order), annotation=Order)\n"
        "print([name for name in sys.modules if name.startswith('pydantic')])"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
