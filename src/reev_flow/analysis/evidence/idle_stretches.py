"""From when to when nothing ran in a run: no span that holds no other."""

from reev_flow.trace.intervals import Interval
from reev_flow.trace.trace import Trace


def idle_stretches(trace: Trace, least_ns: int) -> list[Interval]:
    """Between the first and the last of such spans, by start; only stretches of at least so long."""
    ends = trace.subtree_ends
    leaves = [(span.start_ns, span.end_ns) for at, span in enumerate(trace.spans) if ends[at] == at + 1]
    found: list[Interval] = []
    reached: int | None = None
    for start_ns, end_ns in sorted(leaves):
        if reached is not None and start_ns - reached >= least_ns:
            found.append((reached, start_ns))
        reached = end_ns if reached is None else max(reached, end_ns)
    return found
