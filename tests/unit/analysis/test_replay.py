"""A run replayed: unchanged it comes out as it was, and what gets shorter makes nothing longer."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.analysis.path.causes import Causes
from reev_flow.analysis.replay.event_order import event_order
from reev_flow.analysis.replay.schedule import Schedule
from reev_flow.collect.assemble import assemble_one
from reev_flow.trace.span import Span
from reev_flow.trace.trace import Trace
from support.draw import MS, draw
from support.forests import forests

SEARCH = 2  # behind what started with it and ended before


@given(forests())
def test_without_a_change_every_start_and_end_is_as_it_was_recorded(trace: Trace):
    times = Schedule.of(trace).replay({})
    assert (times.starts_ns, times.ends_ns) == recorded(trace)


@given(forests(), st.data())
def test_durations_that_are_given_as_they_were_change_nothing(trace: Trace, data: st.DataObject):
    durations = {position: trace.spans[position].duration_ns for position in data.draw(positions_of(trace))}
    times = Schedule.of(trace).replay(durations)
    assert (times.starts_ns, times.ends_ns) == recorded(trace)


@given(forests(), st.data())
def test_what_gets_faster_never_makes_the_run_longer(trace: Trace, data: st.DataObject):
    faster = {
        position: data.draw(st.integers(0, trace.spans[position].duration_ns))
        for position in data.draw(positions_of(trace))
    }
    assert Schedule.of(trace).replay(faster).duration_ns <= trace.duration_ns


@given(forests(), st.data())
def test_longer_durations_never_make_the_run_shorter(trace: Trace, data: st.DataObject):
    chosen = data.draw(positions_of(trace))
    shorter = {position: data.draw(st.integers(0, 20)) for position in chosen}
    longer = {position: duration + data.draw(st.integers(0, 20)) for position, duration in shorter.items()}
    schedule = Schedule.of(trace)
    assert schedule.replay(shorter).duration_ns <= schedule.replay(longer).duration_ns


@given(forests(), st.data())
def test_nothing_ends_before_it_starts(trace: Trace, data: st.DataObject):
    durations = {position: data.draw(st.integers(0, 40)) for position in data.draw(positions_of(trace))}
    times = Schedule.of(trace).replay(durations)
    assert all(start <= end for start, end in zip(times.starts_ns, times.ends_ns, strict=True))


@given(forests())
def test_every_event_comes_once_and_after_its_spans_parent_started(trace: Trace):
    order = event_order(trace)
    rank = {event: number for number, event in enumerate(order)}
    assert sorted(order) == list(range(2 * len(trace)))
    assert all(rank[position] < rank[len(trace) + position] for position in range(len(trace)))
    assert all(parent < 0 or rank[parent] < rank[position] for position, parent in enumerate(trace.parents))


@given(st.lists(st.integers(1, 50), min_size=1, max_size=8), st.data())
def test_in_a_sequence_the_parts_add_up(lengths: list[int], data: st.DataObject):
    trace = one_after_the_other(lengths)
    new = [data.draw(st.integers(0, 80)) for _ in lengths]
    times = Schedule.of(trace).replay({number + 1: length * MS for number, length in enumerate(new)})
    assert times.duration_ns == sum(new) * MS


def test_what_lies_inside_a_changed_span_keeps_its_share_of_it():
    trace = draw("""
        plan        ##########
          search    ######
            fetch     ##
          answer          ####
    """)

    times = Schedule.of(trace).replay({1: 3 * MS})
    assert [(start - trace.start_ns) / MS for start in times.starts_ns] == [0, 0, 1, 3]
    assert [(end - trace.start_ns) / MS for end in times.ends_ns] == [7, 3, 2, 7]


@pytest.mark.parametrize(("causes", "duration_ms"), [((2,), 6), ((1,), 8), ((1, 2), 7), ((), 8)])
def test_recorded_causes_decide_and_not_the_times(causes: tuple[int, ...], duration_ms: int):
    trace = draw("""
        plan        ########
          search    ####
          weather   ###
          answer        ####
    """)
    known = Causes(starts=[(), (), (), causes], ends=[(1, 2, 3), (), (), ()])

    assert Schedule.of(trace, known).replay({SEARCH: 2 * MS}).duration_ns == duration_ms * MS


def test_a_loser_ends_with_the_one_that_won():
    trace = draw("""
        plan        ########
          fast      ####
          slow      !!!!        error=CancelledError
          answer        ####
    """)

    assert Schedule.of(trace).replay({1: 2 * MS}).ends_ns[2] == trace.start_ns + 2 * MS


def test_what_a_timeout_cancelled_lasts_as_long_whatever_it_does():
    trace = draw("""
        plan        !!!!    error=TimeoutError
          slow      !!!!    error=CancelledError
    """)

    assert Schedule.of(trace).replay({1: 1 * MS}).duration_ns == 4 * MS


def positions_of(trace: Trace) -> st.SearchStrategy[list[int]]:
    return st.lists(st.sampled_from(range(len(trace))), unique=True, max_size=4)


def recorded(trace: Trace) -> tuple[list[int], list[int]]:
    return [span.start_ns for span in trace.spans], [span.end_ns for span in trace.spans]


def one_after_the_other(lengths: list[int]) -> Trace:
    lines = ["plan   " + "#" * sum(lengths)]
    done = 0
    for number, length in enumerate(lengths):
        lines.append(f"  s{number}" + " " * (6 - len(f"  s{number}") + 1 + done) + "#" * length)
        done += length
    return draw("\n".join(lines))


@pytest.mark.parametrize("parent_of", [lambda number: number - 1, lambda _: 0], ids=["deep", "wide"])
def test_no_trace_is_too_deep_or_too_wide(parent_of: Callable[[int], int]):
    spans = [Span(trace_id="t", span_id="0", name="root", start_ns=0, end_ns=1_000_000)]
    spans += [
        Span(
            trace_id="t",
            span_id=str(number),
            parent_id=str(parent_of(number)),
            start_ns=number,
            end_ns=900_000 - number,
        )
        for number in range(1, 20_000)
    ]
    trace = assemble_one(spans)
    assert Schedule.of(trace).replay({len(trace) - 1: 0}).duration_ns <= trace.duration_ns
