"""Which span is whose parent, when ids repeat, point nowhere or point in circles."""

from collections.abc import Sequence

from reev_flow.trace.span import Flag, Span
from reev_flow.trace.trace import NO_PARENT


def link_parents(spans: Sequence[Span], flags: Sequence[set[Flag]]) -> list[int]:
    """The position of each span's parent. Of several spans with one id, the first is the parent."""
    positions: dict[str, int] = {}
    for position, span in enumerate(spans):
        positions.setdefault(span.span_id, position)
    parents = []
    for position, span in enumerate(spans):
        parent = NO_PARENT if span.parent_id is None else positions.get(span.parent_id, NO_PARENT)
        if parent == NO_PARENT and span.parent_id is not None:
            flags[position].add(Flag.ORPHAN)
        parents.append(parent)
    return parents


def cut_cycles(spans: Sequence[Span], parents: list[int], flags: Sequence[set[Flag]]) -> None:
    """The member of a cycle that started first becomes a root."""
    settled = [False] * len(spans)
    for start in range(len(spans)):
        path: dict[int, None] = {}  # in the order walked
        position = start
        while position != NO_PARENT and not settled[position] and position not in path:
            path[position] = None
            position = parents[position]
        if position in path:
            _cut(position, spans, parents, flags)
        for member in path:
            settled[member] = True


def _cut(member: int, spans: Sequence[Span], parents: list[int], flags: Sequence[set[Flag]]) -> None:
    cycle = [member]
    while parents[cycle[-1]] != member:
        cycle.append(parents[cycle[-1]])
    first = min(cycle, key=lambda position: (spans[position].start_ns, spans[position].span_id))
    parents[first] = NO_PARENT
    flags[first].add(Flag.CYCLE)
