"""Which operations decided how long a flow took, its infrastructure left out."""

from reev_flow.analysis.path.causes import Causes
from reev_flow.analysis.path.critical_path import NO_SPAN, Segment, path_along
from reev_flow.analysis.path.flow_operations import FlowOperations, flow_operations
from reev_flow.trace.trace import Trace


def flow_path(trace: Trace, causes: Causes | None = None) -> tuple[Segment, ...]:
    """The critical path of the operations, by time; durations sum to the time from the first operation's start to the last one's end.

    In a trace of nothing but infrastructure it is the path of the trace.
    """
    return path_of_operations(flow_operations(trace, causes))


def path_of_operations(operations: FlowOperations) -> tuple[Segment, ...]:
    path = path_along(operations.trace, operations.waits)
    if isinstance(operations.positions, range):
        return path  # of the whole trace, where every position is its own
    positions = (*operations.positions, NO_SPAN)  # the last is what the position of nobody leads to
    return tuple(Segment(positions[segment.position], segment.start_ns, segment.end_ns) for segment in path)
