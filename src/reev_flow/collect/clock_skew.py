"""Clocks that disagree: spans of another host or service that can only have run when they did if its clock was off.

A child cannot begin before its parent did. Where one of another clock did, and one constant shift of that clock makes all that it
recorded possible, that shift is told. What no constant shift explains is no matter of clocks.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from reev_flow.trace.span import Flag, Source, Span, SpanKind
from reev_flow.trace.trace import NO_PARENT

HOST_NAMES = ("host.id", "host.name", "host.ip", "k8s.pod.uid")
FOR_EVER_NS = 1 << 80
MOST_TRIED = 4  # shifts of other clocks that a clock may share


class Skew(msgspec.Struct, frozen=True, kw_only=True):
    """`shift_ns` added to every time of that clock makes them fit; so would anything from `least_ns` to `most_ns`. `position` is the first
    span that shows it.
    """

    clock: str
    service: str
    shift_ns: int
    least_ns: int
    most_ns: int
    position: int


class Edge(NamedTuple):
    """A parent and a child of two clocks. What may be added to the clock of the child, as compared with that of the parent, so that the child
    lies in its parent (`least_ns` to `snug_ns`), or begins while the parent lasts (to `most_ns`).
    """

    parent: int
    child: int
    least_ns: int
    snug_ns: int
    most_ns: int
    is_call: bool


class _Timed(NamedTuple):
    """Spans by position, with what else is known of each."""

    spans: Sequence[Span]
    parents: Sequence[int]
    times: Sequence[tuple[int, int]]
    clocks: Sequence[str]


class _Bound(NamedTuple):
    """What an edge allows the later of its two clocks, when the earlier one is as it is known to be."""

    least_ns: int
    snug_least_ns: int
    snug_most_ns: int
    most_ns: int


def clocks_of(spans: Sequence[Span]) -> list[str]:
    """By what clock each span was timed, as far as its sender said: that of a host, else that of a service; "" when it said neither."""
    known: dict[int, str] = {}  # sources are few objects
    return [known.get(id(span.source)) or known.setdefault(id(span.source), _clock(span.source)) for span in spans]


def find_skews(
    spans: Sequence[Span], parents: Sequence[int], times: Sequence[tuple[int, int]], order: Sequence[int]
) -> dict[str, Skew]:
    """By clock. `order` has parents before children. Roots are right: a clock is compared with those that come before it in that order."""
    clocks = clocks_of(spans)
    timed = _Timed(spans, parents, times, clocks)
    ranks = _ranks(timed, order)
    if len(ranks) < 2:
        return {}
    edges: dict[str, list[Edge]] = {}
    for position in order:
        edge = _edge(position, timed)
        if edge is not None:
            later = max(clocks[edge.parent], clocks[edge.child], key=ranks.__getitem__)
            edges.setdefault(later, []).append(edge)
    skews: dict[str, Skew] = {}
    for clock in ranks:
        found = _skew(clock, edges.get(clock, ()), clocks, skews)
        if found is not None:
            skews[clock] = msgspec.structs.replace(found, service=spans[found.position].source.service)
    return skews


def _clock(source: Source) -> str:
    for name in HOST_NAMES:
        host = source.resource.get(name)
        if isinstance(host, str) and host:
            return f"host {host}"
    return f"service {source.service}" if source.service else ""


def _ranks(timed: _Timed, order: Sequence[int]) -> dict[str, int]:
    """Which clock is met first. Those of real roots come before those of spans whose parent is missing."""
    spans, clocks = timed.spans, timed.clocks
    roots = [position for position in order if timed.parents[position] == NO_PARENT]
    roots.sort(key=lambda root: (spans[root].parent_id is not None, spans[root].start_ns, spans[root].span_id))
    met = dict.fromkeys(clocks[position] for position in (*roots, *order) if clocks[position])
    return {clock: rank for rank, clock in enumerate(met)}


def _edge(child: int, timed: _Timed) -> Edge | None:
    """None unless two clocks are known to be involved, and both spans to have begun when they say."""
    parent, clocks = timed.parents[child], timed.clocks
    if parent == NO_PARENT or clocks[parent] == clocks[child] or not (clocks[parent] and clocks[child]):
        return None
    above, below = timed.spans[parent], timed.spans[child]
    if Flag.MISSING_START in above.flags | below.flags:
        return None
    (began, ended), (child_began, child_ended) = timed.times[parent], timed.times[child]
    may_wait = Flag.UNFINISHED in above.flags or above.kind is SpanKind.PRODUCER or below.kind is SpanKind.CONSUMER
    most = FOR_EVER_NS if may_wait else ended - child_began
    fits = not may_wait and Flag.UNFINISHED not in below.flags and child_ended - child_began <= ended - began
    return Edge(
        parent=parent,
        child=child,
        least_ns=began - child_began,
        snug_ns=ended - child_ended if fits else most,
        most_ns=most,
        is_call=fits and above.kind is SpanKind.CLIENT and below.kind is SpanKind.SERVER,
    )


def _skew(clock: str, edges: Sequence[Edge], clocks: Sequence[str], skews: dict[str, Skew]) -> Skew | None:
    bounds = [_bound(edge, clock, clocks, skews) for edge in edges]
    shared = dict.fromkeys((0, *_shifts_of_others(edges, clocks, skews)))
    possible = next((shift for shift in list(shared)[:MOST_TRIED] if _is_possible(shift, bounds)), None)
    if possible == 0 or not bounds:
        return None
    position = next(
        edge.child if clocks[edge.child] == clock else edge.parent
        for edge, bound in zip(edges, bounds, strict=True)
        if not _is_possible(0, [bound])
    )
    is_call = any(edge.is_call for edge in edges)
    for least, most in _ranges(bounds):
        if least <= most:
            shift = _estimate(least, most, is_call=is_call) if possible is None else possible
            return Skew(
                clock=clock,
                service="",
                shift_ns=shift,
                least_ns=min(least, shift),
                most_ns=max(most, shift),
                position=position,
            )
    return None


def _bound(edge: Edge, clock: str, clocks: Sequence[str], skews: dict[str, Skew]) -> _Bound:
    if clocks[edge.child] == clock:
        base = _shift_of(clocks[edge.parent], skews)
        least = edge.least_ns + base
        return _Bound(least, least, edge.snug_ns + base, edge.most_ns + base)
    base = _shift_of(clocks[edge.child], skews)
    most = base - edge.least_ns
    return _Bound(base - edge.most_ns, base - edge.snug_ns, most, most)


def _shift_of(clock: str, skews: dict[str, Skew]) -> int:
    return skews[clock].shift_ns if clock in skews else 0


def _shifts_of_others(edges: Sequence[Edge], clocks: Sequence[str], skews: dict[str, Skew]) -> Iterator[int]:
    for edge in edges:
        yield from (skews[name].shift_ns for name in (clocks[edge.parent], clocks[edge.child]) if name in skews)


def _is_possible(shift_ns: int, bounds: Sequence[_Bound]) -> bool:
    return all(bound.least_ns <= shift_ns <= bound.most_ns for bound in bounds)


def _ranges(bounds: Sequence[_Bound]) -> Iterator[tuple[int, int]]:
    """Where every child lies in its parent; else, since work may go on when nobody waits for it, where it begins while its parent lasts."""
    yield max(bound.snug_least_ns for bound in bounds), min(bound.snug_most_ns for bound in bounds)
    yield max(bound.least_ns for bound in bounds), min(bound.most_ns for bound in bounds)


def _estimate(least_ns: int, most_ns: int, *, is_call: bool) -> int:
    """A call takes about as long on its way there as on its way back; of anything else the smallest shift that will do is taken."""
    if is_call and most_ns < FOR_EVER_NS // 2 and least_ns > -FOR_EVER_NS // 2:
        return (least_ns + most_ns) // 2
    return least_ns if least_ns > 0 else most_ns
