"""What spans say in `reev.ignore` that leaves out no finding."""

import pytest

from reev_flow.analysis.rules.void_ignores import VoidIgnore, void_ignores
from reev_flow.trace.trace import Trace
from support.draw import draw
from support.redraw import redraw

RUN = """
    agent:planner       ########
      tool:search       ##
      tool:fetch          ##
"""
SEARCH, FETCH = "0000000000000002", "0000000000000003"


def saying(**values: object) -> Trace:
    trace = draw(RUN)
    for name, value in values.items():
        trace = redraw(trace, name, attributes={"reev.ignore": value})
    return trace


def problems(value: object) -> list[tuple[str, str]]:
    return [(one.text, one.problem) for one in void_ignores(saying(search=value))]


@pytest.mark.parametrize("text", ["RF101", "RF101:", "rf101 :  "])
def test_a_code_without_a_reason_is_void(text: str):
    assert problems(text) == [(text, "gives no reason")]


@pytest.mark.parametrize("text", ["RF999: known", "", "we know about that", "RF1: a demo"])
def test_a_reason_for_what_is_no_code_is_void(text: str):
    assert problems(text) == [(text, "begins with no code of a finding")]


def test_what_is_no_text_is_void():
    assert problems(7) == [("int", "is no text")]


@pytest.mark.parametrize("value", ["RF101: a demo", "rf101:a demo", ["RF101: a demo", "RF102: too"]])
def test_what_counts_is_not_void(value: object):
    assert problems(value) == []


def test_of_several_texts_those_that_do_not_count_are_told():
    assert problems(["RF101", "RF102: a demo"]) == [("RF101", "gives no reason")]


def test_spans_that_say_the_same_are_told_together():
    assert void_ignores(saying(search="RF101", fetch="RF101")) == (
        VoidIgnore(text="RF101", problem="gives no reason", span_ids=(SEARCH, FETCH)),
    )


def test_a_long_text_is_cut():
    assert problems("x" * 1_000)[0][0] == "x" * 80 + "…"
