"""Where a run stood still: stretches of its path that lead through flows, agents and steps while nothing inside them ran."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from reev_flow.analysis.path.critical_path import NO_SPAN, Segment
from reev_flow.trace.span import Operation, Span
from reev_flow.trace.trace import NO_PARENT, Trace

CONTAINERS = frozenset({Operation.FLOW, Operation.AGENT, Operation.STEP})

Stretch: TypeAlias = tuple[int, int, int]  # from when to when, and the first span that owns time in it


class Gap(NamedTuple):
    """A stretch of the run's path, the innermost span around all of it, and the operations before and after it."""

    start_ns: int
    end_ns: int
    owner: int
    before: Span | None
    after: Span | None

    @property
    def duration_ns(self) -> int:
        return self.end_ns - self.start_ns


class Pauses:
    """Of one run, along the path of its operations."""

    def __init__(self, trace: Trace, path: Sequence[Segment]) -> None:
        self.trace = trace
        self._holders = _holders(trace)
        self.stretches = _stretches(trace, path, self._holders)

    def gaps(self, stretch: Stretch) -> Iterator[Gap]:
        """What is left of a stretch without what ran in it: work that outlived the span it is in, and plumbing, unless it ran beside all of the
        owner and so tells nothing of this moment.
        """
        start_ns, end_ns, first_owner = stretch
        spans = self.trace.spans
        around = (first_owner, *self.trace.ancestors(first_owner))
        owner = next((outer for outer in around if spans[outer].end_ns >= end_ns), around[-1])
        operations = [
            span
            for span, holds in zip(spans, self._holders, strict=True)
            if span.operation is not Operation.OTHER and not (holds and span.operation in CONTAINERS)
        ]
        moment_ns = start_ns
        for from_ns, until_ns in (*self._told(stretch, owner), (end_ns, end_ns)):
            if from_ns > moment_ns:
                before = max((span for span in operations if span.end_ns <= moment_ns), key=_end_ns, default=None)
                after = min((span for span in operations if span.start_ns >= from_ns), key=_start_ns, default=None)
                yield Gap(moment_ns, from_ns, owner, before, after)
            moment_ns = max(moment_ns, until_ns)

    def _told(self, stretch: Stretch, owner: int) -> list[tuple[int, int]]:
        """From when to when something without operations of its own ran in the stretch, by start."""
        spans = self.trace.spans
        inside = range(owner, self.trace.subtree_ends[owner])
        return sorted(
            (span.start_ns, span.end_ns)
            for position, span in enumerate(spans)
            if span.start_ns < stretch[1]
            and span.end_ns > stretch[0]
            and not self._holders[position]
            and (position in inside or (span.operation is Operation.OTHER and not _covers(span, spans[owner])))
        )


def may_stand_still_ns(trace: Trace, path: Sequence[Segment]) -> int:
    """How much of the path flows, agents and steps own that have anything inside: no pause is longer."""
    spans, ends = trace.spans, trace.subtree_ends
    return sum(
        segment.end_ns - segment.start_ns
        for segment in path
        if segment.position != NO_SPAN
        and ends[segment.position] > segment.position + 1
        and spans[segment.position].operation in CONTAINERS
    )


def _holders(trace: Trace) -> bytearray:
    """Which spans have an operation below them."""
    holds = bytearray(len(trace))
    for position in range(len(trace) - 1, 0, -1):
        parent = trace.parents[position]
        if parent != NO_PARENT and (holds[position] or trace.spans[position].operation is not Operation.OTHER):
            holds[parent] = 1
    return holds


def _stretches(trace: Trace, path: Sequence[Segment], holders: bytearray) -> list[Stretch]:
    """Where the path leads through flows, agents and steps around other operations, joined where they touch, with the first owner of each."""
    stretches: list[Stretch] = []
    for segment in path:
        position = segment.position
        if position == NO_SPAN or not holders[position] or trace.spans[position].operation not in CONTAINERS:
            continue
        if stretches and stretches[-1][1] == segment.start_ns:
            start_ns, _, owner = stretches[-1]
            stretches[-1] = (start_ns, segment.end_ns, owner)
        else:
            stretches.append((segment.start_ns, segment.end_ns, position))
    return stretches


def _covers(span: Span, other: Span) -> bool:
    return span.start_ns <= other.start_ns and span.end_ns >= other.end_ns


def _end_ns(span: Span) -> int:
    return span.end_ns


def _start_ns(span: Span) -> int:
    return span.start_ns
