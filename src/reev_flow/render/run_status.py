"""How a run ended."""

from reev_flow.render.operations import OperationForest
from reev_flow.trace.span import Flag


def run_status(forest: OperationForest) -> str:
    """`failed` when an outermost operation failed, else `unfinished` when one has no end, else `ok`."""
    outermost = [forest.trace.spans[forest.positions[root]] for root in forest.roots]
    if any(span.failed for span in outermost):
        return "failed"
    return "unfinished" if any(Flag.UNFINISHED in span.flags for span in outermost) else "ok"
