"""What this package writes on its own spans, and that it is read back as it was meant."""

from typing import Any

import pytest
from hypothesis import given as with_any
from hypothesis import strategies as st

from reev_flow.collect.own_words import (
    LONGEST_CONTENT,
    STEP_WORDS,
    WORDS,
    Words,
    as_text,
    given,
    identity,
    returned,
    span_name,
)
from reev_flow.trace.span import Operation, Span
from support.spans import model_of, tool_of, understood

NAMED = [one for one in Operation if one not in {Operation.RETRIEVAL, Operation.EMBEDDING}]


def written(operation: Operation, value: object = None, result: object = None, *, words: Words | None = None) -> Span:
    words = words or WORDS[operation]
    attributes = {**identity(operation, words, "thing"), **given(words, value), **returned(words, result)}
    return understood(attributes, name=span_name(words, "thing"), kind=words.kind)


@pytest.mark.parametrize("operation", Operation)
def test_every_operation_is_read_back(operation: Operation):
    assert written(operation).operation is operation


@pytest.mark.parametrize("operation", NAMED)
def test_a_span_is_called_what_it_is_about(operation: Operation):
    assert written(operation).label == "thing"


@pytest.mark.parametrize("operation", Operation)
def test_a_step_is_called_what_it_is_about_whatever_it_does(operation: Operation):

    assert written(operation, words=STEP_WORDS[operation]).label == "thing"


def test_other_tools_find_the_names_that_the_conventions_give():
    attributes = identity(Operation.TOOL, WORDS[Operation.TOOL], "search")
    assert attributes["gen_ai.operation.name"] == "execute_tool"
    assert attributes["gen_ai.tool.name"] == "search"
    assert span_name(WORDS[Operation.TOOL], "search") == "execute_tool search"


TOOL_VALUES: list[Any] = [{"a": [1, None]}, [1, 2], "text", "5", "true", '{"a": 1}', "null", 5, 2.5, True, "", []]


@pytest.mark.parametrize("value", TOOL_VALUES, ids=repr)
def test_arguments_and_results_of_a_tool_come_back_as_they_were(value: object):
    span = written(Operation.TOOL, value, value)
    assert (span.input, span.output) == (value, value)
    assert type(span.output) is type(value)


@with_any(st.text(st.characters(exclude_categories=())))
def test_any_text_that_a_tool_gives_comes_back(text: str):
    assert written(Operation.TOOL, result=text).output == text.encode(errors="replace").decode()


def test_a_tool_is_told_by_name():
    assert tool_of(written(Operation.TOOL)).name == "thing"


def test_what_a_model_said_is_its_answer():
    assert model_of(written(Operation.LLM, "hello", "good day")).answer == "good day"


def test_what_a_step_asked_of_a_model_said_is_its_answer():
    span = written(Operation.LLM, {"prompt": "hello"}, "good day", words=STEP_WORDS[Operation.LLM])
    assert (model_of(span).answer, model_of(span).name) == ("good day", "")


def test_what_a_flow_gave_back_stays_text():
    assert written(Operation.FLOW, result="42").output == "42"


def test_nothing_is_written_for_what_is_not_known():
    assert given(WORDS[Operation.TOOL], None) == {}


class Broken:
    def __repr__(self) -> str:
        raise RuntimeError("no words")


class Model:
    def model_dump(self, *, mode: str) -> dict[str, str]:
        return {"mode": mode}


TEXTS: list[tuple[object, str]] = [
    ("as it is", "as it is"),
    ({"a": 1}, '{"a":1}'),
    ({1}, "[1]"),
    (Model(), '{"mode":"json"}'),
    (len, '"<built-in function len>"'),
    ({(1, 2): 3}, '{"(1, 2)":3}'),
    (Broken(), '"<Broken>"'),
    ({Broken(): 1}, '{"<Broken>":1}'),
    ("\ud800", "?"),
    (["\ud800"], "['\\ud800']"),
]


@pytest.mark.parametrize(("value", "expected"), TEXTS, ids=lambda value: type(value).__name__)
def test_anything_becomes_text(value: object, expected: str):
    assert as_text(value) == expected


def test_a_value_that_contains_itself_becomes_text():
    value: list[object] = []
    value.append(value)
    assert as_text(value) == "[[...]]"


def test_what_is_too_long_is_cut_and_says_so():
    ((_, text),) = given(WORDS[Operation.STEP], "x" * (LONGEST_CONTENT + 1_234)).items()
    assert text == "x" * LONGEST_CONTENT + "… (1,234 more characters)"


def test_a_name_that_cannot_be_encoded_is_mended():
    assert span_name(WORDS[Operation.TOOL], "a\ud800") == "execute_tool a?"
