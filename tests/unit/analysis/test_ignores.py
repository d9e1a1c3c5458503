"""Which findings do not count, and why."""

import datetime as dt

import pytest

from reev_flow.analysis.findings import Finding, Severity
from reev_flow.analysis.rules.ignores import SortedOut, sort_out
from reev_flow.analysis.rules.wishes import Ignore
from reev_flow.trace.trace import Trace
from support.draw import draw
from support.redraw import redraw

RUN = """
    flow:trip             ##########
      agent:planner       ########
        tool:search       ##
        tool:fetch          ##
"""
SEARCH, FETCH = "0000000000000003", "0000000000000004"


def finding(*evidence: str, code: str = "RF101") -> Finding:
    return Finding(
        code=code, name="n", severity=Severity.WARNING, message="m", advice="a", evidence=evidence, confidence=0.9
    )


def sorted_by(ignore: Ignore, *evidence: str) -> SortedOut:
    return sort_out(draw(RUN), [finding(*evidence)], [ignore])


def saying(name: str, value: object) -> Trace:
    return redraw(draw(RUN), name, attributes={"reev.ignore": value})


def test_without_ignores_every_finding_counts():
    found = [finding(SEARCH)]
    assert sort_out(draw(RUN), found, []).kept == tuple(found)


def test_what_does_not_count_keeps_its_reason():
    (ignored,) = sorted_by(Ignore(code="RF101", reason="known"), SEARCH).ignored
    assert (ignored.reason, ignored.is_in_trace) == ("known", False)


COVERED = {
    "the flow": Ignore(code="RF101", reason="r", flow="trip"),
    "the tool": Ignore(code="RF101", reason="r", tool="search"),
    "tools that begin so": Ignore(code="RF101", reason="r", tool="sea*"),
    "the span": Ignore(code="RF101", reason="r", name="search"),
}
NOT_COVERED = {
    "another code": Ignore(code="RF102", reason="r"),
    "another flow": Ignore(code="RF101", reason="r", flow="tour"),
    "another tool": Ignore(code="RF101", reason="r", tool="fetch"),
    "another span": Ignore(code="RF101", reason="r", name="planner"),
}


@pytest.mark.parametrize("ignore", COVERED.values(), ids=COVERED.keys())
def test_an_ignore_concerns(ignore: Ignore):
    assert sorted_by(ignore, SEARCH).kept == ()


@pytest.mark.parametrize("ignore", NOT_COVERED.values(), ids=NOT_COVERED.keys())
def test_an_ignore_does_not_concern(ignore: Ignore):
    assert sorted_by(ignore, SEARCH).ignored == ()


def test_a_finding_about_other_tools_too_counts():
    assert sorted_by(Ignore(code="RF101", reason="r", tool="search"), SEARCH, FETCH).ignored == ()


def test_an_ignore_holds_on_its_last_day_and_not_on_the_next():
    ignore = Ignore(code="RF101", reason="r", until=dt.date(2027, 1, 1))
    assert [ignore.has_expired(dt.date(2027, 1, day)) for day in (1, 2)] == [False, True]


@pytest.mark.parametrize("name", ["search", "planner", "trip"])
def test_a_span_can_say_so_itself_or_one_around_it(name: str):
    (ignored,) = sort_out(saying(name, "RF101: a demo"), [finding(SEARCH)], []).ignored
    assert (ignored.reason, ignored.is_in_trace) == ("a demo", True)


@pytest.mark.parametrize("value", ["RF101", "RF101:", "RF102: other", 7, "", ["RF101"]])
def test_a_span_that_gives_no_reason_for_the_code_is_not_heard(value: object):
    assert sort_out(saying("search", value), [finding(SEARCH)], []).ignored == ()


def test_a_span_may_give_several_reasons():
    trace = saying("search", ["RF101: one", "RF102: two"])
    assert len(sort_out(trace, [finding(SEARCH), finding(SEARCH, code="RF102")], []).ignored) == 2


def test_a_span_speaks_for_nobody_beside_it():
    assert sort_out(saying("fetch", "RF101: a demo"), [finding(SEARCH)], []).ignored == ()
