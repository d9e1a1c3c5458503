"""What a trace store promises about finding traces."""

from itertools import permutations

import pytest

from reev_flow.trace.store import TraceQuery, TraceStore, TraceSummary
from support.sessions import NS, START_NS
from support.trace_stores import add, chunk, id_of, letters


def only(store: TraceStore) -> TraceSummary:
    (summary,) = store.find(TraceQuery()).result()
    return summary


def test_a_trace_is_summed_up(traces):
    add(traces, chunk(data=b"one", second=2, lasts=3, spans=4, service="shop", root="plan"))
    add(traces, chunk(data=b"two", second=1, lasts=1, spans=5))
    assert only(traces) == TraceSummary(
        trace_id=id_of("a"),
        service="shop",
        root="plan",
        spans=9,
        chunks=2,
        start_ns=START_NS + NS,
        end_ns=START_NS + 5 * NS,
        added_ns=START_NS,
    )


def test_the_trace_that_starts_last_is_found_first_and_ties_go_by_id(traces):
    add(traces, chunk("b", second=1), chunk("c", second=2), chunk("a", second=1), chunk("d", second=0))
    assert letters(traces) == "cabd"


def test_a_trace_moves_when_an_earlier_span_of_it_comes_late(traces):
    add(traces, chunk("a", second=9), chunk("b", second=5))
    add(traces, chunk("a", b"late", second=1))
    assert letters(traces) == "ba"


PIECES = (
    chunk(data=b"1", second=1),
    chunk(data=b"2", second=4, service="shop", root="second root"),
    chunk(data=b"3", second=2, service="bank"),
    chunk(data=b"4", second=3, service="shop", root="first root"),
)


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
def test_a_trace_is_summed_up_alike_in_whatever_order_its_chunks_come(traces, order):
    for place in order:
        add(traces, PIECES[place])
    summary = only(traces)
    assert (summary.service, summary.root, summary.spans) == ("shop", "first root", 12)


def test_a_trace_without_a_root_has_the_service_of_its_first_chunk_that_has_one(traces):
    add(
        traces,
        chunk(data=b"1", second=1),
        chunk(data=b"2", second=3, service="late"),
        chunk(data=b"3", second=2, service="early"),
    )
    assert (only(traces).service, only(traces).root) == ("early", "")


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("", "cba"),
        ("a", "a"),
        ("aaa", "a"),
        (id_of("b"), "b"),
        ("ab", ""),
        ("f", ""),
        ("x", ""),
        ("A", ""),
        ("a" * 33, ""),
        ("%", ""),
    ],
)
def test_traces_are_found_by_the_beginning_of_their_id(traces, prefix, expected):
    add(traces, chunk("a"), chunk("b", second=1), chunk("c", second=2))
    assert letters(traces, id_prefix=prefix) == expected


@pytest.mark.parametrize("limit", [0, 1, 2, 5, -1])
def test_no_more_traces_are_found_than_asked_for(traces, limit):
    add(traces, chunk("a"), chunk("b"), chunk("c"))
    assert len(letters(traces, limit=limit)) == max(0, min(limit, 3))


def test_what_is_found_includes_what_was_added_before(traces):
    for letter in "abcde":
        traces.add([chunk(letter)])
    assert len(letters(traces)) == 5


def test_an_empty_trace_store_finds_nothing(traces):
    assert letters(traces) == ""


def test_traces_are_found_by_their_whole_ids(traces):
    add(traces, chunk("a"), chunk("b", second=1), chunk("c", second=2))
    wanted = frozenset({id_of("a"), id_of("c"), id_of("d"), "no id"})

    assert letters(traces, trace_ids=wanted) == "ca"
    assert letters(traces, trace_ids=wanted, id_prefix="a") == "a"
    assert letters(traces, trace_ids=wanted, limit=1) == "c"
