"""Arithmetic on stretches of time, in integer nanoseconds."""

from collections.abc import Iterable
from typing import TypeAlias

Interval: TypeAlias = tuple[int, int]


def covered_ns(intervals: Iterable[Interval]) -> int:
    """How much time at least one of the intervals covers; overlaps count once."""
    total = 0
    reached: int | None = None
    for start, end in sorted(intervals):
        if reached is None or start > reached:
            total += end - start
            reached = end
        elif end > reached:
            total += end - reached
            reached = end
    return total


def clip(interval: Interval, bounds: Interval) -> Interval | None:
    """The part of an interval within bounds; None when nothing of it lasts longer than a moment."""
    start, end = max(interval[0], bounds[0]), min(interval[1], bounds[1])
    return (start, end) if start < end else None


def most_at_once(intervals: Iterable[Interval]) -> int:
    """The largest number of intervals that hold at one moment. Touching ones do not overlap; empty ones do not count."""
    edges = sorted(edge for start, end in intervals if start < end for edge in ((start, 1), (end, -1)))
    most = current = 0
    for _, change in edges:  # at one moment, ends sort before starts
        current += change
        most = max(most, current)
    return most
