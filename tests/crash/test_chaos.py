"""Chaos itself: what is right passes under every fault, and what is wrong is found by real kills."""

import os
from typing import Any

import apsw
import pytest

from reev_flow.chaos.cast import casting_of
from reev_flow.chaos.life import OpenStore, open_store
from reev_flow.chaos.points import Fault
from reev_flow.chaos.rehearsal import UNDISTURBED, NotRehearsed, PointOutcome, Rehearsal
from reev_flow.chaos.rehearsed import Rehearsed
from reev_flow.stores.sqlite import database
from support import rehearsed_flows
from support.unreliable_stores import hasty_store

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")


def outcomes(
    name: str, wanted: str, *, fault: Fault = Fault.KILL, opened_by: OpenStore = open_store, **options: Any
) -> list[PointOutcome]:
    casting = casting_of(rehearsed_flows, None)
    flow = getattr(rehearsed_flows, name)
    rehearsed = Rehearsed(flow=flow, casting=casting, fault=fault, **options)
    return list(Rehearsal(rehearsed, open_store=opened_by).run(wanted))


def lines(found: list[PointOutcome]) -> list[str]:
    return [f"{one.point.name}: {line}" for one in found for line in (*one.differences.lines, *one.complaints)]


@pytest.mark.parametrize("fault", Fault)
def test_a_flow_that_is_right_comes_to_the_same_end(fault):
    found = outcomes("right", "20", fault=fault, workers=2)
    assert lines(found) == []
    assert any(one.was_reached for one in found)


@pytest.mark.parametrize("name", ["right_without_async", "looks_whether_it_paid", "fails", "draws"])
def test_flows_of_every_kind_come_to_the_same_end(name):
    found = outcomes(name, "pay#1@*", workers=2) + outcomes(name, "12", seed=5)
    assert lines(found) == []
    assert all(one.was_reached for one in found[:6])


def test_workers_may_die_again_and_again():
    assert lines(outcomes("right", "15", workers=2, times=4)) == []


def test_a_right_flow_is_killed_at_every_edge_of_its_steps():
    found = outcomes("right", "*pay#*")
    names = {one.point.name for one in found if one.was_reached}
    edges = ("before-start", "after-start", "before-function", "after-function", "before-finish", "after-finish")
    assert names == {f"pay#{number}@{edge}" for number in (1, 2) for edge in edges}
    assert lines(found) == []


def test_an_effect_outside_of_steps_is_found_to_happen_twice():
    found = outcomes("pays_outside_of_steps", "look#1@*")
    assert sum(one.differences.duplicated for one in found) >= len(found) - 1
    assert any("effect 'rent' happened 1 more than it should" in line for line in lines(found))


def test_a_step_that_pays_and_is_declared_to_do_no_harm_is_found():
    (found,) = outcomes("pays_in_a_step_that_may_rerun", "pay#1@after-function")
    assert found.differences.lines == ("effect 'rent' happened 1 more than it should",)
    assert found.differences.duplicated == 1


def test_a_step_that_asks_after_a_crash_is_not_found_where_one_that_reruns_is():
    assert lines(outcomes("right", "*pay#1@after-function")) == []


@pytest.mark.parametrize("seed", range(4))
def test_a_branch_that_is_taken_by_chance_is_found(seed):
    assert any(one.is_divergent for one in outcomes("goes_on_by_chance", "30", seed=seed))


def test_runs_that_differ_although_nobody_disturbed_them_are_told_as_such():
    seed = next(seed for seed in range(20) if outcomes("goes_on_by_chance", "1", seed=seed)[0].point == UNDISTURBED)
    (found,) = outcomes("goes_on_by_chance", "all", seed=seed)
    assert "two runs that nobody disturbed took other steps (left#1 " in found.differences.lines[0]


def test_a_flow_that_relies_on_the_memory_of_its_process_is_found():
    (found,) = outcomes("remembers_in_memory", "first#1@after-finish")
    assert "step look#1 is not taken, not finished" in found.differences.lines
    assert found.differences.lost_spans == 1


def test_a_store_that_loses_what_it_acknowledged_is_found():
    found = outcomes("right", "*@after-function", opened_by=hasty_store)
    assert any(one.is_divergent for one in found), "a start that was acknowledged and is gone makes a step pay twice"


def test_a_store_that_does_not_wait_for_the_disk_is_found_by_cutting_the_power(monkeypatch):
    shipped = database._configure

    def configure(connection: apsw.Connection) -> None:
        shipped(connection)
        connection.pragma("synchronous", "OFF")

    monkeypatch.setattr(database, "_configure", configure)
    found = outcomes("right", "pay#1@*", fault=Fault.POWER_CUT)
    assert any(one.is_divergent for one in found)
    assert lines(outcomes("right", "pay#1@*", fault=Fault.KILL)) == [], "a kill takes nothing from the operating system"


def test_a_question_that_nobody_knows_how_to_answer_is_refused_before_anything_is_killed():
    with pytest.raises(
        NotRehearsed, match=r"step 'size#1' asks 'Which size\?'; say what to answer with --answer size#1=JSON"
    ):
        outcomes("asks", "all")


def test_a_question_is_answered_as_told():
    assert lines(outcomes("asks", "10", answers={"size": "small"})) == []


def test_the_same_seed_draws_the_same_points():
    first, again = (outcomes("right", "3", seed=7) for _ in range(2))
    assert {one.point.name for one in first} == {one.point.name for one in again}


def test_spans_of_tools_are_recorded_and_stores_of_traces_and_marks_are_killed_at_too():
    found = outcomes("uses_a_tool", "traces-*@*") + outcomes("uses_a_tool", "store-mark@*")
    assert lines(found) == []
    subjects = {one.point.subject for one in found if one.was_reached}
    assert subjects == {"traces-file", "traces-journal", "traces-log", "traces-mark", "store-mark"}


def test_a_span_that_died_with_its_worker_is_told_and_not_held_against_anybody():
    (found,) = outcomes("uses_a_tool", "use#1@after-finish")
    assert found.differences.lines == ()
    assert found.differences.unkept_spans == 1


def test_spans_are_recorded_whatever_share_of_them_the_settings_keep(monkeypatch):
    monkeypatch.setenv("REEV_TRACE_SAMPLE_RATE", "0")
    (found,) = outcomes("uses_a_tool", "use#1@after-finish")
    assert found.differences.unkept_spans == 1


def test_a_flow_that_calls_its_steps_in_any_order_is_found():
    found = outcomes("calls_in_any_order", "4")
    assert "had been called" in " ".join(lines(found))


def test_a_flow_that_goes_on_with_whichever_step_is_first_is_found():
    seeds = (outcomes("goes_on_with_whoever_is_first", "look_slowly*", seed=seed) for seed in range(4))
    assert any(one.is_divergent for found in seeds for one in found)
