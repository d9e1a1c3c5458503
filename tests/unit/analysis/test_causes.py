"""What each span is known to have waited for."""

import msgspec
import pytest

from reev_flow.analysis.path.causes import known_causes
from reev_flow.collect.assemble import assemble_one
from reev_flow.trace.semantics import REEV_AFTER
from reev_flow.trace.span import Span, Value
from reev_flow.trace.trace import Trace
from support.draw import draw
from support.told_causes import NOTHING, Told, tell_causes

PLAN = """
    plan          ##########
      search       ###
        fetch      #
      weather      ####
      answer            ###
"""
EVERY_SPAN_NOTHING = (None,) * 5


def starts(trace: Trace) -> dict[str, list[str] | None]:
    return by_name(trace, known_causes(trace).starts)


def ends(trace: Trace) -> dict[str, list[str] | None]:
    return by_name(trace, known_causes(trace).ends)


def by_name(trace: Trace, waits: object) -> dict[str, list[str] | None]:
    """Of the spans of which something is known."""
    return {
        span.name: [trace.spans[cause].name for cause in causes]
        for span, causes in zip(trace.spans, waits, strict=True)  # type: ignore[call-overload]
        if causes is not None
    }


def told(after: Told = NOTHING, joined: Told = NOTHING) -> Trace:
    return tell_causes(draw(PLAN), after=after, joined=joined)


def test_of_spans_that_tell_nothing_nothing_is_known():
    causes = known_causes(draw(PLAN))
    assert (tuple(causes.starts), tuple(causes.ends)) == (EVERY_SPAN_NOTHING, EVERY_SPAN_NOTHING)


def test_a_start_waited_for_the_siblings_that_it_tells():
    assert starts(told(after={"answer": ["search", "weather"]})) == {"answer": ["search", "weather"]}


def test_an_end_waited_for_the_children_that_it_tells():
    assert ends(told(after={"answer": []}, joined={"plan": ["answer"]})) == {"plan": ["answer"]}


def test_to_have_waited_for_nothing_is_something_known():
    assert starts(told(after={"weather": []})) == {"weather": []}


@pytest.mark.parametrize(
    ("span", "cause"),
    [
        pytest.param("answer", "nobody", id="an id that is not in the trace"),
        pytest.param("answer", "fetch", id="a span that is no sibling"),
        pytest.param("answer", "answer", id="itself"),
        pytest.param("weather", "search", id="a sibling that ended later"),
    ],
)
def test_what_cannot_have_been_waited_for_makes_a_start_unknown(span: str, cause: str):
    assert starts(told(after={span: [cause], "search": []})) == {"search": []}


@pytest.mark.parametrize("cause", ["nobody", "fetch", "plan"])
def test_what_is_no_child_makes_an_end_unknown(cause: str):
    assert ends(told(after={"search": []}, joined={"plan": ["answer", cause]})) == {}


def test_a_child_that_outlives_its_parent_was_not_waited_for_at_its_end():
    trace = draw("""
        plan     ###
          job     #####
    """)
    assert ends(tell_causes(trace, after={"job": []}, joined={"plan": ["job"]})) == {}


@pytest.mark.parametrize("value", ["search", 7, None, [7], [["search"]], {"search": 1}])
def test_what_is_no_list_of_ids_tells_nothing(value: Value):
    trace = told(after={"search": []})
    spans = [
        msgspec.structs.replace(span, attributes={REEV_AFTER: value}) if span.name == "answer" else span
        for span in trace.spans
    ]
    assert starts(assemble_one(spans)) == {"search": []}


def test_an_id_that_two_spans_have_tells_nothing():
    trace = told(after={"answer": ["search"]})
    search = next(span for span in trace.spans if span.name == "search")
    twin = msgspec.structs.replace(search, name="twin")
    assert starts(assemble_one([*trace.spans, twin])) == {}


def test_roots_that_name_the_same_missing_parent_are_siblings():
    spans = [moment("first", 0, parent_id="elsewhere"), moment("second", 1, "first", parent_id="elsewhere")]
    assert starts(assemble_one(spans))["second"] == ["first"]


def test_roots_of_different_parents_are_no_siblings():
    spans = [moment("first", 0, parent_id="elsewhere"), moment("second", 1, "first", parent_id="nowhere")]
    assert "second" not in starts(assemble_one(spans))


def moment(span_id: str, time_ns: int, *after: str, parent_id: str | None = "run") -> Span:
    return Span(
        trace_id="t",
        span_id=span_id,
        name=span_id,
        parent_id=parent_id,
        start_ns=time_ns,
        end_ns=time_ns,
        attributes={REEV_AFTER: list(after)},
    )


def test_within_one_moment_any_order_can_be_known():
    spans = [Span(trace_id="t", span_id="run", start_ns=0, end_ns=9), moment("a", 5, "b"), moment("b", 5)]
    assert starts(assemble_one(spans)) == {"a": ["b"], "b": []}


def test_spans_that_wait_for_each_other_in_a_circle_tell_nothing():
    run = Span(trace_id="t", span_id="run", start_ns=0, end_ns=9)
    spans = [run, moment("a", 5, "b"), moment("b", 5, "a"), moment("c", 5), moment("d", 6, "c")]
    assert starts(assemble_one(spans)) == {"c": [], "d": ["c"]}
