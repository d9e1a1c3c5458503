"""How a trace is summed up from its chunks."""

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from reev_flow.stores.trace_rules import NOTHING, TraceHead, head_of, joined
from support.trace_stores import chunk

TIMES = st.integers(-(2**63) + 1, 2**63 - 1)
HEADS = st.builds(
    TraceHead,
    spans=st.integers(0, 1_000),
    start_ns=TIMES,
    end_ns=TIMES,
    added_ns=TIMES,
    named_ns=TIMES,
    service=st.sampled_from(["", "shop", "bank"]),
    root=st.sampled_from(["", "plan", "load"]),
    chunks=st.integers(1, 9),
)


@given(HEADS, HEADS)
def test_which_of_two_comes_first_makes_no_difference(one: TraceHead, other: TraceHead):
    assert joined(one, other) == joined(other, one)


@given(HEADS, HEADS, HEADS)
def test_which_of_three_are_joined_first_makes_no_difference(one: TraceHead, two: TraceHead, three: TraceHead):
    assert joined(joined(one, two), three) == joined(one, joined(two, three))


@given(HEADS)
def test_nothing_adds_nothing(head: TraceHead):
    named = joined(NOTHING, head)
    assert (named.spans, named.start_ns, named.end_ns, named.chunks) == (
        head.spans,
        head.start_ns,
        head.end_ns,
        head.chunks,
    )
    assert (named.service, named.root) == (head.service, head.root)


@given(st.lists(HEADS, min_size=1, max_size=9))
def test_spans_and_chunks_are_counted(heads: list[TraceHead]):
    whole = reduce(joined, heads, NOTHING)
    assert (whole.spans, whole.chunks) == (sum(one.spans for one in heads), sum(one.chunks for one in heads))


def test_a_chunk_names_the_trace_from_its_start():
    assert head_of(chunk(second=2, root="plan"), 7).named_ns == chunk(second=2).start_ns
