"""How one worker continues the journal of a session."""

import pytest
from msgspec.structs import replace

from reev_flow.errors import InvalidState, LeaseLost, SessionConflict, StoreError
from reev_flow.sessions.data import Interruption, SessionData
from reev_flow.sessions.history import Standing
from reev_flow.sessions.journal import GENESIS, Effect, EntryKind, JournalEntry, read_entry
from reev_flow.sessions.recorder import Recorder
from reev_flow.sessions.records import Change, Stop, read_record
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.store import SessionStore, Write
from reev_flow.stores.memory import MemorySessionStore
from support.failing_stores import FillingStore
from support.journals import Story, at
from support.sessions import NS, START_NS, SetClock, is_unbroken, new_session, written


@pytest.fixture
def clock() -> SetClock:
    return SetClock(1)


@pytest.fixture
def store(clock) -> MemorySessionStore:
    return MemorySessionStore(clock=clock)


def recorder_of(store: SessionStore, clock: SetClock, session: SessionData | None = None) -> Recorder:
    """Of a session that was claimed."""
    session = session or new_session()
    store.create(session).result()
    store.claim(session.session_id, "worker", 60).result()
    return Recorder(
        store, clock, store.load(session.session_id).result(), store.read_journal(session.session_id).result()
    )


def stored(store: SessionStore) -> tuple[SessionData, list[EntryKind]]:
    return store.load("s-1").result(), [entry.kind for entry in store.read_journal("s-1").result()]


def test_what_is_noted_is_durable_with_the_next_commit(store, clock):
    recorder = recorder_of(store, clock)
    recorder.note(EntryKind.STARTED, step="pay#1", attempt=1)
    recorder.note(EntryKind.FINISHED, b"5", step="pay#1", attempt=1)
    before = stored(store)[1]
    recorder.commit().result()
    assert (before, stored(store)[1]) == ([], [EntryKind.STARTED, EntryKind.FINISHED])


def test_an_entry_says_everything_it_was_told(store, clock):
    entry = recorder_of(store, clock).note(
        EntryKind.STARTED, b"began", step="pay#1", attempt=2, effect=Effect.ASK, arguments=b"digest"
    )
    assert (entry.number, entry.time_ns, entry.epoch) == (1, START_NS + 1 * NS, 1)
    assert (entry.step, entry.attempt, entry.effect, entry.arguments, entry.value) == (
        "pay#1",
        2,
        Effect.ASK,
        b"digest",
        b"began",
    )


def test_the_journal_is_an_unbroken_chain_over_many_commits(store, clock):
    recorder = recorder_of(store, clock)
    for number in range(5):
        recorder.note(EntryKind.FINISHED, b"x" * (number + 1), step=f"load#{number}")
        recorder.commit().result()
    assert is_unbroken(store.load("s-1").result(), store.read_journal("s-1").result())


def test_an_entry_about_no_step_leaves_the_session_where_it_is(store, clock):
    recorder = recorder_of(store, clock)
    recorder.note(EntryKind.STARTED, b"", step="pay#1", attempt=1)
    recorder.note(EntryKind.STATE, Change(state=SessionState.RUNNING).encoded())
    assert recorder.step_index == 0
    recorder.commit().result()
    assert [entry.step for entry in store.read_journal("s-1").result()] == ["pay#1", ""]


def test_a_commit_without_news_changes_nothing(store, clock):
    recorder = recorder_of(store, clock)
    recorder.commit().result()
    assert stored(store) == (recorder.session, [])


def test_whether_something_is_unsaved_is_known(store, clock):
    recorder = recorder_of(store, clock)
    known = [recorder.has_unsaved]
    recorder.note(EntryKind.STARTED, step="pay#1")
    known.append(recorder.has_unsaved)
    recorder.commit().result()
    assert [*known, recorder.has_unsaved] == [False, True, False]


