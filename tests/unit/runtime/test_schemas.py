"""Whether an answer fits what the question wants, for those who do not know the program."""

from typing import Any, Literal

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.runtime.schemas import misfit


class Payment(msgspec.Struct):
    amount: int
    currency: str = "EUR"
    inner: "Payment | None" = None


def schema_of(kind: Any) -> bytes:
    return msgspec.json.encode(msgspec.json.schema(kind))


FITTING: list[tuple[Any, Any]] = [
    (bool, True),
    (int, 5),
    (float, 5),
    (float, 0.5),
    (str, "yes"),
    (None, None),
    (int | None, None),
    (list[int], [1, 2]),
    (dict[str, int], {"a": 1}),
    (Literal["yes", "no"], "no"),
    (Payment, {"amount": 3}),
    (Payment, {"amount": 3, "inner": {"amount": 4, "inner": None}}),
    (Any, {"anything": [1]}),
]
MISFITTING: list[tuple[Any, Any, str]] = [
    (bool, "yes", "answer is to be of type boolean"),
    (bool, 1, "boolean"),
    (int, True, "integer"),
    (int, 0.5, "integer"),
    (float, "1", "number"),
    (str, 1, "string"),
    (list[int], [1, "2"], r"answer\[1\] is to be of type integer"),
    (list[int], {"0": 1}, "array"),
    (Literal["yes", "no"], "perhaps", 'answer is none of "no", "yes"'),
    (Payment, {"currency": "EUR"}, 'answer lacks "amount"'),
    (Payment, {"amount": "3"}, r"answer\.amount is to be of type integer"),
    (Payment, {"amount": 3, "inner": {"amount": None}}, r"answer\.inner\.amount"),
    (int | str, 0.5, "answer"),
]


@pytest.mark.parametrize(("kind", "value"), FITTING, ids=repr)
def test_what_fits(kind, value):
    assert misfit(value, schema_of(kind)) == ""


@pytest.mark.parametrize(("kind", "value", "complaint"), MISFITTING, ids=repr)
def test_what_does_not_fit_is_told_with_its_place(kind, value, complaint):
    with pytest.raises(ValueError, match=complaint):
        raise ValueError(misfit(value, schema_of(kind)))


def test_without_a_schema_everything_fits():
    assert misfit(object(), b"") == ""


@pytest.mark.parametrize(
    "schema",
    [
        b"{",
        b"true",
        b"[]",
        b'{"type": 5}',
        b'{"type": "decimal"}',
        b'{"$ref": "#/nowhere"}',
        b'{"$ref": "#"}',
        b'{"$ref": "https://example.com/schema"}',
        b'{"minimum": 10}',
        b'{"anyOf": []}',
        b'{"anyOf": 5}',
        b'{"enum": "yes"}',
        b'{"anyOf": [{"$ref": "#"}]}',
    ],
)
def test_a_schema_that_is_not_understood_stops_nobody(schema):
    assert misfit(5, schema) == ""


def test_a_schema_that_refers_to_itself_ends():
    assert misfit(5, b'{"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}') == ""


def test_unknown_names_are_told_when_they_are_not_wanted():
    schema = msgspec.json.encode({"type": "object", "properties": {"a": {}}, "additionalProperties": False})
    assert misfit({"b": 1}, schema) == 'answer has unknown "b"'


def test_one_of_several_forms_is_enough():
    schema = msgspec.json.encode({"oneOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]})
    assert misfit([1], schema) == ""
    assert misfit(["1"], schema).startswith("answer fits none of 2 forms: ")


def test_several_types_are_told_together():
    assert misfit(1, b'{"type": ["string", "null"]}') == "answer is to be of type string or null"


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from([0.5, -0.25]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["amount", "inner", "a"]), inner),
    max_leaves=5,
)


@given(st.sampled_from([bool, int, str, list[int], dict[str, int], int | None, Payment, Literal["a", 1]]), JSON)
def test_what_a_full_validator_lets_pass_passes(kind, value):
    schema = msgspec.json.schema(kind)
    if jsonschema.Draft202012Validator(schema).is_valid(value):
        assert misfit(value, msgspec.json.encode(schema)) == ""


WORDS = ["type", "enum", "anyOf", "oneOf", "items", "properties", "required", "additionalProperties", "$ref", "$defs"]
SCHEMAS: st.SearchStrategy[Any] = st.recursive(
    JSON | st.sampled_from(["object", "array", "integer", "#/$defs", "#/items", "#"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner),
)


@given(SCHEMAS, JSON)
def test_whatever_the_schema_nothing_breaks(schema, value):
    assert isinstance(misfit(value, msgspec.json.encode(schema)), str)
