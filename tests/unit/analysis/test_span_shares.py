"""What a group of spans took: the same as when every call is looked at for every span."""

from hypothesis import given
from hypothesis import strategies as st

from reev_flow.analysis.advice.span_shares import SpanShares
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.trace import Trace
from support.made_traces import UNHURRIED, random_traces


def some_of(trace: Trace) -> st.SearchStrategy[set[int]]:
    return st.sets(st.integers(0, len(trace) - 1), max_size=6)


@UNHURRIED
@given(trace=random_traces(), data=st.data())
def test_model_calls_of_spans_are_those_in_them_and_below_them(trace: Trace, data: st.DataObject):
    facts, positions = RunFacts(trace), data.draw(some_of(trace))
    inside = {at for position in positions for at in range(position, trace.subtree_ends[position])}
    found = SpanShares(facts).model_calls(positions)
    assert sorted(call.span_id for call in found) == sorted(
        call.span_id for call in facts.model_calls if call.positions[0] in inside
    )


@UNHURRIED
@given(trace=random_traces(), data=st.data())
def test_the_first_model_call_is_the_first_that_one_of_the_spans_tells_of(trace: Trace, data: st.DataObject):
    facts, positions = RunFacts(trace), data.draw(some_of(trace))
    told = (call for call in facts.model_calls if not positions.isdisjoint(call.positions))
    assert SpanShares(facts).first_model_call(positions) == next(told, None)
