"""The list of runs, without a span being read."""

from msgspec.structs import replace

from reev_flow.runtime.run_listing import RunLine, list_runs
from reev_flow.sessions.store import SessionStore
from reev_flow.stores.urls import open_session_store
from reev_flow.trace.run import step_span_id
from reev_flow.trace.standing import GIVE_UP_NS, RunState
from reev_flow.trace.store import TraceStore
from support.journals import Story
from support.sessions import NS, START_NS
from support.stored_spans import TRACE_ID, keep, memory_store, span, told_by_logs

LATER_NS = START_NS + 60 * NS
MUCH_LATER_NS = START_NS + GIVE_UP_NS + 60 * NS


def listed(traces: TraceStore | None, *stories: Story, now_ns: int = LATER_NS, **wanted: object) -> list[RunLine]:
    sessions: SessionStore = open_session_store("memory:")
    for story in stories:
        story.keep_in(sessions)
    lines = list_runs(sessions, traces, now_ns=now_ns, **wanted)  # type: ignore[arg-type]
    sessions.close()
    return lines


def state(traces: TraceStore, *stories: Story, now_ns: int = LATER_NS) -> RunState:
    (line,) = listed(traces, *stories, now_ns=now_ns)
    return line.state


def test_a_trace_with_its_root_and_all_ends_settles():
    traces, _ = memory_store()
    keep(traces, span(1, name="plan"), span(2, 1))

    assert (state(traces, now_ns=START_NS), state(traces)) == (RunState.OPEN, RunState.SETTLED)


def test_a_trace_without_its_root_is_open_and_then_incomplete():
    traces, _ = memory_store()
    keep(traces, span(2, 1))

    assert (state(traces), state(traces, now_ns=MUCH_LATER_NS)) == (RunState.OPEN, RunState.INCOMPLETE)


def test_a_span_that_never_ends_leaves_a_run_incomplete():
    traces, _ = memory_store()
    keep(traces, span(1), span(2, 1, lasts_ms=None))

    assert state(traces, now_ns=MUCH_LATER_NS) is RunState.INCOMPLETE


def test_a_span_that_ends_in_a_later_chunk_is_finished():
    traces, _ = memory_store()
    keep(traces, span(1, lasts_ms=None))
    keep(traces, span(1))

    assert state(traces) is RunState.SETTLED


def test_a_run_is_open_until_the_span_comes_that_logs_told_of():
    traces, _ = memory_store()
    keep(traces, span(1), told_by_logs(2))
    before = state(traces)
    keep(traces, span(2, 1))

    assert (before, state(traces)) == (RunState.OPEN, RunState.SETTLED)


def test_a_late_span_opens_a_settled_run_again():
    traces, clock = memory_store()
    keep(traces, span(1))
    before = state(traces, now_ns=LATER_NS)
    clock.seconds = 58
    keep(traces, span(2, 1))

    assert (before, state(traces, now_ns=LATER_NS)) == (RunState.SETTLED, RunState.OPEN)


def test_a_run_of_a_session_has_its_root_there():
    traces, _ = memory_store()
    keep(traces, span(2, 1))

    assert state(traces, Story(trace_id=TRACE_ID).run(0).end(1)) is RunState.SETTLED


def test_a_run_whose_session_has_not_ended_is_open():
    traces, _ = memory_store()

    assert state(traces, Story(trace_id=TRACE_ID).run(0), now_ns=MUCH_LATER_NS) is RunState.OPEN


def test_a_run_whose_session_was_forgotten_is_incomplete_once_nothing_came_for_long():
    traces, _ = memory_store()
    step = replace(told_by_logs(1), span_id=step_span_id("s-1", "get_quote#1", 1))
    keep(traces, step, span(2, 1))

    assert [state(traces, now_ns=now) for now in (LATER_NS, MUCH_LATER_NS)] == [RunState.OPEN, RunState.INCOMPLETE]


def test_logs_that_name_a_step_of_a_session_await_nothing():
    traces, _ = memory_store()
    step = told_by_logs(1)
    keep(traces, replace(step, span_id=step_span_id("s-1", "get_quote#1", 1)))

    assert state(traces, Story(trace_id=TRACE_ID).run(0).end(1)) is RunState.SETTLED


def test_a_session_and_its_spans_are_one_line():
    traces, _ = memory_store()
    keep(traces, span(2, 1, attributes={"session.id": "talk"}))
    (line,) = listed(traces, Story(trace_id=TRACE_ID).run(0).end(1))

    assert (line.session_ids, line.name, line.spans, line.conversations) == (("s-1",), "swap_then_lend", 1, ("talk",))


def test_two_sessions_of_one_trace_are_one_line():
    stories = (Story(f"s-{number}", trace_id=TRACE_ID, second=number).run(number).end(number + 1) for number in (1, 2))
    (line,) = listed(None, *stories)

    assert line.session_ids == ("s-1", "s-2")


def test_an_old_session_whose_spans_are_new_is_known():
    traces, _ = memory_store()
    keep(traces, span(2, 1, start_ms=90_000))
    old = Story("old", trace_id=TRACE_ID).run(0).end(1)
    new = Story("new", trace_id="8" * 32, second=30).run(30).end(31)
    lines = listed(traces, old, new, limit=1, now_ns=MUCH_LATER_NS)

    assert [(line.session_ids, line.state) for line in lines] == [(("new",), RunState.SETTLED)]


def test_the_newest_come_first_and_no_more_than_asked_for():
    traces, _ = memory_store()
    for second in (2, 9, 4):
        keep(traces, span(1, trace_id=f"{second:032x}", start_ms=1_000 * second, name=f"at {second}"))
    story = Story(trace_id=TRACE_ID, second=5).run(5).end(6)

    assert [line.name for line in listed(traces, story, limit=3)] == ["at 9", "swap_then_lend", "at 4"]


def test_pages_follow_one_another_without_a_gap():
    traces, _ = memory_store()
    for second in range(7):
        keep(
            traces,
            span(1, trace_id=f"{second:032x}".replace("0" * 32, "f" * 32), start_ms=1_000 * second, name=f"{second}"),
        )
    story = Story(trace_id=TRACE_ID, second=3).run(3).end(4)
    pages = [[line.name for line in listed(traces, story, limit=3, skip=skip)] for skip in (0, 3, 6, 9)]

    assert [name for page in pages for name in page] == [line.name for line in listed(traces, story)]
    assert [len(page) for page in pages] == [3, 3, 2, 0]


def test_the_runs_of_a_conversation_are_listed():
    traces, _ = memory_store()
    for number, conversation in enumerate(("talk", "talk", "chat"), start=1):
        attributes = {"gen_ai.conversation.id": conversation}
        keep(traces, span(1, trace_id=f"{number:032x}", start_ms=number, attributes=attributes))

    assert [line.trace_id for line in listed(traces, conversation="talk")] == [f"{2:032x}", f"{1:032x}"]


def test_without_stores_there_are_no_runs():
    assert list_runs(None, None, now_ns=0) == []
