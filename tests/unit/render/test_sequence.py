"""What follows what among siblings."""

from hypothesis import given
from hypothesis import strategies as st

from reev_flow.render.sequence import Order, order_of
from reev_flow.trace.intervals import Interval
from support.made_traces import UNHURRIED

A_FEW_INTERVALS = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 5)), max_size=9).map(
    lambda pairs: sorted((start, start + length) for start, length in pairs)
)


def pairs(order: Order) -> list[tuple[int, int]]:
    return sorted((before, after) for link in order.links for before in link.before for after in link.after)


def told_naively(intervals: list[Interval]) -> list[tuple[int, int]]:
    """Every pair in order that has nothing wholly in between."""
    places = range(len(intervals))
    precedes = {(a, b) for a in places for b in places if a < b and intervals[a][1] <= intervals[b][0]}
    return sorted((a, b) for a, b in precedes if not any((a, c) in precedes and (c, b) in precedes for c in places))


@UNHURRIED
@given(A_FEW_INTERVALS)
def test_the_links_hold_every_immediate_pair_once(intervals: list[Interval]):
    assert pairs(order_of(intervals)) == told_naively(intervals)


@UNHURRIED
@given(A_FEW_INTERVALS)
def test_what_follows_nothing_is_first_and_what_nothing_follows_is_last(intervals: list[Interval]):
    order = order_of(intervals)
    followed, following = {a for a, _ in pairs(order)}, {b for _, b in pairs(order)}

    places = set(range(len(intervals)))
    assert (set(order.first), set(order.last)) == (places - following, places - followed)


def test_what_begins_the_moment_another_ends_follows_it():
    assert pairs(order_of([(0, 2), (2, 3)])) == [(0, 1)]


def test_what_overlaps_is_not_ordered():
    assert pairs(order_of([(0, 2), (1, 3)])) == []


def test_a_fan_is_one_link_out_and_one_link_in():
    order = order_of([(0, 1), (1, 4), (1, 5), (2, 4), (5, 6)])

    assert [(list(link.before), list(link.after)) for link in order.links] == [([0], [1, 2, 3]), ([1, 3, 2], [4])]


def test_moments_that_coincide_stand_in_the_order_given():
    assert pairs(order_of([(1, 1), (1, 1), (1, 1)])) == [(0, 1), (1, 2)]