def test_times_never_go_back_when_the_clock_does(store, clock):
    recorder = recorder_of(store, clock)
    first = recorder.note(EntryKind.STARTED, step="pay#1")
    clock.seconds = -1_000
    assert recorder.note(EntryKind.FINISHED, step="pay#1").time_ns == first.time_ns


def test_times_never_go_back_to_before_the_former_worker_wrote(store, clock):
    recorder = recorder_of(store, clock, new_session(second=50))
    assert recorder.note(EntryKind.STARTED, step="pay#1").time_ns == START_NS + 50 * NS


def test_a_change_of_state_is_in_the_journal_and_in_the_session(store, clock):
    recorder = recorder_of(store, clock)
    recorder.change_state(SessionState.RUNNING, reason="begun")
    recorder.commit().result()
    session, _ = stored(store)
    (entry,) = store.read_journal("s-1").result()
    assert session.state is SessionState.RUNNING
    assert read_record(entry) == Change(state=SessionState.RUNNING, reason="begun")


def test_facts_of_the_session_change_with_its_state(store, clock):
    recorder = recorder_of(store, clock)
    recorder.change_state(SessionState.RUNNING)
    clock.seconds = 9
    recorder.change_state(SessionState.COMPLETED, result=b"5")
    assert (recorder.session.result, recorder.session.ended_ns) == (b"5", START_NS + 9 * NS)


def test_a_session_that_goes_on_has_not_ended(store, clock):
    recorder = recorder_of(store, clock)
    recorder.change_state(SessionState.RUNNING)
    assert recorder.session.ended_ns is None


def test_a_state_that_may_not_follow_is_refused_and_nothing_is_noted(store, clock):
    recorder = recorder_of(store, clock)
    with pytest.raises(InvalidState):
        recorder.change_state(SessionState.COMPLETED)
    assert (recorder.has_unsaved, recorder.session.state) == (False, SessionState.CREATED)


def test_what_is_noted_oneself_is_not_in_the_history(store, clock):
    recorder = recorder_of(store, clock)
    recorder.note(EntryKind.FINISHED, step="pay#1")
    assert recorder.history == {}


def test_after_a_failed_commit_nothing_more_is_written_even_when_it_could_be(store, clock):
    filling = FillingStore(store, room_for=1)
    recorder = recorder_of(filling, clock)
    recorder.note(EntryKind.STARTED, step="a#1")
    recorder.commit().result()
    recorder.note(EntryKind.FINISHED, step="a#1")
    first = recorder.commit().exception()
    assert isinstance(first, StoreError)
    recorder.cause(first)
    filling.make_room()
    recorder.note(EntryKind.STARTED, step="b#1")
    assert recorder.commit().exception() is first
    assert (recorder.is_broken, stored(store)[1]) == (True, [EntryKind.STARTED])


def test_what_went_wrong_first_is_the_cause_of_everything_later(store, clock):
    recorder = recorder_of(store, clock)
    first, second = StoreError("the store", "full"), SessionConflict("s-1", "does not follow")
    assert recorder.cause(first) is first
    assert recorder.cause(second) is first


def test_a_failure_that_nobody_waited_for_is_told_by_the_next_commit(store, clock):
    recorder = recorder_of(FillingStore(store, room_for=0), clock)
    recorder.note(EntryKind.STARTED, step="a#1")
    recorder.commit_unwatched()
    with pytest.raises(StoreError, match="full"):
        recorder.commit().result()


def test_a_success_that_nobody_waited_for_stops_nothing(store, clock):
    recorder = recorder_of(store, clock)
    recorder.note(EntryKind.STARTED, step="a#1")
    recorder.commit_unwatched()
    assert not recorder.is_broken


def test_a_worker_that_lost_its_lease_writes_nothing(store, clock):
    recorder = recorder_of(store, clock)
    clock.seconds = 100
    store.claim("s-1", "another", 60).result()
    recorder.note(EntryKind.FINISHED, step="pay#1")
    assert isinstance(recorder.commit().exception(), LeaseLost)
    assert stored(store)[1] == []


