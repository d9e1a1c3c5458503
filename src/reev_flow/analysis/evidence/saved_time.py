"""How much of the critical path calls own."""

from collections.abc import Iterable

from reev_flow.analysis.run_facts import RunFacts


def critical_ns(positions: Iterable[int], facts: RunFacts) -> int:
    """Of the spans and everything below them."""
    owned, ends = facts.spans.operation_critical_ns, facts.trace.subtree_ends
    return sum(sum(owned[position : ends[position]]) for position in positions)
