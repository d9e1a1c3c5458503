"""Clocks that disagree, told apart from everything else that looks odd in time."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.collect.assemble import assemble_one
from reev_flow.trace.span import Attributes, Flag, Source, Span, SpanEvent, SpanKind
from reev_flow.trace.trace import NO_PARENT, Problem, Trace
from support.records import record

MANY = 20_000
LATE = 1_000_000  # every test's times are around it, so that shifts keep them above 0


def timed(
    span_id: str,
    parent_id: str | None,
    times: tuple[int, int],
    service: str,
    *,
    kind: SpanKind = SpanKind.INTERNAL,
    host: str = "",
    **facts: object,
) -> Span:
    resource: Attributes = {"host.name": host} if host else {}
    start, end = times
    return record(
        span_id,
        parent_id,
        LATE + start,
        LATE + end if end else 0,
        kind=kind,
        source=Source(service=service, resource=resource),
        name=span_id,
        **facts,
    )


def call(shift: int = 0, *, serves: tuple[int, int] = (20, 80)) -> list[Span]:
    """A shop calls a bank, whose clock is `shift` ahead."""
    start, end = serves
    return [
        timed("a1", None, (0, 100), "shop"),
        timed("b2", "a1", (10, 90), "shop", kind=SpanKind.CLIENT),
        timed("c3", "b2", (start + shift, end + shift), "bank", kind=SpanKind.SERVER),
        timed("d4", "c3", (start + 5 + shift, end - 5 + shift), "bank"),
    ]


def skews(spans: list[Span]) -> list[Problem]:
    return [problem for problem in assemble_one(spans).problems if problem.flag is Flag.CLOCK_SKEW]


def times_of(trace: Trace) -> dict[str, tuple[int, int]]:
    return {span.span_id: (span.start_ns - LATE, span.end_ns - LATE) for span in trace.spans}


@pytest.mark.parametrize("shift", [-500, -15, 500, 10**9])
def test_the_clock_of_a_service_that_answered_outside_of_its_call_is_told(shift: int):
    (problem,) = skews(call(shift))

    assert (problem.service, problem.span_id) == ("bank", "c3")
    assert problem.shift_ns == -shift


@pytest.mark.parametrize("shift", [0, 5, -10, 10, 15])
def test_a_service_that_begins_while_it_is_called_has_no_clock_that_is_off(shift: int):
    assert skews(call(shift)) == []


def test_a_problem_says_whose_clock_and_how_far_off_and_that_nothing_was_moved():
    (ahead,), (behind,) = skews(call(500)), skews(call(-500))

    assert ahead.details == "'c3' shows that the clock of service bank is 500 ns ahead; nothing was moved"
    assert "500 ns behind" in behind.details


def test_times_are_kept_unless_their_adjustment_is_asked_for():
    spans = call(500)

    assert times_of(assemble_one(spans))["c3"] == (520, 580)
    assert times_of(assemble_one(spans, adjust_clocks=True)) == times_of(assemble_one(call()))


def test_adjusted_spans_lie_in_their_parents_and_their_events_move_along():
    spans = call(500)
    spans[3] = msgspec.structs.replace(spans[3], events=(SpanEvent(time_ns=LATE + 530, name="seen"),))
    trace = assemble_one(spans, adjust_clocks=True)
    (problem,) = trace.problems

    assert (problem.flag, problem.shift_ns) == (Flag.CLOCK_SKEW, -500)
    assert problem.details.endswith("its spans were moved by that")
    assert trace.spans[-1].events[0].time_ns == LATE + 30


@pytest.mark.parametrize(
    ("reason", "spans"),
    [
        ("the same service", [timed("a1", None, (50, 100), "shop"), timed("b2", "a1", (10, 20), "shop")]),
        (
            "the same host",
            [timed("a1", None, (50, 100), "shop", host="h"), timed("b2", "a1", (10, 20), "bank", host="h")],
        ),
        ("no service", [timed("a1", None, (50, 100), ""), timed("b2", "a1", (10, 20), "bank")]),
        (
            "a queue between them",
            [
                timed("a1", None, (0, 10), "shop", kind=SpanKind.PRODUCER),
                timed("b2", "a1", (500, 600), "bank", kind=SpanKind.CONSUMER),
            ],
        ),
        (
            "work that goes on when nobody waits for it",
            [timed("a1", None, (0, 10), "shop"), timed("b2", "a1", (5, 600), "bank")],
        ),
        ("a parent without an end", [timed("a1", None, (1, 0), "shop"), timed("b2", "a1", (500, 600), "bank")]),
        (
            "a child without a start",
            [timed("a1", None, (50, 100), "shop"), timed("b2", "a1", (-LATE, 20), "bank")],
        ),
        (
            "no shift explains both",
            [
                timed("a1", None, (0, 100), "shop"),
                timed("b2", "a1", (-500, -480), "bank"),
                timed("c3", "a1", (900, 920), "bank"),
            ],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_not_every_oddity_is_a_matter_of_clocks(reason: str, spans: list[Span]):
    assert skews(spans) == [], reason


def test_hosts_of_one_service_have_clocks_of_their_own():
    spans = [
        timed("a1", None, (0, 100), "shop", host="one"),
        timed("b2", "a1", (-300, -240), "shop", host="two"),
    ]
    (problem,) = skews(spans)

    assert ("host two" in problem.details, problem.shift_ns) == (True, 300)


def test_all_calls_together_tell_the_shift_more_exactly():
    spans = [
        timed("a1", None, (0, 1_000), "shop"),
        timed("b2", "a1", (500, 600), "bank"),  # may have been anywhere
        timed("c3", "a1", (100, 200), "shop", kind=SpanKind.CLIENT),
        timed("d4", "c3", (410, 490), "bank", kind=SpanKind.SERVER),
    ]

    assert [problem.shift_ns for problem in skews(spans)] == [-300]


def test_outside_of_calls_the_smallest_shift_that_fits_is_told():
    spans = [timed("a1", None, (0, 1_000), "shop"), timed("b2", "a1", (-40, 60), "bank")]

    assert [problem.shift_ns for problem in skews(spans)] == [40]


def test_a_service_behind_one_whose_clock_is_off_shares_its_shift():
    below = timed("e5", "d4", (530, 540), "vault")
    trace = assemble_one([*call(500), below], adjust_clocks=True)

    assert [(problem.service, problem.shift_ns) for problem in trace.problems] == [("bank", -500), ("vault", -500)]
    assert times_of(trace)["e5"] == (30, 40)


def test_a_service_that_is_called_back_is_right():
    back = timed("e5", "d4", (40, 50), "shop")
    trace = assemble_one([*call(500), back], adjust_clocks=True)

    assert [problem.service for problem in trace.problems] == ["bank"]
    assert times_of(trace)["e5"] == (40, 50)


@st.composite
def service_calls(draw: st.DrawFn, services: tuple[str, ...] = ("shop", "bank", "vault")) -> list[Span]:
    """Every child in its parent, each of one of these services."""
    spans = [timed("0", None, (0, 4_096), "shop")]
    times = {"0": (0, 4_096)}
    for number in range(1, draw(st.integers(2, 9))):
        parent = draw(st.sampled_from(sorted(times)))
        start, end = times[parent]
        begin = draw(st.integers(start, end))
        times[str(number)] = (begin, draw(st.integers(begin, end)))
        service = draw(st.sampled_from(services))
        spans.append(timed(str(number), parent, times[str(number)], service))
    return [
        msgspec.structs.replace(
            span, start_ns=LATE + times[span.span_id][0], end_ns=LATE + times[span.span_id][1], flags=frozenset()
        )
        for span in spans
    ]


@given(service_calls())
def test_a_trace_in_which_all_clocks_agree_has_no_skew(spans: list[Span]):
    assert skews(spans) == []


@given(service_calls(("shop", "bank")), st.integers(-100_000, 100_000))
def test_a_shifted_service_fits_again_once_clocks_are_adjusted(spans: list[Span], shift: int):
    shifted = [
        msgspec.structs.replace(span, start_ns=span.start_ns + shift, end_ns=span.end_ns + shift)
        if span.source.service == "bank"
        else span
        for span in spans
    ]
    trace = assemble_one(shifted, adjust_clocks=True)

    for position, parent in enumerate(trace.parents):
        if parent != NO_PARENT:
            assert trace.spans[parent].start_ns <= trace.spans[position].start_ns <= trace.spans[parent].end_ns
    assert not any(Flag.OUTSIDE_PARENT in span.flags for span in trace.spans)


@given(service_calls(), st.integers(-9_000, 9_000))
def test_the_order_of_spans_does_not_matter_for_clocks(spans: list[Span], shift: int):
    shifted = [
        msgspec.structs.replace(span, start_ns=span.start_ns + shift, end_ns=span.end_ns + shift)
        if span.source.service == "vault"
        else span
        for span in spans
    ]

    assert assemble_one(shifted[::-1], adjust_clocks=True) == assemble_one(shifted, adjust_clocks=True)


def test_very_many_services_are_compared():
    fan = [timed("root", None, (0, 9_999), "shop")]
    fan += [timed(f"{n:x}", "root", (-50, -40), f"service {n}") for n in range(MANY)]

    assert len(skews(fan)) == MANY
