"""Who made each span: the nearest flow or agent around it, and the outermost operation, which is the run it belongs to."""

from reev_flow.trace.span import Operation
from reev_flow.trace.trace import NO_PARENT, Trace

ASKERS = frozenset({Operation.FLOW, Operation.AGENT})


def askers(trace: Trace) -> list[int]:
    """By position; `NO_PARENT` where nothing around it is a flow or an agent."""
    found: list[int] = []
    for parent in trace.parents:
        asks = parent != NO_PARENT and trace.spans[parent].operation in ASKERS
        found.append(found[parent] if parent != NO_PARENT and not asks else parent)
    return found


def runs(trace: Trace) -> list[int]:
    """By position; `NO_PARENT` where nothing around it is an operation."""
    found: list[int] = []
    for parent in trace.parents:
        outer = NO_PARENT if parent == NO_PARENT else found[parent]
        begins = outer == NO_PARENT and parent != NO_PARENT and trace.spans[parent].operation is not Operation.OTHER
        found.append(parent if begins else outer)
    return found
