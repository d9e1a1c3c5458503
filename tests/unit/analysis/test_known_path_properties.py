"""Whatever is told of what waited for what, the critical path explains every nanosecond once."""

from collections.abc import Iterator
from itertools import pairwise

from hypothesis import given

from reev_flow.analysis.path.causes import Causes, known_causes
from reev_flow.analysis.path.critical_path import Segment, critical_path, critical_path_of
from reev_flow.analysis.path.flow_path import flow_path
from reev_flow.collect.assemble import assemble_one
from reev_flow.trace.semantics import REEV_AFTER, REEV_GAP, REEV_JOINED
from reev_flow.trace.span import Operation, Span, SpanKind
from reev_flow.trace.trace import Trace
from support.told_forests import told_forests

MANY = 100_000
Piece = tuple[int, int, int]


@given(told_forests())
def test_the_path_of_a_trace_covers_its_time_exactly_once(trace: Trace):
    assert_covers(critical_path(trace), trace.start_ns, trace.end_ns)


@given(told_forests())
def test_the_path_of_every_span_covers_its_time_exactly_once(trace: Trace):
    for position, span in enumerate(trace.spans):
        assert_covers(critical_path_of(trace, position), span.start_ns, span.end_ns)


@given(told_forests())
def test_the_path_of_the_operations_covers_their_time_exactly_once(trace: Trace):
    operations = [span for span in trace.spans if span.operation is not Operation.OTHER] or trace.spans
    start_ns, end_ns = min(span.start_ns for span in operations), max(span.end_ns for span in operations)
    assert_covers(flow_path(trace), start_ns, end_ns)


@given(told_forests())
def test_the_path_of_every_span_is_what_walking_back_one_cause_at_a_time_finds(trace: Trace):
    causes = known_causes(trace)
    for position, span in enumerate(trace.spans):
        found = [(piece.position, piece.start_ns, piece.end_ns) for piece in critical_path_of(trace, position)]
        wanted = walk_back(trace, causes, (position, span.start_ns, span.end_ns))
        assert found == joined(sorted(wanted, key=lambda piece: piece[1]))


def test_a_chain_of_100_000_siblings_that_tell_whom_they_waited_for_is_walked():
    assert len(critical_path(fan(lambda number: [str(number - 1)] if number else []))) == MANY


def test_100_000_siblings_that_all_waited_for_the_first_are_walked():
    assert len(critical_path(fan(lambda number: ["0"] if number else []))) == 3  # the first, the run, the last


def fan(after: object) -> Trace:
    run = Span(trace_id="t", span_id="run", start_ns=0, end_ns=MANY, attributes={REEV_JOINED: [str(MANY - 1)]})
    return assemble_one(
        [run, *(step(number, after(number)) for number in range(MANY))]  # type: ignore[operator]
    )


def step(number: int, after: list[str]) -> Span:
    return Span(
        trace_id="t",
        span_id=str(number),
        parent_id="run",
        start_ns=number,
        end_ns=number + 1,
        attributes={REEV_AFTER: list(after)},
    )


def assert_covers(path: tuple[Segment, ...], start_ns: int, end_ns: int) -> None:
    assert all(piece.start_ns < piece.end_ns for piece in path)
    assert all(earlier.end_ns == later.start_ns for earlier, later in pairwise(path))
    assert sum(piece.duration_ns for piece in path) == end_ns - start_ns
    assert not path or (path[0].start_ns, path[-1].end_ns) == (start_ns, end_ns)


def joined(pieces: list[Piece]) -> list[Piece]:
    """What one span owns without a break, though a child of no duration came between, is one piece."""
    whole: list[Piece] = []
    for position, start, end in pieces:
        if whole and whole[-1][0] == position:
            start = whole.pop()[1]  # noqa: PLW2901 - the piece goes on from the one before it
        whole.append((position, start, end))
    return whole


def walk_back(trace: Trace, causes: Causes, stretch: Piece) -> Iterator[Piece]:
    """As the rule is told, every candidate looked at every time."""
    position, start, moment = stretch
    bound, known = moment, causes.ends[position]
    while moment > start:
        chosen = latest_cause(trace, causes, known, (position, start, moment, bound))
        if chosen is None or chosen[1] <= start:
            break
        child, end, begin = chosen
        if begin < end:
            if end < moment:
                yield position, end, moment
            yield from walk_back(trace, causes, (child, begin, end))
            moment = begin
        elif end < moment:
            yield position, end, moment
            moment = end
        is_named = known is not None and child in known
        if known is None or is_named or trace.spans[child].attributes.get(REEV_GAP) != "down":
            known = causes.starts[child]
    if start < moment:
        yield position, start, moment


def latest_cause(
    trace: Trace, causes: Causes, known: tuple[int, ...] | None, bounds: tuple[int, int, int, int]
) -> Piece | None:
    """Its position, its end and its start as far as they lie within bounds."""
    position, start, moment, bound = bounds
    guesses = [
        (min(span.end_ns, bound), -max(span.start_ns, start), -child)
        for child, span in enumerate(trace.spans)
        if trace.parents[child] == position
        and max(span.start_ns, start) < min(span.end_ns, bound) <= moment
        and not (trace.spans[position].kind is SpanKind.PRODUCER and span.kind is SpanKind.CONSUMER)
        and (known is None or causes.starts[child] is None or span.attributes.get(REEV_GAP) == "down")
    ]
    named = [(trace.spans[child].end_ns, -trace.spans[child].start_ns, -child) for child in known or ()]
    if named and (not guesses or min(max(named)[0], moment) >= max(guesses)[0]):
        end, negative_start, negative_child = max(named)
        return -negative_child, min(end, moment), max(-negative_start, start)
    if not guesses:
        return None
    end, negative_start, negative_child = max(guesses)
    return -negative_child, end, -negative_start
