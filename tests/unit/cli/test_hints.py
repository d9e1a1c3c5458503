"""The commands that go on with a session, and what kind of answer a question wants."""

import shlex

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.cli.hints import Hints, told_schema
from reev_flow.runtime.inbox import Asked
from reev_flow.sessions.records import Question

QUESTION = Asked(Question(text="Which?"), "ask#1@1", is_open=True, is_answered=False)
DOUBT = Asked(Question(text="Did it happen?", in_doubt=True), "pay#1@1", is_open=True, is_answered=False)
NAMES = st.text(min_size=1)


@given(session_id=NAMES, store=NAMES, app=NAMES)
def test_a_command_is_read_by_the_shell_as_it_was_meant(session_id: str, store: str, app: str):
    words = shlex.split(Hints(store=store, app=app).resume(session_id))
    options = ["--app", app, "--store", store]
    is_like_option = session_id.startswith("-")
    assert words == [
        "reev-flow",
        "resume",
        *([*options, "--", session_id] if is_like_option else [session_id, *options]),
    ]


def test_an_id_that_looks_like_an_option_stands_behind_all_options():
    hints = Hints(store="a store")
    assert hints.show("--help") == "reev-flow sessions show --store 'a store' -- --help"
    assert hints.answers("-1", {"ask#1": QUESTION, "pay#1": DOUBT}) == [
        "reev-flow sessions answer --question 'ask#1' --store 'a store' -- -1 VALUE",
        "reev-flow sessions answer --happened --result JSON --question 'pay#1' --store 'a store' -- -1",
        "reev-flow sessions answer --not-happened --question 'pay#1' --store 'a store' -- -1",
    ]


def test_a_single_question_need_not_be_named():
    assert Hints().answers("s-1", {"ask#1": QUESTION}) == ["reev-flow sessions answer s-1 VALUE"]


def test_several_questions_are_named_and_a_doubt_has_two_answers():
    assert Hints().answers("s-1", {"ask#1": QUESTION, "pay#1": DOUBT}) == [
        "reev-flow sessions answer s-1 VALUE --question 'ask#1'",
        "reev-flow sessions answer s-1 --happened --result JSON --question 'pay#1'",
        "reev-flow sessions answer s-1 --not-happened --question 'pay#1'",
    ]


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({}, "JSON"),
        ({"type": "boolean"}, "true or false"),
        ({"type": "string"}, "text"),
        ({"enum": ["a", 2]}, 'one of "a", 2'),
        ({"type": "object", "properties": {"a": {}, "b": {}}}, "a JSON object with a, b"),
        ({"$ref": "#/$defs/Offer", "$defs": {"Offer": {"properties": {"price": {}}}}}, "a JSON object with price"),
        ({"type": ["string", "null"]}, "JSON"),
        ({"$ref": "#/$defs/Gone"}, "JSON"),
        ({"$ref": "#/$defs/Odd", "$defs": 3}, "JSON"),
    ],
)
def test_a_schema_is_told_in_a_few_words(schema: object, told: str):
    assert told_schema(msgspec.json.encode(schema)) == told


@pytest.mark.parametrize("schema", [b"", b"nonsense", b"[]", b"true"])
def test_what_is_no_schema_wants_nothing(schema: bytes):
    assert told_schema(schema) == ""
