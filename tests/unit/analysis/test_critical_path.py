"""Which chain of spans decided how long a run took."""

from reev_flow.analysis.path.critical_path import (
    NO_SPAN,
    Segment,
    blame_by_span,
    critical_path,
    critical_path_of,
)
from reev_flow.collect.assemble import assemble_one
from reev_flow.trace.span import Span, SpanKind
from reev_flow.trace.trace import Trace
from support.draw import MS, draw
from support.redraw import redraw


def told(trace: Trace, path: tuple[Segment, ...]) -> list[str]:
    """`name start-end` in milliseconds from the start of the trace."""
    return [
        f"{'nobody' if piece.position == NO_SPAN else trace.spans[piece.position].name} "
        f"{(piece.start_ns - trace.start_ns) // MS}-{(piece.end_ns - trace.start_ns) // MS}"
        for piece in path
    ]


def path_of(trace: Trace) -> list[str]:
    return told(trace, critical_path(trace))


def test_a_lone_span_owns_all_its_time():
    assert path_of(draw("plan  #####")) == ["plan 0-5"]


def test_the_branch_that_finished_last_is_critical():
    trace = draw("""
        plan        ##########
          search     ###
          answer     ########
    """)
    assert path_of(trace) == ["plan 0-1", "answer 1-9", "plan 9-10"]


def test_children_one_after_the_other_are_all_on_the_path():
    trace = draw("""
        plan        ##########
          search     ###
          answer         ####
    """)
    assert path_of(trace) == ["plan 0-1", "search 1-4", "plan 4-5", "answer 5-9", "plan 9-10"]


def test_a_child_that_ends_as_the_next_one_starts_is_on_the_path():
    trace = draw("""
        plan        ######
          search    ###
          answer       ###
    """)
    assert path_of(trace) == ["search 0-3", "answer 3-6"]


def test_of_children_that_finish_together_the_longest_is_waited_for():
    trace = draw("""
        plan        ######
          short       ####
          long       #####
    """)
    assert path_of(trace) == ["plan 0-1", "long 1-6"]


def test_a_child_of_no_duration_owns_nothing():
    trace = draw("""
        plan        ####
          blink       |
    """)
    assert path_of(trace) == ["plan 0-4"]


def test_what_of_a_child_lies_outside_its_parent_is_no_part_of_the_parents_path():
    trace = draw("""
        run           ##########
          plan         ####
            answer       #####
    """)
    plan = next(position for position, span in enumerate(trace.spans) if span.name == "plan")
    assert told(trace, critical_path_of(trace, plan)) == ["plan 1-3", "answer 3-5"]


def test_a_consumer_is_not_waited_for_by_the_producer_of_its_message():
    picture = """
        send          ####
          receive      ##
    """
    trace = redraw(redraw(draw(picture), "send", kind=SpanKind.PRODUCER), "receive", kind=SpanKind.CONSUMER)
    assert path_of(trace) == ["send 0-4"]


def test_time_between_two_roots_belongs_to_nobody():
    trace = draw("""
        first    ###
        second        ##
    """)
    assert path_of(trace) == ["first 0-3", "nobody 3-5", "second 5-7"]


def test_a_root_that_ran_beside_a_later_one_fills_the_gap_before_it():
    trace = draw("""
        long     ######
        short    ##
        last         #####
    """)
    assert path_of(trace) == ["long 0-4", "last 4-9"]


def test_work_that_outlives_its_root_owns_the_time_after_it():
    trace = draw("""
        request     ####
          job         ######
    """)
    assert path_of(trace) == ["request 0-2", "job 2-4", "job 4-8"]


def test_work_that_starts_long_after_its_root_leaves_the_time_between_to_nobody():
    trace = draw("""
        request     ####
          job             ##
            write          #
    """)
    assert path_of(trace) == ["request 0-4", "nobody 4-6", "job 6-7", "write 7-8"]


def test_time_of_nobody_is_blamed_on_no_span():
    trace = draw("""
        first    ###
        second        ##
    """)
    assert sum(blame_by_span(trace, critical_path(trace))) == 5 * MS


def numbered(count: int, parent_of: object) -> Trace:
    """Spans 0, 1, 2 …, each inside the one before it in time."""
    return assemble_one(
        [
            Span(trace_id="t", span_id=f"{number:06}", parent_id=parent_of(number), start_ns=number, end_ns=2 * count)  # type: ignore[operator]
            for number in range(count)
        ]
    )


def test_a_chain_of_100_000_spans_is_walked():
    trace = numbered(100_000, lambda number: f"{number - 1:06}" if number else None)
    assert len(critical_path(trace)) == 100_000


def test_a_fan_out_of_100_000_spans_is_walked():
    trace = numbered(100_000, lambda number: f"{0:06}" if number else None)
    assert path_positions(trace) == [0, 1]


def path_positions(trace: Trace) -> list[int]:
    return [piece.position for piece in critical_path(trace)]
