"""The critical path of any forest explains every nanosecond once, and agrees with the plainest way to say what it is."""

from collections.abc import Iterator
from itertools import pairwise

from hypothesis import given

from reev_flow.analysis.path.critical_path import NO_SPAN, critical_path, critical_path_of
from reev_flow.trace.span import Span, SpanKind
from reev_flow.trace.trace import Trace
from support.forests import forests

Piece = tuple[int, int, int]


@given(forests())
def test_the_path_of_a_trace_covers_its_time_exactly_once(trace: Trace):
    assert_covers([(piece.start_ns, piece.end_ns) for piece in critical_path(trace)], trace.start_ns, trace.end_ns)


@given(forests())
def test_the_path_of_every_span_covers_its_time_exactly_once(trace: Trace):
    for position, span in enumerate(trace.spans):
        path = critical_path_of(trace, position)
        assert_covers([(piece.start_ns, piece.end_ns) for piece in path], span.start_ns, span.end_ns)


@given(forests())
def test_every_piece_lies_within_the_time_of_its_span(trace: Trace):
    owned = [piece for piece in critical_path(trace) if piece.position != NO_SPAN]
    spans = [trace.spans[piece.position] for piece in owned]
    assert all(
        span.start_ns <= piece.start_ns and piece.end_ns <= span.end_ns
        for piece, span in zip(owned, spans, strict=True)
    )


@given(forests())
def test_nobody_owns_time_only_where_no_span_ran(trace: Trace):
    idle = [piece for piece in critical_path(trace) if piece.position == NO_SPAN]
    assert not [
        (piece, span)
        for piece in idle
        for span in trace.spans
        if max(span.start_ns, piece.start_ns) < min(span.end_ns, piece.end_ns)
    ]


@given(forests())
def test_the_path_of_every_span_is_what_walking_back_one_child_at_a_time_finds(trace: Trace):
    for position, span in enumerate(trace.spans):
        found = [(piece.position, piece.start_ns, piece.end_ns) for piece in critical_path_of(trace, position)]
        assert found == sorted(walk_back(trace, position, span.start_ns, span.end_ns), key=lambda piece: piece[1])


@given(forests())
def test_the_path_of_a_trace_is_what_walking_back_one_root_at_a_time_finds(trace: Trace):
    found = [(piece.position, piece.start_ns, piece.end_ns) for piece in critical_path(trace)]
    assert found == sorted(walk_back_over_all(trace), key=lambda piece: piece[1])


def assert_covers(pieces: list[tuple[int, int]], start: int, end: int) -> None:
    assert all(piece_start < piece_end for piece_start, piece_end in pieces)
    assert all(earlier_end == later_start for (_, earlier_end), (later_start, _) in pairwise(pieces))
    assert sum(piece_end - piece_start for piece_start, piece_end in pieces) == end - start
    assert not pieces or (pieces[0][0], pieces[-1][1]) == (start, end)


def walk_back(trace: Trace, position: int, start: int, end: int) -> Iterator[Piece]:
    moment = end
    while moment > start:
        finished = [
            (min(child.end_ns, end), -max(child.start_ns, start), -number)
            for number, child in awaited(trace, position)
            if max(child.start_ns, start) < min(child.end_ns, end) <= moment
        ]
        if not finished:
            yield position, start, moment
            return
        child_end, negative_start, negative_number = max(finished)
        if child_end < moment:
            yield position, child_end, moment
        yield from walk_back(trace, -negative_number, -negative_start, child_end)
        moment = -negative_start


def awaited(trace: Trace, position: int) -> list[tuple[int, Span]]:
    sends = trace.spans[position].kind is SpanKind.PRODUCER
    return [
        (number, span)
        for number, span in enumerate(trace.spans)
        if trace.parents[number] == position and not (sends and span.kind is SpanKind.CONSUMER)
    ]


def walk_back_over_all(trace: Trace) -> Iterator[Piece]:
    """At each moment: what ended just then, else what ran through it for longest, else nobody."""
    tops = sorted(loose_ends(trace), key=lambda top: (-top[2], top[1]))
    moment = trace.end_ns
    while moment > trace.start_ns:
        ended_now = [top for top in tops if top[2] == moment]
        running = sorted((top for top in tops if top[1] < moment < top[2]), key=lambda top: top[1])
        if ended_now or running:
            position, start, _ = (ended_now or running)[0]
            yield from walk_back(trace, position, start, moment)
            moment = start
        else:
            before = max((top[2] for top in tops if top[2] < moment), default=trace.start_ns)
            yield NO_SPAN, before, moment
            moment = before


def loose_ends(trace: Trace) -> Iterator[Piece]:
    """Roots whole; of other spans the stretches in which neither their root nor their parent ran, moment by moment."""
    for position, span in enumerate(trace.spans):
        if trace.parents[position] == NO_SPAN:
            if span.start_ns < span.end_ns:
                yield position, span.start_ns, span.end_ns
            continue
        root = [*trace.ancestors(position)][-1]
        around = (trace.spans[root], trace.spans[trace.parents[position]])
        alone = [
            moment
            for moment in range(span.start_ns, span.end_ns)
            if not any(other.start_ns <= moment < other.end_ns for other in around)
        ]
        for moment in alone:
            if moment - 1 not in alone:
                end = moment
                while end in alone:
                    end += 1
                yield position, moment, end
