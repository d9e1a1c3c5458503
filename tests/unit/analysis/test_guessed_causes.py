"""What a start seems to have waited for, from times alone."""

import msgspec
import pytest

from reev_flow.analysis.path.causes import Causes, known_causes
from reev_flow.analysis.replay.event_order import event_order
from reev_flow.analysis.replay.guessed_causes import with_guesses
from reev_flow.collect.assemble import assemble_one
from reev_flow.trace.semantics import REEV_AFTER
from reev_flow.trace.span import SpanKind
from reev_flow.trace.trace import Trace
from support.draw import draw


def test_a_step_after_a_step_waited_for_it():
    trace = draw("""
        plan        #########
          search    ###
          answer       ###
          store           ###
    """)

    assert waited_for(trace, "answer") == {"search"}
    assert waited_for(trace, "store") == {"answer"}


def test_own_work_in_between_does_not_hide_what_came_before():
    trace = draw("""
        plan        ########
          search    ###
          answer        ####
    """)

    assert waited_for(trace, "answer") == {"search"}


def test_what_begins_while_nothing_runs_waited_for_all_that_had_run_side_by_side():
    trace = draw("""
        plan        ########
          search    ###
          weather   #####
          answer         ###
    """)

    assert waited_for(trace, "answer") == {"search", "weather"}


def test_what_is_sent_out_together_waited_for_the_same():
    trace = draw("""
        plan        ###########
          search    ###
          weather   #####
          answer         ####
          store           #####
    """)

    assert waited_for(trace, "answer") == {"search", "weather"}
    assert waited_for(trace, "store") == {"search", "weather"}


def test_what_begins_while_something_else_runs_goes_on_behind_the_last_to_end():
    trace = draw("""
        plan        ##########
          search    ###
          weather   ##########
          rank         ####
          store            ###
    """)

    assert waited_for(trace, "rank") == {"search"}
    assert waited_for(trace, "store") == {"rank"}


def test_workers_each_go_on_behind_their_own():
    trace = draw("""
        plan        ###########
          one       ###
          two       #####
          three        #####
          four           ######
    """)

    assert waited_for(trace, "three") == {"one"}
    assert waited_for(trace, "four") == {"two"}


TWO_LINES = """
    plan        ###########
      search    ###
      weather   ####
      rank         ####
      store            ####
"""


def test_a_line_that_goes_on_alone_waits_for_nobody_else():
    assert waited_for(draw(TWO_LINES), "store") == {"rank"}


def test_several_that_begin_together_waited_for_all_lines():
    trace = draw(TWO_LINES + "      answer           ####")

    assert waited_for(trace, "store") == {"weather", "rank"}
    assert waited_for(trace, "answer") == {"weather", "rank"}


def test_a_try_waited_for_the_one_before_it():
    trace = draw("""
        plan          ###########
          fetch       !!
          fetch          !!
          answer              ###
    """)

    assert waited_for(trace, "answer") == {"fetch"}


def test_the_first_of_a_span_waited_for_nothing_beside_it():
    assert waited_for(draw("plan   ####\n  search  ##"), "search") == set()


def test_an_end_waited_for_all_children_that_ended_by_then():
    trace = draw("""
        plan        ######
          search    ###
          weather   #####
          log          ######
    """)

    assert ended_after(trace, "plan") == {"search", "weather"}


def test_a_producer_does_not_wait_for_its_consumer():
    drawn = draw("""
        send        ######
          work      ###
    """)
    kinds = {"send": SpanKind.PRODUCER, "work": SpanKind.CONSUMER}
    trace = assemble_one([msgspec.structs.replace(span, kind=kinds[span.name]) for span in drawn.spans])

    assert ended_after(trace, "send") == set()


def test_what_others_made_in_between_is_added_to_what_is_recorded():
    drawn = draw("""
        plan        #########
          search    ###
          foreign      ###
          answer          ###
    """)
    search = next(span.span_id for span in drawn.spans if span.name == "search")
    told = {"search": {REEV_AFTER: []}, "answer": {REEV_AFTER: [search]}}
    trace = assemble_one([msgspec.structs.replace(span, attributes=told.get(span.name, {})) for span in drawn.spans])

    assert waited_for(trace, "answer", known_causes(trace)) == {"search", "foreign"}


@pytest.mark.parametrize("count", [1, 3])
def test_roots_one_after_the_other_wait_for_each_other_too(count: int):
    trace = draw("\n".join(f"run{number}  {'   ' * number}###" for number in range(count + 1)))
    assert waited_for(trace, f"run{count}") == {f"run{count - 1}"}


def waited_for(trace: Trace, name: str, known: Causes | None = None) -> set[str]:
    """The names of what the last span of this name waited for."""
    position = max(position for position, span in enumerate(trace.spans) if span.name == name)
    return named(trace, with_guesses(trace, known or nothing(trace), event_order(trace)).starts[position])


def ended_after(trace: Trace, name: str) -> set[str]:
    position = next(position for position, span in enumerate(trace.spans) if span.name == name)
    return named(trace, with_guesses(trace, nothing(trace), event_order(trace)).ends[position])


def nothing(trace: Trace) -> Causes:
    return Causes(starts=[None] * len(trace), ends=[None] * len(trace))


def named(trace: Trace, positions: tuple[int, ...]) -> set[str]:
    return {trace.spans[position].name for position in positions}
