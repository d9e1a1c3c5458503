"""Chaos is looked at itself: this package is broken on purpose in one way after the other, and each has to be found."""

import os
from typing import Any

import pytest
from msgspec.structs import replace

from reev_flow.chaos import life
from reev_flow.chaos.cast import casting_of
from reev_flow.chaos.points import Fault
from reev_flow.chaos.rehearsal import PointOutcome, Rehearsal
from reev_flow.chaos.rehearsed import Rehearsed
from reev_flow.flows import step_run
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.step_call import StepCall
from reev_flow.flows.work import SessionWork
from reev_flow.sessions.history import Standing, StepHistory
from reev_flow.stores import rules
from reev_flow.stores.rules import Claim, Kept
from reev_flow.stores.sqlite.group_commit import GroupCommit
from support import rehearsed_flows
from support.unreliable_stores import HastyTraces

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")


def found_in(
    name: str, wanted: str, *, fault: Fault = Fault.KILL, opened_by: Any = life.open_store, **options: Any
) -> str:
    """Every line that is told, for a flow that is right."""
    casting = casting_of(rehearsed_flows, None)
    rehearsed = Rehearsed(flow=getattr(rehearsed_flows, name), casting=casting, fault=fault, **options)
    outcomes: list[PointOutcome] = list(Rehearsal(rehearsed, open_store=opened_by).run(wanted))
    assert outcomes
    return "\n".join(line for one in outcomes for line in one.differences.lines)


def test_a_resume_that_runs_a_finished_step_again_is_found(monkeypatch):
    async def run_again(work: SessionWork, call: StepCall, arguments: bytes, history: StepHistory) -> Any:
        return await step_run._run(work, call, arguments, attempt=history.attempts + 1)

    assert found_in("draws", "draw#1@after-finish") == ""
    monkeypatch.setattr(step_run, "_result_after", run_again)
    assert "step draw#1 ran again although it had finished" in found_in("draws", "draw#1@after-finish")


def test_a_resume_that_does_not_ask_about_a_step_in_doubt_is_found(monkeypatch):
    async def believe_it_did_not_happen(_: SessionWork, __: StepCall, history: StepHistory) -> None:
        history.standing = Standing.OPEN

    monkeypatch.setattr(step_run, "_settle", believe_it_did_not_happen)
    assert "effect 'rent' happened 1 more than it should" in found_in("right", "*pay#1@after-function")


def test_a_resume_that_counts_attempts_from_the_start_is_found(monkeypatch):
    shipped = step_run._run

    async def count_anew(work: SessionWork, call: StepCall, arguments: bytes, *, attempt: int) -> Any:
        more = replace(call, retry=replace(call.retry, attempts=call.retry.attempts + attempt - 1))
        return await shipped(work, more, arguments, attempt=attempt)

    assert found_in("gives_up", "fail#1@after-failure*") == ""
    monkeypatch.setattr(step_run, "_run", count_anew)
    assert "step fail#1 was tried" in found_in("gives_up", "fail#1@after-failure*")


def test_a_resume_that_begins_a_new_trace_is_found(monkeypatch):
    def trace_id(session: SessionHandle) -> str:
        return session.data.trace_id if session.data.epoch == 1 else "f" * 32

    monkeypatch.setattr(SessionHandle, "trace_id", property(trace_id))
    assert "its spans are of 2 traces" in found_in("draws", "draw#1@after-finish")


def test_a_store_that_gives_one_session_to_two_workers_is_found(monkeypatch):
    def claimed(kept: Kept, claim: Claim, now_ns: int) -> Kept:
        return shipped(replace(kept, worker=""), claim, now_ns)

    shipped = rules.claimed
    assert found_in("pays_slowly", "6", workers=3) == ""
    monkeypatch.setattr(rules, "claimed", claimed)
    assert "effect 'rent' happened" in found_in("pays_slowly", "20", workers=3)


def test_a_mark_that_is_ahead_of_the_disk_is_found_by_cutting_the_power(monkeypatch):
    shipped = GroupCommit._commit

    def commit(self: GroupCommit, connection: Any, number: int) -> None:
        self._database.high_water.write(self._store_id, number)
        shipped(self, connection, number)

    monkeypatch.setattr(GroupCommit, "_commit", commit)
    found = found_in("right", "store-log@before-sync*", fault=Fault.POWER_CUT)
    assert "acknowledged commits are gone" in found


def test_a_store_of_traces_that_loses_what_it_acknowledged_is_found(monkeypatch):
    monkeypatch.setattr(life, "open_trace_store", HastyTraces.open)
    assert " is lost" in found_in("uses_a_tool", "look#1@*")
