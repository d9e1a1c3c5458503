"""Which children a span waited for, one after the other: the last to finish first."""

from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from reev_flow.analysis.path.causes import Causes
from reev_flow.trace.intervals import Interval
from reev_flow.trace.run import GapKind
from reev_flow.trace.semantics import REEV_GAP
from reev_flow.trace.span import Span, SpanKind
from reev_flow.trace.trace import NO_PARENT, Trace

Ranked: TypeAlias = tuple[
    int, int, int
]  # its negative end, its start, its position: sorts the last to finish first, then the longest

NOBODY = NO_PARENT  # what a start or end waited for that waited for nothing but the work of the span around it


class Waits(msgspec.Struct, frozen=True):
    """What is known, as a walk needs it. `informed` are the parents (`NO_PARENT` for the roots) of whose end or children something is known;
    a child that `is_loose` may have been waited for by whatever came after it, as far as is known.
    """

    causes: Causes
    informed: frozenset[int]
    is_loose: Sequence[bool]


def waits_of(trace: Trace, causes: Causes, is_loose: Sequence[bool] | None = None) -> Waits:
    """By default those children are loose of whose start nothing is known, and times in which nobody ran the flow."""
    count = len(trace)
    if causes.starts.count(None) == causes.ends.count(None) == count:
        return Waits(causes=causes, informed=frozenset(), is_loose=())
    informed = {parent for parent, known in zip(trace.parents, causes.starts, strict=True) if known is not None}
    informed.update(position for position, known in enumerate(causes.ends) if known is not None)
    if is_loose is None:
        is_loose = [known is None or stood_still(span) for span, known in zip(trace.spans, causes.starts, strict=True)]
    return Waits(causes=causes, informed=frozenset(informed), is_loose=is_loose)


def stood_still(span: Span) -> bool:
    """Whether it is a time in which no worker ran the flow, so that nothing in it could go on whatever it waited for."""
    return span.attributes.get(REEV_GAP) == GapKind.DOWN


def waited_for(waits: Waits, trace: Trace, position: int, bounds: Interval) -> list[Ranked]:
    """The children that a span waited for within bounds. Where nothing is known all are there, and those that ran beside a later one count for
    nothing.
    """
    if position in waits.informed:
        return _chain_of_causes(trace, waits, position, bounds)
    return children_within(trace, position, bounds)


def children_within(trace: Trace, position: int, bounds: Interval) -> list[Ranked]:
    """The children that a span may have waited for, as far as they lie within bounds."""
    found: list[Ranked] = []
    start_ns, end_ns = bounds
    spans, subtree_ends = trace.spans, trace.subtree_ends
    sends = spans[position].kind is SpanKind.PRODUCER
    child, last = position + 1, subtree_ends[position]
    while child < last:  # as `trace.children` walks; asked of every span, so that a generator is felt
        span = spans[child]
        begin, end = span.start_ns, span.end_ns
        if begin < start_ns:  # noqa: PLR1730 - this is where the time goes
            begin = start_ns
        if end > end_ns:  # noqa: PLR1730
            end = end_ns
        if begin < end and not (sends and span.kind is SpanKind.CONSUMER):
            found.append((-end, begin, child))
        child = subtree_ends[child]
    found.sort()
    return found


def _chain_of_causes(trace: Trace, waits: Waits, position: int, bounds: Interval) -> list[Ranked]:
    """Of the children within bounds those that were waited for, each by the one before it in the list and the first by the span's end.

    What is known goes before what times suggest, but a loose child that ended after all that is known to have been waited for comes
    between. What waited through a time in which nobody ran the flow waits on for the same before it.
    """
    start, moment = bounds
    children = children_within(trace, position, bounds)
    chain: list[Ranked] = []
    everyone, loose = _Finished(children), _Finished([child for child in children if waits.is_loose[child[2]]])
    cause = last_of(trace, waits.causes.ends[position])
    while True:
        guess = (everyone if cause is None else loose).last_before(moment)
        known = None if cause is None or cause == NOBODY else _clipped(trace.spans[cause], cause, (start, moment))
        chosen = _later(known, guess)
        if chosen is None or -chosen[0] <= start:
            return chain
        negative_end, begin, child = chosen
        if begin < -negative_end:
            chain.append(chosen)
        moment = min(begin, -negative_end)
        if cause is None or chosen is known or not stood_still(trace.spans[child]):
            cause = last_of(trace, waits.causes.starts[child])


def last_of(trace: Trace, causes: Sequence[int] | None) -> int | None:
    """The one that ended last, of several the longest: it alone decided. `NOBODY` of none; None where nothing is known."""
    if not causes:
        return None if causes is None else NOBODY
    return max(causes, key=lambda position: (trace.spans[position].end_ns, -trace.spans[position].start_ns, -position))


def _clipped(span: Span, position: int, bounds: Interval) -> Ranked:
    """A cause of no duration, or one that lies wholly after the bounds, lasts no time but leads on to what it waited for."""
    start, end = bounds
    return -min(end, span.end_ns), max(start, span.start_ns), position


def _later(known: Ranked | None, guess: Ranked | None) -> Ranked | None:
    if known is None or guess is None:
        return known or guess
    return known if known[0] <= guess[0] else guess


class _Finished:
    """Asked for ever earlier moments, so that one pass answers all."""

    def __init__(self, ranked: Sequence[Ranked]) -> None:
        self._ranked = ranked
        self._next = 0

    def last_before(self, moment: int) -> Ranked | None:
        """The last of them to finish by that moment."""
        while self._next < len(self._ranked) and -self._ranked[self._next][0] > moment:
            self._next += 1
        return self._ranked[self._next] if self._next < len(self._ranked) else None
