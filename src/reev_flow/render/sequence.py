"""What follows what among siblings, read from their times: an interval order."""

from collections.abc import Iterable, Sequence

import msgspec

from reev_flow.trace.intervals import Interval


class Link(msgspec.Struct, frozen=True):
    """Each of `after` began when all of `before` had ended, with nothing wholly in between."""

    before: Sequence[int]
    after: Sequence[int]


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """The immediate order of some intervals, by their place in the given sequence.

    `first` follow nothing and nothing follows `last`. The links together hold every immediate pair exactly once.
    """

    first: Sequence[int]
    links: Sequence[Link]
    last: Sequence[int]


def order_of(intervals: Sequence[Interval]) -> Order:
    """B follows A when A ended before B started, or in the same moment.

    Intervals must be sorted by start and end. Of two that last no time and share their moment, the later given follows the earlier.
    """
    ends = [end for _, end in intervals]
    by_end = sorted(range(len(intervals)), key=ends.__getitem__)  # stable, so that equal ends stay in order
    ranges = _ranges_before(intervals, by_end)
    after: dict[tuple[int, int], list[int]] = {}
    for place, (low, high) in enumerate(ranges):
        after.setdefault((low, high), []).append(place)
    return Order(
        first=[place for place, (_, high) in enumerate(ranges) if high == 0],
        links=[Link(by_end[low:high], places) for (low, high), places in after.items() if high > 0],
        last=_never_before(by_end, after),
    )


def _ranges_before(intervals: Sequence[Interval], by_end: Sequence[int]) -> list[Interval]:
    """For each interval the part of `by_end` that immediately precedes it.

    Everything up to `high` has ended when it starts; what lies below `low` had ended when one of those started.
    """
    ranges: list[Interval] = []
    low = high = 0
    for place, (start, _) in enumerate(intervals):
        while high < place and (intervals[by_end[high]][1], by_end[high]) < (start, place):
            low = max(low, ranges[by_end[high]][1])
            high += 1
        ranges.append((low, high))
    return ranges


def _never_before(by_end: Sequence[int], ranges: Iterable[Interval]) -> list[int]:
    """The intervals that are in none of the ranges, in their own order."""
    reached = 0
    left_out: list[int] = []
    for low, high in sorted(ranges):
        left_out.extend(by_end[reached:low])
        reached = max(reached, high)
    left_out.extend(by_end[reached:])
    return sorted(left_out)
