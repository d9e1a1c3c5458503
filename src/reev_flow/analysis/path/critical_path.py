"""Which chain of spans decided how long a run took.

Walked backwards: at any moment a span waits for what it is known to have waited for, else for the child that finished last before that
moment, and where there is no such child the span itself is to blame. A child that ends in the very moment the next one starts is on
the path. A producer does not wait for the consumer of its message. What of a child lies outside its parent's time is no part of the
parent's path.

Over the whole trace nobody works between the roots, so what runs there is the path: a root, or the part of a span that
outlived its root and its parent. Where a root is known to have waited for others, they are the path, and time between them is nobody's.
"""

from collections.abc import Iterable
from functools import partial
from operator import attrgetter
from typing import TypeAlias

import msgspec

from reev_flow.analysis.path.awaited import (
    NOBODY,
    Ranked,
    Waits,
    children_within,
    last_of,
    waited_for,
    waits_of,
)
from reev_flow.analysis.path.causes import Causes, known_causes
from reev_flow.trace.intervals import Interval
from reev_flow.trace.span import Span
from reev_flow.trace.trace import NO_PARENT, Trace

NO_SPAN = NO_PARENT  # the owner of time in which no span ran

Stretch: TypeAlias = tuple[int, int, int]  # a span's position, and from when to when it matters


class Segment(msgspec.Struct, frozen=True, gc=False):
    """A stretch of the path. `position` is the span it belongs to in `Trace.spans`, or `NO_SPAN`."""

    position: int
    start_ns: int
    end_ns: int

    @property
    def duration_ns(self) -> int:
        return self.end_ns - self.start_ns


def critical_path(trace: Trace, causes: Causes | None = None) -> tuple[Segment, ...]:
    """The path through the whole trace, by time: disjoint segments whose durations sum to `trace.duration_ns` exactly."""
    return path_along(trace, waits_of(trace, known_causes(trace) if causes is None else causes))


def critical_path_of(trace: Trace, position: int, causes: Causes | None = None) -> tuple[Segment, ...]:
    """The path through one span and what is below it; the durations sum to its duration exactly."""
    span = trace.spans[position]
    waits = waits_of(trace, known_causes(trace) if causes is None else causes)
    return _by_time(_explain(trace, waits, position, (span.start_ns, span.end_ns)))


def path_along(trace: Trace, waits: Waits) -> tuple[Segment, ...]:
    """The path through the whole trace, as far as the waits are known along them."""
    segments: list[Segment] = []
    for position, start_ns, end_ns in _cover(trace, waits, _tops(trace)):
        if position == NO_SPAN:
            segments.append(Segment(NO_SPAN, start_ns, end_ns))
        else:
            segments.extend(_explain(trace, waits, position, (start_ns, end_ns)))
    return _by_time(segments)


def blame_by_span(trace: Trace, path: Iterable[Segment]) -> list[int]:
    """Nanoseconds of the path that each span owns, by position. Time in which no span ran belongs to none."""
    blame = [0] * len(trace)
    for segment in path:
        if segment.position != NO_SPAN:
            blame[segment.position] += segment.duration_ns
    return blame


def _explain(trace: Trace, waits: Waits, top: int, bounds: Interval) -> list[Segment]:
    segments: list[Segment] = []
    subtree_ends = trace.subtree_ends
    find = partial(waited_for, waits) if waits.informed else children_within
    open_spans = [(top, *bounds)]
    while open_spans:
        position, start, moment = open_spans.pop()
        for negative_end, begin, child in find(trace, position, (start, moment)):
            end = -negative_end
            if end > moment:
                continue  # it ran beside something that finished later
            if end < moment:
                segments.append(Segment(position, end, moment))
            if subtree_ends[child] == child + 1:
                segments.append(Segment(child, begin, end))
            else:
                open_spans.append((child, begin, end))
            moment = begin
        if start < moment:
            segments.append(Segment(position, start, moment))
    return segments


def _by_time(segments: list[Segment]) -> tuple[Segment, ...]:
    return tuple(sorted(segments, key=attrgetter("start_ns")))


def _tops(trace: Trace) -> list[Ranked]:
    """Every root, and what of the other spans lies outside both their root's and their parent's time."""
    found: list[Ranked] = []
    for root in trace.roots():
        outermost = trace.spans[root]
        start_ns, end_ns = outermost.start_ns, outermost.end_ns
        if start_ns < end_ns:
            found.append((-end_ns, start_ns, root))
        below = trace.spans[root + 1 : trace.subtree_ends[root]]
        for position, span in enumerate(below, start=root + 1):
            if span.start_ns < start_ns or span.end_ns > end_ns:
                parts = _outside(span, (outermost, trace.spans[trace.parents[position]]))
                found.extend((-end, begin, position) for begin, end in parts if begin < end)
    found.sort()
    return found


def _outside(span: Span, around: Iterable[Span]) -> list[Interval]:
    parts = [(span.start_ns, span.end_ns)]
    for other in around:
        if other.start_ns < other.end_ns:
            before = [(start, min(end, other.start_ns)) for start, end in parts]
            after = [(max(start, other.end_ns), end) for start, end in parts]
            parts = [part for part in (*before, *after) if part[0] < part[1]]
    return parts


def _cover(trace: Trace, waits: Waits, tops: Iterable[Ranked]) -> list[Stretch]:
    """Which of them own the time of the trace, piece by piece, the latest first. Where the last to finish would leave a gap, what ran through
    that moment owns it, from its start on: of several, the one that started first. It is not so where a root is known to have waited for others.
    """
    pieces: list[Stretch] = []
    moment = trace.end_ns
    through, through_from = NO_SPAN, moment
    cause: int | None = None  # what the latest piece is known to have waited for
    for negative_end, begin, position in (*tops, (-trace.start_ns, trace.start_ns, NO_SPAN)):
        end = -negative_end
        if cause is None and end < moment and through_from < moment:
            pieces.append((through, through_from, moment))
            moment = through_from
            cause = _cause_of_root(trace, waits, through)
        if end > moment or not (cause is None or position in {cause, NO_SPAN} or waits.is_loose[position]):
            if begin < through_from:
                through, through_from = position, begin
            continue
        if end < moment:
            pieces.append((NO_SPAN, end, moment))
        if position != NO_SPAN:
            pieces.append((position, begin, end))
            cause = _cause_of_root(trace, waits, position)
        moment = begin
    return pieces


def _cause_of_root(trace: Trace, waits: Waits, position: int) -> int | None:
    """The last root it is known to have waited for that took any time: `NOBODY` of none, None where nothing is known."""
    if NO_PARENT not in waits.informed or trace.parents[position] != NO_PARENT:
        return None
    cause = last_of(trace, waits.causes.starts[position])
    while cause is not None and cause != NOBODY and not trace.spans[cause].duration_ns:
        cause = last_of(trace, waits.causes.starts[cause])
    return cause
