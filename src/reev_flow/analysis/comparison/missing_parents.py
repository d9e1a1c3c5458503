"""Whose children those operations may be whose parent was never seen, as most parents are told of only when they end."""

from collections import Counter

from reev_flow.analysis.comparison.operations import Operations, What
from reev_flow.trace.span import Flag
from reev_flow.trace.trace import NO_PARENT

MOST_FAMILIES = 16  # of missing parents that are looked for, the largest first


def claim_families(whole: Operations, partial: Operations) -> dict[int, list[int]]:
    """For operations of the one run, those of the other without a parent that fit below them best. None are claimed where they fit among
    the outermost at least as well, or where less than half of them would fit.
    """
    groups = sorted(_groups(partial).items(), key=lambda item: (-len(item[1]), item[0]))[:MOST_FAMILIES]
    if not groups or not any(whole.children):
        return {}
    families: dict[What, Counter[int]] = {}
    for what, parent in zip(whole.whats, whole.parents, strict=True):
        families.setdefault(what, Counter())[parent] += 1
    claimed: dict[int, list[int]] = {}
    for _, group in groups:
        fits: Counter[int] = Counter()
        for what, count in Counter(partial.whats[index] for index in group).items():
            for parent, there in families.get(what, {}).items():
                fits[parent] += min(count, there)
        parent = min(fits, key=lambda one: (-fits[one], one), default=NO_PARENT)
        if parent != NO_PARENT and parent not in claimed and fits[parent] * 2 >= len(group):
            claimed[parent] = group
    return claimed


def _groups(run: Operations) -> dict[str, list[int]]:
    """The outermost operations below spans without their parent, by the id of that parent."""
    trace = run.trace
    tops: list[int] = []
    for position, parent in enumerate(trace.parents):
        tops.append(position if parent == NO_PARENT else tops[parent])
    groups: dict[str, list[int]] = {}
    for index in run.roots:
        top = trace.spans[tops[run.positions[index]]]
        if Flag.ORPHAN in top.flags and top.parent_id is not None:
            groups.setdefault(top.parent_id, []).append(index)
    return groups
