"""Placeholders are filled from values and nothing else."""

import dataclasses
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import msgspec
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.errors import UnfillableTemplate
from reev_flow.flows.plans.templates import BadTemplate, fill_template, parse_template, placeholders_of


@dataclasses.dataclass
class Route:
    venue: str
    hops: list[int]
    _secret: str = "hidden"

    def pay(self) -> str:
        raise AssertionError("nothing is called")


class Price(msgspec.Struct):
    amount: float


class Quote(pydantic.BaseModel):
    venue: str


class Colour(Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("as it is\n{not a placeholder}", "as it is\n{not a placeholder}"),
        (3, "3"),
        (2.5, "2.5"),
        (True, "true"),
        (None, "null"),
        ([1, "two"], '[1,"two"]'),
        ({"größe": 1}, '{"größe":1}'),
        ((1, 2), "[1,2]"),
        ({"c", "a", "b"}, '["a","b","c"]'),
        (Decimal("1.50"), "1.50"),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00Z"),
        (Colour.RED, "red"),
        (Price(2.5), '{"amount":2.5}'),
        (b"abc", "YWJj"),
        (Quote(venue="north"), '{"venue":"north"}'),
    ],
)
def test_a_value_is_shown_as_text_or_json(value: Any, text: str):
    assert fill_template("{it}", {"it": value}) == text


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{quote.price.amount}", "2.5"),
        ("{quote.routes.1.venue}", "south"),
        ("{quote.routes.0.hops.2}", "7"),
        ("{quote.dashed-name}", "yes"),
        ("{{quote}} and {{{quote.dashed-name}}}", "{quote} and {yes}"),
        ("", ""),
        ("100 % {{}}", "100 % {}"),
    ],
)
def test_fields_are_looked_up_in_dicts_lists_and_declared_fields(template: str, text: str):
    quote = {"price": Price(2.5), "routes": [Route("north", [3, 5, 7]), Route("south", [])], "dashed-name": "yes"}
    assert fill_template(template, {"quote": quote}) == text


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{quote.colour}", "{quote.colour} cannot be filled: quote has no 'colour' (it has venue, hops, _secret); "),
        ("{price.__pydantic_fields_set__}", "price has no '__pydantic_fields_set__' (it has venue)"),
        ("{quote.pay}", "quote has no 'pay'"),
        ("{quote.__class__}", "quote has no '__class__'"),
        ("{quote.hops.3}", "quote.hops has no '3' (it is a list)"),
        ("{quote.hops.-1}", "quote.hops has no '-1'"),
        ("{quote.hops.99999999999999999999}", "quote.hops has no '99999999999999999999'"),
        ("{quote.venue.upper}", "quote.venue has no 'upper' (it is a str)"),
        ("{lend}", "what may be named here has no 'lend' (it has quote, price)"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(template: str, told: str):
    with pytest.raises((UnfillableTemplate, BadTemplate)) as refused:
        fill_template(template, {"quote": Route("north", [1, 2]), "price": Quote(venue="north")})
    assert told in str(refused.value)


def test_what_cannot_be_shown_is_refused():
    with pytest.raises(UnfillableTemplate, match="a object cannot be shown as text"):
        fill_template("{it}", {"it": object()})


def test_a_dict_with_many_keys_is_told_shortly():
    with pytest.raises(UnfillableTemplate, match=r"it has k0, k1, k2, k3, k4, k5, k6, k7, …"):
        fill_template("{it.x}", {"it": {f"k{number}": 0 for number in range(99)}})


@pytest.mark.parametrize(
    "template",
    ["{", "}", "a } b", "{a} }", "{a{b}}", "{}", "{ a }", "{a!r}", "{a:>10}", "{a[0]}", "{0}", "{a..b}", "{.a}"],
)
def test_a_brace_that_means_nothing_is_refused(template: str):
    with pytest.raises(BadTemplate, match="at character"):
        parse_template(template)


def test_a_long_mistake_is_shown_shortly():
    with pytest.raises(BadTemplate) as refused:
        parse_template("{" + "x y" * 1_000 + "}")
    assert len(str(refused.value)) < 120


@given(st.text())
def test_text_with_doubled_braces_comes_back(text: str):
    assert fill_template(text.replace("{", "{{").replace("}", "}}"), {}) == text


@given(st.text(alphabet="{}ab. \n", max_size=40))
def test_any_text_is_a_template_or_refused(text: str):
    try:
        names = {placeholder.name for placeholder in placeholders_of(text)}
    except BadTemplate:
        return
    assert names <= {
        "a",
        "b",
        "ab",
        "ba",
        *(each for each in text.replace("{", " ").replace("}", " ").replace(".", " ").split()),
    }
