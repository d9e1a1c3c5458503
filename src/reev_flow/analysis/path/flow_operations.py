"""The operations of a run as a trace of their own, its infrastructure left out.

Infrastructure ends late for reasons of its own: a server's span waits for the client to hang up, an exporter's for its queue. What people
ask about is what the operations waited for, each hanging on the nearest operation around it.
"""

from collections.abc import Collection, Sequence
from itertools import accumulate

import msgspec

from reev_flow.analysis.path.awaited import Waits, waits_of
from reev_flow.analysis.path.causes import Causes, known_causes
from reev_flow.analysis.path.operation_causes import operation_waits
from reev_flow.trace.span import Operation
from reev_flow.trace.trace import NO_PARENT, Trace


class FlowOperations(msgspec.Struct, frozen=True, kw_only=True):
    """`trace` has the operations alone, and `positions` tells where its spans stand in the `whole`. By index in it, `waits` is what is known of
    them, and `is_stranger` of which others may not have known whether they waited for it.
    """

    whole: Trace
    trace: Trace
    positions: Sequence[int]
    waits: Waits
    is_stranger: Sequence[bool]


def flow_operations(trace: Trace, causes: Causes | None = None, infrastructure: Collection[int] = ()) -> FlowOperations:
    """With these positions of infrastructure as well. A trace of nothing but infrastructure is taken whole."""
    if causes is None:
        causes = known_causes(trace)
    is_kept = [span.operation is not Operation.OTHER for span in trace.spans]
    for position in infrastructure:
        is_kept[position] = True
    positions = [position for position, is_one in enumerate(is_kept) if is_one]
    if not positions or len(positions) == len(trace):
        return FlowOperations(
            whole=trace,
            trace=trace,
            positions=range(len(trace)),
            waits=waits_of(trace, causes),
            is_stranger=[known is None for known in causes.starts],
        )
    forest = _forest_of(trace, positions, is_kept)
    if causes.starts.count(None) == causes.ends.count(None) == len(trace):
        nothing = (None,) * len(forest)
        waits = waits_of(forest, Causes(starts=nothing, ends=nothing))
        is_stranger = [True] * len(forest)
    else:
        waits, is_stranger = operation_waits(trace, causes, positions, forest)
    return FlowOperations(whole=trace, trace=forest, positions=positions, waits=waits, is_stranger=is_stranger)


def _forest_of(trace: Trace, positions: Sequence[int], is_kept: Sequence[bool]) -> Trace:
    """Siblings keep the order of the trace, which need not be by start; who reads this asks for none."""
    spans = tuple(trace.spans[position] for position in positions)
    before = (0, *accumulate(is_kept))  # how many operations lie before each position
    return Trace(
        trace_id=trace.trace_id,
        spans=spans,
        parents=tuple(_nearest_operations(trace, is_kept)),
        subtree_ends=tuple(before[trace.subtree_ends[position]] for position in positions),
        start_ns=min(span.start_ns for span in spans),
        end_ns=max(span.end_ns for span in spans),
    )


def _nearest_operations(trace: Trace, is_kept: Sequence[bool]) -> list[int]:
    """For each operation, the index among the operations of the nearest one around it."""
    nearest: list[int] = []  # for each span, the index of the operation it is or is in
    parents: list[int] = []
    for is_one, parent in zip(is_kept, trace.parents, strict=True):
        around = NO_PARENT if parent == NO_PARENT else nearest[parent]
        nearest.append(len(parents) if is_one else around)
        if is_one:
            parents.append(around)
    return parents