def test_a_new_lease_lets_the_journal_go_on(store, clock):
    recorder = recorder_of(store, clock)
    lease = store.claim("s-1", "worker", 60).result()
    recorder.begin_epoch(lease.epoch)
    recorder.note(EntryKind.FINISHED, step="pay#1")
    recorder.commit().result()
    assert stored(store)[0].epoch == 2


def left_behind(store: SessionStore, clock: SetClock, story: Story) -> Recorder:
    """The next worker's recorder of a session that another left as the story tells."""
    store.create(replace(story.session, state=SessionState.CREATED, entries=0, chain=GENESIS, epoch=0)).result()
    store.claim("s-1", "former", 60).result()
    for number, entry in enumerate(story.entries):
        state = story.session.state if number else SessionState.RUNNING
        session = replace(story.session, entries=entry.number, chain=entry.chain, state=state)
        store.append(Write(session=session, entries=written(entry))).result()
    clock.seconds = 1_000
    store.claim("s-1", "next", 60).result()
    return Recorder(store, clock, store.load("s-1").result(), store.read_journal("s-1").result())


def noted(recorder: Recorder) -> list[JournalEntry]:
    return [read_entry(entry) for entry in recorder._noted]


def test_taking_over_notes_that_the_worker_is_gone_and_which_steps_it_was_in(store, clock):
    story = Story().run()
    story.start("load#1", 1)
    story.start("pay#1", 1)
    story.finish("load#1", 2)
    recorder = left_behind(store, clock, story)
    recorder.take_over(at(60))
    assert [(entry.kind.value, entry.step) for entry in noted(recorder)] == [("state", ""), ("interrupted", "pay#1")]
    assert recorder.session.interruption == Interruption(step_index=1, context="its worker is gone")


def test_taking_over_says_when_the_former_worker_was_last_heard_of(store, clock):
    story = Story().run()
    story.start("pay#1", 90)
    recorder = left_behind(store, clock, story)
    recorder.take_over(at(60))
    change, stop = (read_record(entry) for entry in noted(recorder))
    assert isinstance(change, Change)
    assert isinstance(stop, Stop)
    assert change.heard_ns == stop.heard_ns == at(90), "what it wrote is a sign of life, too"


def test_taking_over_a_session_that_waits_notes_nothing(store, clock):
    story = Story().run()
    story.ask("approve#1", 1, "all right?")
    story.become(SessionState.WAITING, 2)
    recorder = left_behind(store, clock, story)
    recorder.take_over(at(60))
    assert (noted(recorder), recorder.session.state) == ([], SessionState.WAITING)


def test_what_former_workers_did_is_the_history(store, clock):
    story = Story().run()
    story.do("load#1", 1, 2)
    recorder = left_behind(store, clock, story)
    assert recorder.history["load#1"].standing is Standing.FINISHED


def test_where_a_session_is_counts_what_all_workers_noted(store, clock):
    story = Story().run()
    story.do("load#1", 1, 2)
    recorder = left_behind(store, clock, story)
    positions = [recorder.step_index]
    for kind in (EntryKind.STARTED, EntryKind.FINISHED):
        recorder.note(kind, b"5", step="pay#1", attempt=1)
        positions.append(recorder.step_index)
    assert positions == [1, 1, 2]


def test_who_wants_to_know_is_told_of_every_entry_and_how_the_session_stands_after_it(store, clock):
    session = new_session()
    store.create(session).result()
    told: list[tuple[str, SessionState, int]] = []
    recorder = Recorder(
        store, clock, session, on_noted=lambda entry, after: told.append((entry.kind.value, after.state, after.entries))
    )
    recorder.change_state(SessionState.RUNNING)
    recorder.note(EntryKind.STARTED, step="pay#1")
    assert told == [("state", SessionState.RUNNING, 1), ("started", SessionState.RUNNING, 2)]
