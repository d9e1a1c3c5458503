from reev_flow.collect.mend import mend_times
from reev_flow.trace.span import Flag, Span
from reev_flow.trace.trace import NO_PARENT
from support.records import record


def mended(*spans: tuple[Span, int]):
    """Times and flags of spans, each given with the position of its parent."""
    flags = [set(span.flags) for span, _ in spans]
    times = mend_times([span for span, _ in spans], [parent for _, parent in spans], flags)
    return times, flags


def test_sound_times_stay():
    times, flags = mended((record(start_ns=1, end_ns=9), NO_PARENT), (record(start_ns=2, end_ns=3), 0))

    assert times == [(1, 9), (2, 3)]
    assert flags == [set(), set()]


def test_an_end_before_the_start_lasts_no_time():
    times, flags = mended((record(start_ns=9, end_ns=4), NO_PARENT))

    assert times == [(9, 9)]
    assert flags == [{Flag.NEGATIVE_DURATION}]


def test_an_unfinished_span_lasts_as_long_as_what_it_contains():
    times, _ = mended(
        (record(start_ns=1, end_ns=0), NO_PARENT), (record(start_ns=2, end_ns=0), 0), (record(start_ns=3, end_ns=8), 1)
    )

    assert times == [(1, 8), (2, 8), (3, 8)]


def test_an_unfinished_span_without_children_lasts_no_time():
    assert mended((record(start_ns=5, end_ns=0), NO_PARENT))[0] == [(5, 5)]


def test_a_missing_start_is_the_end():
    assert mended((record(start_ns=0, end_ns=7), NO_PARENT))[0] == [(7, 7)]


def test_without_any_time_a_span_starts_with_its_parent():
    times, _ = mended((record(start_ns=4, end_ns=9), NO_PARENT), (record(start_ns=0, end_ns=0), 0))

    assert times == [(4, 9), (4, 4)]


def test_without_any_time_a_root_starts_with_the_trace():
    times, _ = mended((record(start_ns=0, end_ns=0), NO_PARENT), (record(start_ns=4, end_ns=9), NO_PARENT))

    assert times == [(4, 4), (4, 9)]


def test_a_trace_without_any_time_is_at_zero():
    assert mended((record(start_ns=0, end_ns=0), NO_PARENT))[0] == [(0, 0)]


def test_a_child_that_lies_wholly_outside_is_flagged_and_kept_where_it_is():
    times, flags = mended(
        (record(start_ns=10, end_ns=20), NO_PARENT),
        (record(start_ns=21, end_ns=25), 0),
        (record(start_ns=1, end_ns=9), 0),
    )

    assert times[1:] == [(21, 25), (1, 9)]
    assert flags[1:] == [{Flag.OUTSIDE_PARENT}, {Flag.OUTSIDE_PARENT}]


def test_a_child_that_sticks_out_or_touches_is_not_flagged():
    _, flags = mended(
        (record(start_ns=10, end_ns=20), NO_PARENT),
        (record(start_ns=15, end_ns=25), 0),
        (record(start_ns=20, end_ns=30), 0),
    )

    assert flags == [set(), set(), set()]
