"""Times that are missing or impossible, replaced by the least surprising ones.

After mending, every span ends at or after its start. Times that are merely odd, such as a child outside its parent, are kept.
"""

from collections.abc import Sequence

from reev_flow.trace.span import Flag, Span
from reev_flow.trace.trace import NO_PARENT


def mend_times(spans: Sequence[Span], parents: Sequence[int], flags: Sequence[set[Flag]]) -> list[tuple[int, int]]:
    """Start and end of each span. Parents must be free of cycles."""
    order = parents_first(parents)
    starts = _mend_starts(spans, parents, flags, order)
    ends = _mend_ends(spans, starts, flags)
    _stretch_unfinished(parents, ends, flags, order)
    times = list(zip(starts, ends, strict=True))
    flag_outsiders(parents, times, flags)
    return times


def parents_first(parents: Sequence[int]) -> list[int]:
    """Positions, parents before children."""
    children: list[list[int]] = [[] for _ in parents]
    order: list[int] = []
    for position, parent in enumerate(parents):
        (order if parent == NO_PARENT else children[parent]).append(position)
    for position in order:  # grows while it is walked
        order.extend(children[position])
    return order


def _mend_starts(
    spans: Sequence[Span], parents: Sequence[int], flags: Sequence[set[Flag]], order: Sequence[int]
) -> list[int]:
    """A missing start is the span's end if it has one, else its parent's start, else the start of the trace."""
    known = [span.start_ns for span in spans if Flag.MISSING_START not in span.flags]
    first = min(known, default=0)
    starts = [span.start_ns for span in spans]
    for position in order:
        if Flag.MISSING_START not in flags[position]:
            continue
        parent = parents[position]
        starts[position] = spans[position].end_ns or (first if parent == NO_PARENT else starts[parent])
    return starts


def _mend_ends(spans: Sequence[Span], starts: Sequence[int], flags: Sequence[set[Flag]]) -> list[int]:
    ends = []
    for position, span in enumerate(spans):
        unknown = Flag.UNFINISHED in flags[position]
        if not unknown and span.end_ns < starts[position]:
            flags[position].add(Flag.NEGATIVE_DURATION)
        ends.append(starts[position] if unknown else max(span.end_ns, starts[position]))
    return ends


def _stretch_unfinished(
    parents: Sequence[int], ends: list[int], flags: Sequence[set[Flag]], order: Sequence[int]
) -> None:
    for position in reversed(order):
        parent = parents[position]
        if parent != NO_PARENT and Flag.UNFINISHED in flags[parent]:
            ends[parent] = max(ends[parent], ends[position])


def flag_outsiders(parents: Sequence[int], times: Sequence[tuple[int, int]], flags: Sequence[set[Flag]]) -> None:
    for position, parent in enumerate(parents):
        if parent != NO_PARENT and (times[position][0] > times[parent][1] or times[position][1] < times[parent][0]):
            flags[position].add(Flag.OUTSIDE_PARENT)
