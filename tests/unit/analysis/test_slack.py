"""How much later a span could end, and how much sooner the run would if it took no time."""

import msgspec
import pytest
from hypothesis import given

from reev_flow.analysis.replay.schedule import NO_GROUP, Schedule
from reev_flow.analysis.replay.slack import Margins, margins
from reev_flow.analysis.spans import SpanAnalysis
from reev_flow.collect.assemble import assemble_one
from reev_flow.trace.semantics import REEV_AFTER
from reev_flow.trace.span import Span
from reev_flow.trace.trace import Trace
from support.draw import MS, draw
from support.forests import forests
from support.told_causes import tell_causes
from support.told_forests import told_forests

MANY = 100_000


def slack(trace: Trace) -> dict[str, int]:
    """In milliseconds, by name."""
    return in_ms(trace, SpanAnalysis(trace).slack_ns)


def drag(trace: Trace) -> dict[str, int]:
    return in_ms(trace, SpanAnalysis(trace).drag_ns)


def in_ms(trace: Trace, times_ns: dict[int, int]) -> dict[str, int]:
    return {trace.spans[position].name: time // MS for position, time in times_ns.items()}


def test_what_ended_before_something_it_ran_beside_has_the_difference_as_slack():
    trace = draw("""
        plan        ##########
          search    ###
          answer    ########
    """)
    assert slack(trace) == {"plan": 0, "search": 5, "answer": 0}


def test_what_ran_beside_something_shorter_drags_by_the_difference():
    trace = draw("""
        plan        ##########
          search    ###
          answer    ########
    """)
    assert drag(trace) == {"plan": 10, "search": 0, "answer": 5}


def test_of_two_that_end_last_together_neither_has_slack_or_drag():
    trace = draw("""
        plan        #####
          search    #####
          weather   #####
    """)
    assert (slack(trace), drag(trace)) == (
        {"plan": 0, "search": 0, "weather": 0},
        {"plan": 5, "search": 0, "weather": 0},
    )


def test_steps_one_after_the_other_drag_by_their_whole_durations():
    trace = draw("""
        plan        ##########
          search     ###
          answer         ####
    """)
    assert drag(trace) == {"plan": 10, "search": 3, "answer": 4}


def test_slack_is_shared_along_a_chain():
    trace = draw("""
        plan           ##########
          long         ##########
          first        ##
          second         ###
    """)
    known = tell_causes(
        trace, after={"long": [], "first": [], "second": ["first"]}, joined={"plan": ["long", "second"]}
    )
    assert slack(known) == {"plan": 0, "long": 0, "first": 5, "second": 5}


def test_where_it_is_known_who_waited_for_whom_a_neighbour_keeps_its_own_slack():
    trace = draw("""
        run           ##############
          first-a     ######
          second-a    #######
          second-b           ###
          first-b             ######
    """)
    after = {"first-a": [], "second-a": [], "first-b": ["first-a"], "second-b": ["second-a"]}
    known = tell_causes(trace, after=after, joined={"run": ["first-b", "second-b"]})
    assert slack(known) == {"run": 0, "first-a": 0, "second-a": 4, "second-b": 4, "first-b": 0}


def test_a_task_that_nobody_waits_for_could_end_with_the_run():
    trace = draw("""
        run         ########
          log       ###
          answer      ##
    """)
    known = tell_causes(trace, after={"log": [], "answer": []}, joined={"run": ["answer"]})
    assert slack(known) == {"run": 0, "log": 5, "answer": 0}


def test_what_outlives_its_parent_drags_and_the_parent_has_slack():
    trace = draw("""
        request     ####
          job         ######
    """)
    assert (slack(trace), drag(trace)) == ({"request": 4, "job": 0}, {"request": 0, "job": 4})


def test_a_cancelled_span_has_no_drag_since_others_ended_it():
    trace = draw("""
        race        ######
          winner    #####
          loser     !!!!!    error="CancelledError: "
    """)
    assert drag(trace)["loser"] == 0


@given(told_forests())
def test_a_span_could_end_later_by_its_slack_and_no_nanosecond_more(trace: Trace):
    schedule = Schedule.of(trace)
    end_ns = max(schedule.times.ends_ns)
    for position, slack_ns in enumerate(margins(schedule).slack_ns):
        latest_ns = trace.spans[position].end_ns + slack_ns
        assert max(ends_if_it_ends(schedule, position, latest_ns)) == end_ns
        assert max(ends_if_it_ends(schedule, position, latest_ns + 1)) == end_ns + 1


@given(told_forests())
def test_without_a_span_the_run_is_shorter_by_its_drag(trace: Trace):
    schedule = Schedule.of(trace)
    end_ns = max(schedule.times.ends_ns)
    saved_ns = [end_ns - end_if_it_took_no_time(schedule, position) for position in range(len(trace))]
    assert list(margins(schedule).drag_ns) == saved_ns


@given(forests())
def test_drag_is_what_a_replay_with_no_duration_saves_where_clocks_agree(trace: Trace):
    tidy = fitted(trace)
    schedule = Schedule.of(tidy)
    saved_ns = [
        tidy.duration_ns - schedule.replay({position: 0}).duration_ns if span.duration_ns else 0
        for position, span in enumerate(tidy.spans)
    ]
    assert list(margins(schedule).drag_ns) == saved_ns


def fitted(trace: Trace) -> Trace:
    """With every span inside its parent, and all inside one."""
    spans: list[Span] = [Span(trace_id="t", span_id="run", start_ns=trace.start_ns, end_ns=trace.end_ns)]
    inner: dict[str, Span] = {}
    for span, parent in zip(trace.spans, trace.parents, strict=True):
        outer = spans[0] if parent < 0 else inner[trace.spans[parent].span_id]
        start_ns, end_ns = (min(max(time, outer.start_ns), outer.end_ns) for time in (span.start_ns, span.end_ns))
        inner[span.span_id] = msgspec.structs.replace(
            span, parent_id=outer.span_id, start_ns=start_ns, end_ns=end_ns, flags=frozenset()
        )
        spans.append(inner[span.span_id])
    return assemble_one(spans)


def ends_if_it_ends(schedule: Schedule, position: int, end_ns: int) -> list[int]:
    """Every event worked out again, one after the other."""
    count = len(schedule.trace)
    starts = [*schedule.times.starts_ns, min(schedule.times.starts_ns)]
    ends = list(schedule.times.ends_ns)
    for event in schedule.order:
        causes = () if schedule.group_of[event] == NO_GROUP else schedule.groups[schedule.group_of[event]]
        time_ns = max([starts[schedule.around[event]], *(ends[cause] for cause in causes)]) + schedule.lags_ns[event]
        if event < count:
            starts[event] = time_ns
        else:
            ends[event - count] = end_ns if event == count + position else time_ns
    return ends


def end_if_it_took_no_time(schedule: Schedule, position: int) -> int:
    """What lies inside it and does not outlive it is gone with it. What others ended lasts as long as they let it."""
    was = schedule.times
    if position in schedule.cancelled:
        return max(was.ends_ns)
    ends = ends_if_it_ends(schedule, position, was.starts_ns[position])
    inside = range(position + 1, schedule.trace.subtree_ends[position])
    outlived = [was.ends_ns[one] for one in inside if was.ends_ns[one] > was.ends_ns[position]]
    return max(outlived + [end for one, end in enumerate(ends) if one not in inside])


def chain() -> list[Span]:
    return [span(number, str(number - 1) if number else None, number, 2 * MANY - number) for number in range(MANY)]


def fan_out() -> list[Span]:
    return [span(number, "0" if number else None, 0, MANY - number) for number in range(MANY)]


def row() -> list[Span]:
    steps = [span(number, "0", number, number + 1) for number in range(1, MANY)]
    return [span(0, None, 1, MANY), *steps]


def told_fan_in_and_out() -> list[Span]:
    """Half of them wait for the first, the other half for those."""
    half = MANY // 2
    first = [span(number, "run", number, number + 1) for number in range(half)]
    after = [str(number) for number in range(half)]
    waiting = msgspec.structs.replace(span(half, "run", half, MANY), attributes={REEV_AFTER: list(after)})
    rest = [span(number, "run", MANY + number, MANY + number) for number in range(half + 1, MANY)]
    return [Span(trace_id="t", span_id="run", start_ns=0, end_ns=2 * MANY), *first, waiting, *rest]


def span(number: int, parent_id: str | None, start_ns: int, end_ns: int) -> Span:
    return Span(trace_id="t", span_id=str(number), parent_id=parent_id, start_ns=start_ns, end_ns=end_ns)


@pytest.mark.parametrize("spans", [chain, fan_out, row, told_fan_in_and_out])
def test_100_000_spans_of_any_shape_are_told(spans: object):
    trace = assemble_one(spans())  # type: ignore[operator]
    found: Margins = margins(Schedule.of(trace))
    assert max(found.drag_ns) <= trace.duration_ns


def test_what_is_told_of_two_spans_at_one_moment_is_left_out_where_they_are_worked_out_the_other_way_round():
    def span(name: str, start_ns: int, end_ns: int, after: list[str]) -> Span:
        return Span(
            trace_id="t",
            span_id=name,
            parent_id="missing",
            name=name,
            start_ns=start_ns,
            end_ns=end_ns,
            attributes={REEV_AFTER: [*after]},
        )

    trace = assemble_one([span("a", 1, 1, ["b"]), span("b", 1, 1, []), span("c", 1, 2, ["a"])])
    schedule = Schedule.of(trace)
    assert [trace.spans[position].name for position in range(3)] == ["a", "b", "c"]
    assert margins(schedule).slack_ns[1] == 1


def test_an_end_waits_for_nothing_that_began_and_ended_in_its_very_moment():
    trace = tell_causes(
        draw("""
            run           ####
              agent       ##
                tool      ##
        """),
        after={"agent": [], "tool": []},
        joined={"run": ["agent"], "agent": ["tool"]},
    )
    *others, tool = trace.spans
    instant = assemble_one([*others, msgspec.structs.replace(tool, start_ns=tool.end_ns)])
    assert margins(Schedule.of(instant)).slack_ns == (0, 0, 2 * MS)
