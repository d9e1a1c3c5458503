"""Where the time of a run went, span by span."""

from collections.abc import Sequence
from functools import cached_property

import msgspec

from reev_flow.analysis.path.causes import Causes, known_causes
from reev_flow.analysis.path.critical_path import Segment, blame_by_span, critical_path
from reev_flow.analysis.path.flow_operations import FlowOperations, flow_operations
from reev_flow.analysis.path.flow_path import path_of_operations
from reev_flow.analysis.replay.flow_schedule import FlowSchedule
from reev_flow.analysis.replay.slack import Margins, margins
from reev_flow.trace.intervals import covered_ns, most_at_once
from reev_flow.trace.run import GapKind
from reev_flow.trace.semantics import REEV_GAP
from reev_flow.trace.span import Operation
from reev_flow.trace.trace import NO_PARENT, Trace

WORK = frozenset({Operation.LLM, Operation.TOOL, Operation.RETRIEVAL, Operation.EMBEDDING})


class Concurrency(msgspec.Struct, frozen=True, kw_only=True):
    """How much work ran side by side. Work is model calls, tool calls, retrievals and embeddings that contain no such work themselves.

    `busy_ns` is the time in which at least one of them ran; `average` is their summed durations over `busy_ns`, 0 without work.
    """

    most: int
    average: float
    busy_ns: int


class SpanAnalysis:
    """Times of each span, by its position in `Trace.spans`; each part is computed when first read."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace

    @cached_property
    def causes(self) -> Causes:
        """What each span is known to have waited for."""
        return known_causes(self.trace)

    @cached_property
    def path(self) -> tuple[Segment, ...]:
        """The critical path of the whole trace; durations sum to the trace's."""
        return critical_path(self.trace, self.causes)

    @cached_property
    def self_ns(self) -> tuple[int, ...]:
        """Time of a span in which none of its children ran."""
        return tuple(
            span.end_ns - span.start_ns - waiting
            for span, waiting in zip(self.trace.spans, self.waiting_ns, strict=True)
        )

    @cached_property
    def waiting_ns(self) -> tuple[int, ...]:
        """Time of a span in which at least one child ran; with the self time it makes up the duration."""
        return tuple(_waiting(self.trace))

    @cached_property
    def critical_ns(self) -> tuple[int, ...]:
        """Time on the critical path that a span owns itself."""
        return tuple(blame_by_span(self.trace, self.path))

    @cached_property
    def operations(self) -> FlowOperations:
        """The operations alone, infrastructure left out, with what is known of what they waited for."""
        return flow_operations(self.trace, self.causes)

    @cached_property
    def flow_path(self) -> tuple[Segment, ...]:
        """The critical path of the operations alone: what people want to know."""
        return path_of_operations(self.operations)

    @cached_property
    def operation_critical_ns(self) -> tuple[int, ...]:
        """Time on the flow's path that an operation owns itself."""
        return tuple(blame_by_span(self.trace, self.flow_path))

    @cached_property
    def stood_still_ns(self) -> dict[GapKind, int]:
        """Time on the flow's path in which nothing of the run could go on: no worker held it, or a person was asked."""
        return _standing_still(self.trace, self.operation_critical_ns)

    @cached_property
    def schedule(self) -> FlowSchedule:
        """What every start and end of an operation waited for, known or guessed."""
        return FlowSchedule.over(self.operations)

    @cached_property
    def slack_ns(self) -> dict[int, int]:
        """By position, how much later an operation could end without moving the end of the last one. Infrastructure has none to tell."""
        return dict(zip(self.operations.positions, self._margins.slack_ns, strict=True))

    @cached_property
    def drag_ns(self) -> dict[int, int]:
        """By position, how much sooner the last operation would end if one, with what is inside it, took no time."""
        return dict(zip(self.operations.positions, self._margins.drag_ns, strict=True))

    @cached_property
    def _margins(self) -> Margins:
        return margins(self.schedule.schedule)

    @cached_property
    def leaf_work(self) -> tuple[int, ...]:
        """Positions of the work that contains no other work."""
        return tuple(leaf_work(self.trace))

    @cached_property
    def concurrency(self) -> Concurrency:
        spans = self.trace.spans
        stretches = [(spans[leaf].start_ns, spans[leaf].end_ns) for leaf in self.leaf_work]
        busy_ns = covered_ns(stretches)
        worked_ns = sum(end - start for start, end in stretches)
        average = worked_ns / busy_ns if busy_ns else 0.0
        return Concurrency(most=most_at_once(stretches), average=average, busy_ns=busy_ns)

    def worked_out(self) -> "SpanAnalysis":
        """Itself, with every part computed: nothing that is read of it later can come too late."""
        _ = (self.self_ns, self.critical_ns, self.operation_critical_ns, self.concurrency, self.slack_ns, self.drag_ns)
        return self

    def slowest(self, count: int = 5) -> list[int]:
        """Positions of the spans that own most of the critical path, infrastructure credited to its operation; most first."""
        ranked = sorted(range(len(self.trace)), key=lambda position: -self.operation_critical_ns[position])
        return [position for position in ranked[:count] if self.operation_critical_ns[position] > 0]


class SpanAnalyzer:
    """Finds where a run's time went."""

    def analyze(self, trace: Trace) -> SpanAnalysis:
        return SpanAnalysis(trace)


def leaf_work(trace: Trace) -> list[int]:
    """Positions of the work that contains no other work."""
    leaves: list[int] = []
    first_inside = len(trace)  # the first work after a position, in the order of the trace
    for position in range(len(trace) - 1, -1, -1):
        if trace.spans[position].operation in WORK:
            if first_inside >= trace.subtree_ends[position]:
                leaves.append(position)
            first_inside = position
    return leaves[::-1]


def _standing_still(trace: Trace, critical_ns: Sequence[int]) -> dict[GapKind, int]:
    still = dict.fromkeys(GapKind, 0)
    for span, time_ns in zip(trace.spans, critical_ns, strict=True):
        if time_ns and REEV_GAP in span.attributes:
            gap = span.attributes[REEV_GAP]
            for kind in GapKind:
                still[kind] += time_ns if kind == gap else 0
    return still


def _waiting(trace: Trace) -> list[int]:
    """Siblings come by start, so that each has only to be told from the furthest end before it."""
    waiting = [0] * len(trace)
    reached = [span.start_ns for span in trace.spans]
    ends_ns = [span.end_ns for span in trace.spans]
    for start_ns, end_ns, parent in zip(list(reached), ends_ns, trace.parents, strict=True):
        if parent == NO_PARENT:
            continue
        start = start_ns if start_ns > reached[parent] else reached[parent]  # noqa: FURB136 - this is where the time goes
        end = end_ns if end_ns < ends_ns[parent] else ends_ns[parent]  # noqa: FURB136
        if start < end:
            waiting[parent] += end - start
            reached[parent] = end
    return waiting
