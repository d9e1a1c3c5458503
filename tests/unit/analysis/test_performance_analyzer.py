"""What a run spent its time on, and what would make it faster."""

import math

import pytest
from hypothesis import given

from reev_flow.analysis.advice.performance import PerformanceAnalyzer
from reev_flow.trace.span import Operation
from reev_flow.trace.trace import Trace
from support.draw import MS, draw
from support.forests import forests

A_RUN = """
    agent:planner           ####################
      llm:gpt               ####
      tool:search(x=1)          ############
      tool:weather(x=1)         ###
      llm:gpt                               ####
"""


def test_bottlenecks_are_the_operations_that_own_the_path():
    found = PerformanceAnalyzer().analyze(draw(A_RUN)).bottlenecks
    assert [(one.label, one.owned_ns // MS) for one in found] == [("search", 12), ("gpt", 8)]


def test_a_bottleneck_says_its_share_of_the_run():
    assert PerformanceAnalyzer().analyze(draw(A_RUN)).bottlenecks[0].share == pytest.approx(0.6)


def test_a_bottleneck_names_its_calls_that_own_most():
    found = PerformanceAnalyzer().analyze(draw(A_RUN)).bottlenecks[1]
    assert (found.calls, found.spans) == (2, (f"{2:016x}", f"{5:016x}"))


def test_a_bottleneck_says_how_long_its_calls_take():
    durations = PerformanceAnalyzer().analyze(draw(A_RUN)).bottlenecks[1].durations
    assert (durations.total_ns, durations.median_ns, durations.longest_ns) == (8 * MS, 4 * MS, 4 * MS)


def test_what_a_bottleneck_drags_ends_where_other_work_takes_its_place():
    """Without the search, the weather still takes 3 ms."""
    found = PerformanceAnalyzer().analyze(draw(A_RUN)).bottlenecks[0]
    assert (found.slack_ns, found.drag_ns) == (0, 9 * MS)


def test_each_nanosecond_that_a_bottleneck_saves_counts():
    assert PerformanceAnalyzer().analyze(draw(A_RUN)).bottlenecks[0].saved_per_ns == pytest.approx(1.0)


def test_work_beside_the_path_is_no_bottleneck():
    found = PerformanceAnalyzer().analyze(draw(A_RUN)).bottlenecks
    assert "weather" not in {one.label for one in found}


def test_who_wants_to_see_more_asks_for_smaller_shares():
    run = draw("""
        agent:planner      ####################
          tool:long(x=1)   ###################
          tool:short(x=1)                     #
    """)
    assert [one.label for one in PerformanceAnalyzer(least_share=0.1).analyze(run).bottlenecks] == ["long"]


def test_operations_of_one_label_and_another_kind_are_told_apart():
    run = draw("""
        agent:planner       ####################
          tool:search(x=1)  ##########
          llm:search                  ##########
    """)
    kinds = {one.operation for one in PerformanceAnalyzer().analyze(run).bottlenecks}
    assert kinds == {Operation.TOOL, Operation.LLM}


def test_what_pays_when_it_gets_faster_comes_along():
    found = PerformanceAnalyzer().analyze(draw(A_RUN)).sensitivities
    assert [one.label for one in found] == ["search", "gpt", "planner"]


def test_how_much_ran_side_by_side_comes_along():
    assert PerformanceAnalyzer().analyze(draw(A_RUN)).concurrency.most == 2


def test_times_that_say_nothing_of_what_waited_make_a_guess():
    assert PerformanceAnalyzer().analyze(draw(A_RUN)).is_guess


def test_a_run_that_took_no_time_has_no_bottlenecks():
    assert PerformanceAnalyzer().analyze(draw("tool:search(x=1)  |")).bottlenecks == ()


def test_a_run_that_nobody_held_up_neither_waited_nor_was_down():
    found = PerformanceAnalyzer().analyze(draw(A_RUN))
    assert (found.waiting_ns, found.down_ns) == (0, 0)


@given(forests())
def test_bottlenecks_never_own_more_than_the_run_took(trace: Trace):
    found = PerformanceAnalyzer(least_share=0).analyze(trace)
    assert sum(one.owned_ns for one in found.bottlenecks) <= found.duration_ns


@given(forests())
def test_no_bottleneck_drags_the_run_longer_than_it_is(trace: Trace):
    found = PerformanceAnalyzer(least_share=0).analyze(trace)
    assert all(0 <= one.drag_ns <= found.duration_ns for one in found.bottlenecks)


@pytest.mark.parametrize("share", [math.nan, -1, 2.0, math.inf])
def test_what_is_no_share_of_a_run_is_refused(share: float):
    with pytest.raises(ValueError, match=r"least_share is .*; give a share of the run between 0 and 1"):
        PerformanceAnalyzer(least_share=share)
