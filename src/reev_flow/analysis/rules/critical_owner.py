"""RF106: one piece of work owns most of the critical path."""

from collections.abc import Iterator

from reev_flow.analysis.findings import Observation, Saving
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.analysis.spans import leaf_work
from reev_flow.trace.durations import told_duration

OWNS_MOST = 0.5
ENOUGH_WORK = 4  # among fewer pieces of work, one of them owning most says nothing


def look_for_a_critical_owner(facts: RunFacts) -> Iterator[Observation]:
    """Silent when the run has fewer than four pieces of work. The saving is that of halving the owner, at most: other work may then
    take its place on the path."""
    work = leaf_work(facts.trace)
    whole_ns = facts.trace.duration_ns
    if len(work) < ENOUGH_WORK or whole_ns == 0:
        return
    owned = facts.spans.operation_critical_ns
    owner = max(work, key=lambda position: owned[position])
    share = owned[owner] / whole_ns
    if share < OWNS_MOST:
        return
    span = facts.trace.spans[owner]
    told = f"{told_duration(owned[owner])} of {told_duration(whole_ns)}"
    yield Observation(
        message=f"{span.operation} {span.label} alone owns {share:.0%} of the critical path ({told})",
        advice="making anything else faster saves little: shorten, split, cache or move this one first",
        evidence=(span.span_id,),
        saving=Saving(duration_ns=owned[owner] // 2),
        confidence=min(0.95, 0.6 + 0.5 * (share - OWNS_MOST) * 2),
    )
