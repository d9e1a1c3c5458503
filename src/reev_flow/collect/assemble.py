"""Spans in any order become traces: forests in which every link and every time can be trusted."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from reev_flow.collect.beginnings import as_record
from reev_flow.collect.clock_skew import Skew, clocks_of, find_skews
from reev_flow.collect.fragments import is_fragment, stand_in
from reev_flow.collect.links import cut_cycles, link_parents
from reev_flow.collect.mend import flag_outsiders, mend_times, parents_first
from reev_flow.collect.merge import reconcile
from reev_flow.collect.normalize import normalize
from reev_flow.trace.span import Flag, Span
from reev_flow.trace.trace import NO_PARENT, Problem, Trace


def assemble(spans: Iterable[Span], *, adjust_clocks: bool = False) -> list[Trace]:
    """One trace for each trace id, by start and then by id. Spans are given as they were received, and understood here: what one means may
    be spread over several records of it.

    The result depends on which records there are, not on their order or repetition. Nothing is dropped: what does not fit is
    kept as a root of its own or mended, flagged on the span and listed in `Trace.problems`. Clocks that disagree are told there too; with
    `adjust_clocks` what they recorded is moved so that it fits.
    """
    by_trace: dict[str, list[Span]] = {}
    for span in spans:
        by_trace.setdefault(span.trace_id, []).append(span)
    traces = [assemble_one(records, adjust_clocks=adjust_clocks) for records in by_trace.values()]
    return sorted(traces, key=lambda trace: (trace.start_ns, trace.trace_id))


def assemble_one(records: Sequence[Span], *, adjust_clocks: bool = False) -> Trace:
    """The trace of records that share one trace id; there must be at least one."""
    spans, awaited = _reconcile_all(records)
    flags = [set(span.flags) for span in spans]
    parents = link_parents(spans, flags)
    cut_cycles(spans, parents, flags)
    times = mend_times(spans, parents, flags)
    skews = find_skews(spans, parents, times, parents_first(parents))
    told = {skew.position: skew for skew in skews.values()}
    for position in told:
        flags[position].add(Flag.CLOCK_SKEW)
    shifts = _shifts(spans, skews) if skews and adjust_clocks else None
    if shifts is not None:
        times = _adjusted(parents, times, flags, shifts)
    order = _lay_out(spans, parents, times)
    return _build(
        [
            _finish(spans[position], times[position], flags[position], shifts[position] if shifts else 0)
            for position in order
        ],
        _moved(parents, order),
        _problems(
            [(spans[position], flags[position], told.get(position)) for position in order],
            is_adjusted=shifts is not None,
        ),
        awaited,
    )


def _shifts(spans: Sequence[Span], skews: Mapping[str, Skew]) -> list[int]:
    return [skews[clock].shift_ns if clock in skews else 0 for clock in clocks_of(spans)]


def _adjusted(
    parents: Sequence[int], times: Sequence[tuple[int, int]], flags: Sequence[set[Flag]], shifts: Sequence[int]
) -> list[tuple[int, int]]:
    """Whether a span lies outside its parent is asked again."""
    moved = [(start + shift, end + shift) for (start, end), shift in zip(times, shifts, strict=True)]
    for flagged in flags:
        flagged.discard(Flag.OUTSIDE_PARENT)
    flag_outsiders(parents, moved, flags)
    return moved


def _reconcile_all(records: Sequence[Span]) -> tuple[list[Span], tuple[str, ...]]:
    """What each span is and means, and the ids of those of which only logs have told. These stand in for their spans as long as there is
    nothing else.
    """
    by_id: dict[str, list[Span]] = {}
    for record in map(as_record, records):
        by_id.setdefault(record.span_id, []).append(record)
    merged = [span for span_id in sorted(by_id) for span in reconcile(by_id[span_id])]
    fragments = [span for span in merged if is_fragment(span)]
    whole = [span for span in merged if not is_fragment(span)] if fragments else merged
    found = [normalize(span) for span in whole or map(stand_in, fragments)]
    return found, tuple(span.span_id for span in fragments)


def _lay_out(spans: Sequence[Span], parents: Sequence[int], times: Sequence[tuple[int, int]]) -> list[int]:
    """Positions in the order of the finished trace: parents before children, siblings by start, end and id."""
    ranked = sorted(range(len(spans)), key=lambda position: (times[position], spans[position].span_id))
    children: list[list[int]] = [[] for _ in spans]
    roots: list[int] = []
    for position in ranked:
        parent = parents[position]
        (roots if parent == NO_PARENT else children[parent]).append(position)
    order = []
    stack = roots[::-1]
    while stack:
        position = stack.pop()
        order.append(position)
        stack.extend(reversed(children[position]))
    return order


def _finish(span: Span, times: tuple[int, int], flags: set[Flag], shift_ns: int) -> Span:
    if times == (span.start_ns, span.end_ns) and flags == span.flags:
        return span
    events = span.events
    if shift_ns:
        events = tuple(msgspec.structs.replace(event, time_ns=event.time_ns + shift_ns) for event in events)
    return msgspec.structs.replace(span, start_ns=times[0], end_ns=times[1], flags=frozenset(flags), events=events)


def _moved(parents: Sequence[int], order: Sequence[int]) -> list[int]:
    new_position = {old: new for new, old in enumerate(order)}
    return [NO_PARENT if parents[old] == NO_PARENT else new_position[parents[old]] for old in order]


LONGEST_CLOCK = 100  # characters of its name

TOLD = {
    Flag.ORPHAN: "names a parent that is not in the trace ({span.parent_id}); it stands as a root",
    Flag.CYCLE: "is its own ancestor; it stands as a root",
    Flag.DUPLICATE_ID: "shares the id {span.span_id} with other work; both are kept",
    Flag.CONFLICTING_VALUES: "was recorded more than once with different attribute values; the fullest are kept",
    Flag.UNFINISHED: "has no end; it is taken to last as long as what it contains",
    Flag.NEGATIVE_DURATION: "ends {early_ns} ns before it starts; it is taken to last no time",
    Flag.MISSING_START: "has no start; it is placed where its surroundings are",
    Flag.OUTSIDE_PARENT: "lies wholly outside the time of its parent",
    Flag.CLOCK_SKEW: "was timed by a clock that is off",
    Flag.CUT_CONTENT: "tells something that a limit on length or on nesting cut; what is left of it is read",
    Flag.TOLD_FAILURE: "tells of a failure that its status does not; it is taken to have failed",
}


def _problems(spans: Sequence[tuple[Span, set[Flag], Skew | None]], *, is_adjusted: bool) -> tuple[Problem, ...]:
    """Told of the spans as they were received, so that the details show what was wrong."""
    return tuple(
        Problem(flag=flag, span_id=span.span_id, details=_told(span, flag))
        if skew is None or flag is not Flag.CLOCK_SKEW
        else _skew_problem(span, skew, is_adjusted=is_adjusted)
        for span, flags, skew in spans
        for flag in sorted(flags)
    )


def _skew_problem(span: Span, skew: Skew, *, is_adjusted: bool) -> Problem:
    direction = "behind" if skew.shift_ns > 0 else "ahead"
    done = "its spans were moved by that" if is_adjusted else "nothing was moved"
    details = f"shows that the clock of {skew.clock[:LONGEST_CLOCK]} is {abs(skew.shift_ns):,} ns {direction}; {done}"
    return Problem(
        flag=Flag.CLOCK_SKEW,
        span_id=span.span_id,
        details=f"{span.name!r} {details}",
        service=skew.service,
        shift_ns=skew.shift_ns,
    )


def _told(span: Span, flag: Flag) -> str:
    return f"{span.name!r} {TOLD[flag].format(span=span, early_ns=span.start_ns - span.end_ns)}"


def _build(spans: list[Span], parents: list[int], problems: tuple[Problem, ...], awaited: tuple[str, ...]) -> Trace:
    _inherit_conversations(spans, parents)
    return Trace(
        trace_id=spans[0].trace_id,
        spans=tuple(spans),
        parents=tuple(parents),
        subtree_ends=_subtree_ends(parents),
        start_ns=min(span.start_ns for span in spans),
        end_ns=max(span.end_ns for span in spans),
        problems=problems,
        awaited=awaited,
    )


def _inherit_conversations(spans: list[Span], parents: Sequence[int]) -> None:
    for position, parent in enumerate(parents):
        if parent == NO_PARENT or spans[position].conversation_id is not None:
            continue
        inherited = spans[parent].conversation_id
        if inherited is not None:
            spans[position] = msgspec.structs.replace(spans[position], conversation_id=inherited)


def _subtree_ends(parents: Sequence[int]) -> tuple[int, ...]:
    ends = list(range(1, len(parents) + 1))
    for position in range(len(parents) - 1, -1, -1):
        parent = parents[position]
        if parent != NO_PARENT and ends[parent] < ends[position]:
            ends[parent] = ends[position]
    return tuple(ends)
