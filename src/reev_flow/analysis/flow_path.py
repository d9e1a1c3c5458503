"""Which operations decided how long a flow took, its infrastructure left out.

Infrastructure ends late for reasons of its own: a server's span waits for the client to hang up, an exporter's for its queue. So the
path that people look at is walked over the operations alone, each hanging on the nearest operation around it.
"""

from collections.abc import Sequence
from itertools import accumulate

from reev_flow.analysis.awaited import waits_of
from reev_flow.analysis.causes import Causes, known_causes
from reev_flow.analysis.critical_path import NO_SPAN, Segment, critical_path, path_along
from reev_flow.analysis.operation_causes import operation_waits
from reev_flow.trace.span import Operation
from reev_flow.trace.trace import NO_PARENT, Trace


def flow_path(trace: Trace, causes: Causes | None = None) -> tuple[Segment, ...]:
    """The critical path of the operations, by time; durations sum to the time from the first operation's start to the last one's end.

    In a trace of nothing but infrastructure it is the path of the trace.
    """
    if causes is None:
        causes = known_causes(trace)
    is_operation = [span.operation is not Operation.OTHER for span in trace.spans]
    positions = [position for position, is_one in enumerate(is_operation) if is_one]
    if not positions or len(positions) == len(trace):
        return critical_path(trace, causes)
    forest = _of_operations(trace, positions, is_operation)
    waits = waits_of(trace, causes)
    if waits.informed:
        waits = operation_waits(trace, causes, positions, forest)
    path = path_along(forest, waits)
    positions.append(NO_SPAN)  # what the position of nobody leads to
    return tuple(Segment(positions[segment.position], segment.start_ns, segment.end_ns) for segment in path)


def _of_operations(trace: Trace, positions: Sequence[int], is_operation: Sequence[bool]) -> Trace:
    """The operations as a trace of their own. Siblings keep the order of the trace, which need not be by start; a path asks for none."""
    spans = tuple(trace.spans[position] for position in positions)
    before = (0, *accumulate(is_operation))  # how many operations lie before each position
    return Trace(
        trace_id=trace.trace_id,
        spans=spans,
        parents=tuple(_nearest_operations(trace, is_operation)),
        subtree_ends=tuple(before[trace.subtree_ends[position]] for position in positions),
        start_ns=min(span.start_ns for span in spans),
        end_ns=max(span.end_ns for span in spans),
    )


def _nearest_operations(trace: Trace, is_operation: Sequence[bool]) -> list[int]:
    """For each operation, the index among the operations of the nearest one around it."""
    nearest: list[int] = []  # for each span, the index of the operation it is or is in
    parents: list[int] = []
    for is_one, parent in zip(is_operation, trace.parents, strict=True):
        around = NO_PARENT if parent == NO_PARENT else nearest[parent]
        nearest.append(len(parents) if is_one else around)
        if is_one:
            parents.append(around)
    return parents
