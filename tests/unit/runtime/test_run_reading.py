"""Journals of sessions and what others told of the same run, whenever it came."""

from reev_flow.runtime.run_reading import read_run, read_stored_run
from reev_flow.sessions.store import SessionStore
from reev_flow.stores.urls import open_session_store
from reev_flow.trace.run import flow_span_id, step_span_id
from reev_flow.trace.span import Flag
from reev_flow.trace.standing import RunState
from reev_flow.trace.store import TraceStore
from support.journals import Story
from support.session_stores import JOURNAL_DAMAGES, change
from support.sessions import SetClock
from support.stored_spans import TRACE_ID, keep, memory_store, span, told_by_logs


def story(name: str = "s-1", *, second: int = 0) -> Story:
    told = Story(name, trace_id=TRACE_ID, second=second).run(second)
    told.do("get_quote#1", second, second + 1)
    return told.end(second + 1)


def kept(*stories: Story) -> SessionStore:
    sessions: SessionStore = open_session_store("memory:")
    for one in stories:
        one.keep_in(sessions)
    return sessions


def below_step(number: int, session: str = "s-1", **facts: object):
    parent = step_span_id(session, "get_quote#1", 1)
    return span(number, **{"parent_id": parent, **facts})  # type: ignore[arg-type]


def parent_of(sessions: SessionStore, traces: TraceStore, number: int) -> str:
    trace = read_run(sessions, traces, "s-1")
    (position,) = [place for place, one in enumerate(trace.spans) if one.span_id == span(number).span_id]
    return trace.spans[trace.parents[position]].span_id


def test_spans_that_come_after_the_session_ended_are_below_their_step():
    sessions, (traces, _) = kept(story()), memory_store()
    before = read_run(sessions, traces, "s-1")
    keep(traces, below_step(1, start_ms=100))

    assert parent_of(sessions, traces, 1) == step_span_id("s-1", "get_quote#1", 1)
    assert len(read_run(sessions, traces, "s-1")) == len(before) + 1


def test_late_spans_open_the_run_of_an_ended_session_again():
    sessions, (traces, clock) = kept(story()), memory_store(3_000)
    now = SetClock(3_005)
    before = read_stored_run(sessions, traces, "s-1", clock=now).state
    keep(traces, below_step(1))
    clock.seconds = 9_000

    after = [read_stored_run(sessions, traces, "s-1", clock=SetClock(seconds)).state for seconds in (3_005, 3_015)]
    assert (before, after) == (RunState.SETTLED, [RunState.OPEN, RunState.SETTLED])


def test_the_spans_of_two_sessions_in_one_trace_are_one_run_by_either_name():
    sessions, (traces, _) = kept(story("s-1"), story("s-2", second=5)), memory_store()
    keep(traces, below_step(1, "s-1"), below_step(2, "s-2", start_ms=5_000))
    one, other, by_trace = (read_run(sessions, traces, wanted) for wanted in ("s-1", "s-2", TRACE_ID[:10]))

    assert one == other == by_trace
    assert {flow_span_id("s-1"), flow_span_id("s-2")} <= {one.spans[root].span_id for root in one.roots()}
    assert not any(Flag.ORPHAN in found.flags for found in one.spans)


def test_a_damaged_session_in_a_trace_keeps_the_other_one_from_nothing(tmp_path):
    sessions = open_session_store(tmp_path)
    story("s-1").keep_in(sessions)
    story("s-2", second=5).keep_in(sessions)
    sessions.close()
    change(tmp_path / "sessions.db", JOURNAL_DAMAGES["an entry"], "s-2")
    sessions = open_session_store(tmp_path)
    told: list[str] = []
    trace = read_run(sessions, None, "s-1", on_loss=told.append)
    sessions.close()

    assert [one.span_id for one in trace.spans if one.parent_id is None] == [flow_span_id("s-1")]
    assert len(told) == 1


def test_logs_that_came_before_their_span_are_read_with_it():
    sessions, (traces, _) = kept(story()), memory_store()
    keep(traces, told_by_logs(1, message={"content": "cold"}))
    before = read_run(sessions, traces, "s-1")
    keep(traces, below_step(1, attributes={"gen_ai.operation.name": "chat"}))
    after = read_run(sessions, traces, "s-1")

    assert (before.awaited, before.problems, after.awaited) == ((span(1).span_id,), (), ())
    assert [one.model.answer for one in after.spans if one.model] == ["cold"]


def test_a_span_sent_again_in_another_package_counts_once():
    sessions, (traces, _) = kept(story()), memory_store()
    keep(traces, below_step(1), below_step(2))
    once = read_run(sessions, traces, "s-1")
    keep(traces, below_step(2))
    keep(traces, below_step(1), below_step(2), below_step(3, lasts_ms=None))

    assert len(read_run(sessions, traces, "s-1")) == len(once) + 1
