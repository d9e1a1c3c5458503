"""Where the time of a run went, span by span."""

from functools import cached_property

import msgspec

from reev_flow.analysis.critical_path import Segment, blame_by_operation, blame_by_span, critical_path
from reev_flow.trace.intervals import covered_ns, most_at_once
from reev_flow.trace.span import Operation
from reev_flow.trace.trace import Trace

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
    def path(self) -> tuple[Segment, ...]:
        """The critical path of the whole trace; durations sum to the trace's."""
        return critical_path(self.trace)

    @cached_property
    def self_ns(self) -> tuple[int, ...]:
        """Time of a span in which none of its children ran."""
        trace = self.trace
        return tuple(span.duration_ns - _waiting_ns(trace, position) for position, span in enumerate(trace.spans))

    @cached_property
    def waiting_ns(self) -> tuple[int, ...]:
        """Time of a span in which at least one child ran; with the self time it makes up the duration."""
        return tuple(span.duration_ns - own for span, own in zip(self.trace.spans, self.self_ns, strict=True))

    @cached_property
    def critical_ns(self) -> tuple[int, ...]:
        """Time on the critical path that a span owns itself."""
        return tuple(blame_by_span(self.trace, self.path))

    @cached_property
    def operation_critical_ns(self) -> tuple[int, ...]:
        """The same, with infrastructure credited to the operation it served."""
        return tuple(blame_by_operation(self.trace, self.critical_ns))

    @cached_property
    def concurrency(self) -> Concurrency:
        stretches = [(span.start_ns, span.end_ns) for span in (self.trace.spans[leaf] for leaf in leaf_work(self.trace))]
        busy_ns = covered_ns(stretches)
        worked_ns = sum(end - start for start, end in stretches)
        average = worked_ns / busy_ns if busy_ns else 0.0
        return Concurrency(most=most_at_once(stretches), average=average, busy_ns=busy_ns)

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
    holds_work = [False] * len(trace)
    for position in range(len(trace) - 1, -1, -1):
        is_work = trace.spans[position].operation in WORK
        if is_work and not holds_work[position]:
            leaves.append(position)
        parent = trace.parents[position]
        if parent >= 0 and (is_work or holds_work[position]):
            holds_work[parent] = True
    return leaves[::-1]


def _waiting_ns(trace: Trace, position: int) -> int:
    span = trace.spans[position]
    start, end = span.start_ns, span.end_ns
    stretches = []
    for child_position in trace.children(position):
        child = trace.spans[child_position]
        child_start, child_end = max(child.start_ns, start), min(child.end_ns, end)
        if child_start < child_end:
            stretches.append((child_start, child_end))
    return covered_ns(stretches)
