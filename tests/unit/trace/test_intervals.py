from hypothesis import given
from hypothesis import strategies as st

from reev_flow.trace.intervals import Interval, clip, covered_ns, most_at_once

starts_and_lengths = st.tuples(st.integers(0, 30), st.integers(0, 10))
intervals = st.lists(starts_and_lengths.map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=12)
moments = range(45)


def holding(parts: list[Interval], moment: int):
    return [part for part in parts if part[0] <= moment < part[1]]


@given(intervals)
def test_covered_time_is_counted_once(parts: list[Interval]):
    assert covered_ns(parts) == sum(1 for moment in moments if holding(parts, moment))


@given(intervals)
def test_the_most_at_once_is_the_most_at_any_moment(parts: list[Interval]):
    assert most_at_once(parts) == max((len(holding(parts, moment)) for moment in moments), default=0)


@given(intervals, intervals)
def test_clipping_keeps_exactly_the_common_time(parts: list[Interval], bounds: list[Interval]):
    for part, bound in zip(parts, bounds, strict=False):
        clipped = clip(part, bound)
        common = [moment for moment in moments if holding([part], moment) and holding([bound], moment)]
        assert (list(range(*clipped)) if clipped else []) == common


def test_nothing_covers_nothing():
    assert covered_ns([]) == 0
    assert most_at_once([]) == 0


def test_touching_intervals_are_not_at_once():
    assert most_at_once([(0, 5), (5, 9)]) == 1


def test_an_interval_outside_its_bounds_is_gone():
    assert clip((0, 5), (5, 9)) is None
