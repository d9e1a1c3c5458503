"""What each span is known to have waited for, as told by whoever made it and not guessed from times."""

from collections.abc import Iterable, Sequence
from itertools import compress
from typing import TypeAlias

import msgspec

from reev_flow.trace.semantics import REEV_AFTER, REEV_JOINED
from reev_flow.trace.span import Value
from reev_flow.trace.trace import NO_PARENT, Trace

Waits: TypeAlias = Sequence[tuple[int, ...] | None]

SHARED_ID = -2  # stands for the position of an id that several spans have


class Causes(msgspec.Struct, frozen=True):
    """What each span's start and end waited for, by position; None where it is not known and has to be guessed from times.

    What is known contradicts neither the times nor itself: causes end no later than what waited for them, and nothing waits for itself,
    not even through others.
    """

    starts: Waits  # positions of siblings
    ends: Waits  # positions of children


def known_causes(trace: Trace) -> Causes:
    """Of an id that is not in the trace, that several spans have, that is no sibling (of a start) or child (of an end), or that ended too late,
    nothing can be told, so the entry it stands in counts as not known.
    """
    count = len(trace)
    is_told = [REEV_AFTER in span.attributes for span in trace.spans]
    if True not in is_told:
        nothing = (None,) * count  # who records what a span's end waited for records what the spans inside it did
        return Causes(starts=nothing, ends=nothing)
    positions = _positions(trace)
    starts: list[tuple[int, ...] | None] = [None] * count
    ends: list[tuple[int, ...] | None] = [None] * count
    for position in compress(range(count), is_told):
        starts[position] = _start_causes(trace, position, positions)
    for position, span in enumerate(trace.spans):
        if REEV_JOINED in span.attributes:
            ends[position] = _end_causes(trace, position, positions)
    _forget_circles(starts)
    return Causes(starts=starts, ends=ends)


def _start_causes(trace: Trace, position: int, positions: dict[str, int]) -> tuple[int, ...] | None:
    span = trace.spans[position]
    found = _looked_up(span.attributes[REEV_AFTER], positions)
    if found is None:
        return None
    for cause in found:
        other = trace.spans[cause]
        if trace.parents[cause] != trace.parents[position] or other.end_ns > span.start_ns or cause == position:
            return None
        if trace.parents[position] == NO_PARENT and other.parent_id != span.parent_id:
            return None  # two roots are siblings only where both name the same parent, which is missing
    return found


def _end_causes(trace: Trace, position: int, positions: dict[str, int]) -> tuple[int, ...] | None:
    span = trace.spans[position]
    found = _looked_up(span.attributes[REEV_JOINED], positions)
    if found is None:
        return None
    is_possible = all(trace.parents[cause] == position and trace.spans[cause].end_ns <= span.end_ns for cause in found)
    return found if is_possible else None


def _looked_up(ids: Value, positions: dict[str, int]) -> tuple[int, ...] | None:
    """Each position once, in the order told."""
    if not isinstance(ids, list):
        return None
    found: dict[int, None] = {}
    for span_id in ids:
        position = positions.get(span_id, SHARED_ID) if isinstance(span_id, str) else SHARED_ID
        if position == SHARED_ID:
            return None
        found[position] = None
    return tuple(found)


def _positions(trace: Trace) -> dict[str, int]:
    positions: dict[str, int] = {}
    for position, span in enumerate(trace.spans):
        positions[span.span_id] = SHARED_ID if span.span_id in positions else position
    return positions


def _forget_circles(starts: list[tuple[int, ...] | None]) -> None:
    """Only spans of no duration, all at one moment, can wait for each other in a circle without contradicting the times; then one of them
    stands before what it waited for, since siblings come by start and end. Of such a circle, and of what waited for it in that moment,
    nothing is known.
    """
    suspects = {
        position: causes
        for position, causes in enumerate(starts)
        if causes and any(cause > position for cause in causes)
    }
    if suspects:
        for position in _circular(starts, suspects):
            starts[position] = None


def _circular(starts: Waits, suspects: Iterable[int]) -> list[int]:
    """Those of the spans that lead to a circle, walking from suspects to what they waited for."""
    waiting_for: dict[int, int] = {}  # how many of its causes are not yet known to be sound
    followers: dict[int, list[int]] = {}
    open_spans = list(suspects)
    while open_spans:
        position = open_spans.pop()
        if position in waiting_for:
            continue
        causes = starts[position] or ()
        waiting_for[position] = len(causes)
        for cause in causes:
            followers.setdefault(cause, []).append(position)
            open_spans.append(cause)
    sound = [position for position, count in waiting_for.items() if not count]
    while sound:
        for follower in followers.get(sound.pop(), ()):
            waiting_for[follower] -= 1
            if not waiting_for[follower]:
                sound.append(follower)
    return [position for position, count in waiting_for.items() if count]
