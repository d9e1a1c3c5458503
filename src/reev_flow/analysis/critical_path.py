"""Which chain of spans decided how long a run took.

The rule is the last-finishing child, walked backwards: at any moment a span waits for the child that finished last before that
moment, and where no child had finished the span itself is to blame. A child that ends in the very moment the next one starts is on
the path. What of a child lies outside its parent's time is no part of the parent's path.
"""

from collections.abc import Iterable

import msgspec

from reev_flow.trace.intervals import Interval, clip
from reev_flow.trace.span import Operation
from reev_flow.trace.trace import NO_PARENT, Trace

NO_SPAN = NO_PARENT  # the owner of time between roots, when no span ran


class Segment(msgspec.Struct, frozen=True):
    """A stretch of the path. `position` is the span it belongs to in `Trace.spans`, or `NO_SPAN`."""

    position: int
    start_ns: int
    end_ns: int

    @property
    def duration_ns(self) -> int:
        return self.end_ns - self.start_ns


def critical_path(trace: Trace) -> tuple[Segment, ...]:
    """The path through the whole trace, by time: disjoint segments whose durations sum to `trace.duration_ns` exactly."""
    return _explain(trace, NO_SPAN, (trace.start_ns, trace.end_ns))


def critical_path_of(trace: Trace, position: int) -> tuple[Segment, ...]:
    """The path through one span and what is below it; the durations sum to its duration exactly."""
    span = trace.spans[position]
    return _explain(trace, position, (span.start_ns, span.end_ns))


def blame_by_span(trace: Trace, path: Iterable[Segment]) -> list[int]:
    """Nanoseconds of the path that each span owns, by position. Time between roots belongs to no span."""
    blame = [0] * len(trace)
    for segment in path:
        if segment.position != NO_SPAN:
            blame[segment.position] += segment.duration_ns
    return blame


def blame_by_operation(trace: Trace, blame: Iterable[int]) -> list[int]:
    """The same nanoseconds, with infrastructure credited to the operation it served; infrastructure that served none keeps its own."""
    owners: list[int] = []
    credited = [0] * len(trace)
    for position, blame_ns in enumerate(blame):
        parent = trace.parents[position]
        served = owners[parent] if parent != NO_PARENT else position
        is_infrastructure = trace.spans[position].operation is Operation.OTHER
        owner = served if is_infrastructure and _is_operation(trace, served) else position
        owners.append(owner)
        credited[owner] += blame_ns
    return credited


def _is_operation(trace: Trace, position: int) -> bool:
    return trace.spans[position].operation is not Operation.OTHER


def _explain(trace: Trace, top: int, bounds: Interval) -> tuple[Segment, ...]:
    segments: list[Segment] = []
    open_spans = [(top, bounds)]
    while open_spans:
        position, (start, end) = open_spans.pop()
        moment = end
        for child, stretch in _last_finishing_first(trace, position, (start, end)):
            if stretch[1] > moment:
                continue  # it ran beside something that finished later
            if stretch[1] < moment:
                segments.append(Segment(position, stretch[1], moment))
            open_spans.append((child, stretch))
            moment = stretch[0]
        if start < moment:
            segments.append(Segment(position, start, moment))
    segments.sort(key=lambda segment: segment.start_ns)
    return tuple(segments)


def _last_finishing_first(trace: Trace, position: int, bounds: Interval) -> list[tuple[int, Interval]]:
    """Children with the part of them that lies within bounds; of those that finish together, the longest first."""
    found = []
    for child in trace.roots() if position == NO_SPAN else trace.children(position):
        span = trace.spans[child]
        stretch = clip((span.start_ns, span.end_ns), bounds)
        if stretch is not None:
            found.append((child, stretch))
    found.sort(key=lambda item: (-item[1][1], item[1][0]))
    return found
