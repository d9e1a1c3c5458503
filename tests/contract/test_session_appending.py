"""What a session store promises about writes."""

import pytest
from msgspec.structs import replace

from reev_flow.errors import InvalidState, LeaseLost, SessionConflict, SessionNotFound, StoreError
from reev_flow.sessions.state import ENDS, FOLLOWERS, SessionState
from reev_flow.sessions.store import SessionStore
from support.sessions import START_NS, Run, entry, is_unbroken, new_session, write_after, written


def test_what_was_appended_is_read_back(store):
    run = Run(store)
    write = write_after(run.session, entry(1, value=b"a"), entry(2, value=b"b"), updated_ns=START_NS + 9)
    store.append(write).result()
    assert (store.load("s-1").result(), written(*store.read_journal("s-1").result())) == (write.session, write.entries)


def test_a_write_may_have_no_entries(store):
    run = Run(store)
    run.append(deadline_ns=START_NS + 7).result()
    assert store.load("s-1").result().deadline_ns == START_NS + 7


def test_a_write_may_change_what_a_session_holds(store):
    run = Run(store)
    run.step(definition=b"a new plan", digest=b"d", result=b"x" * 100_000, error="late")
    assert store.load("s-1").result() == run.session


def test_appends_of_one_caller_happen_in_the_order_asked(store):
    run = Run(store)
    acknowledgements = [run.append(entry(1)) for _ in range(50)]
    for acknowledgement in acknowledgements:
        acknowledgement.result()
    assert is_unbroken(store.load("s-1").result(), store.read_journal("s-1").result())


def test_the_same_write_again_changes_nothing(store):
    run = Run(store)
    write = write_after(run.session, entry(1))
    store.append(write).result()
    store.append(write).result()
    assert written(*store.read_journal("s-1").result()) == write.entries


def test_an_earlier_write_again_changes_nothing(store):
    run = Run(store)
    earlier = write_after(run.session, entry(1))
    later = write_after(earlier.session, entry(2))
    for write in (earlier, later, earlier):
        store.append(write).result()
    assert (store.load("s-1").result(), len(store.read_journal("s-1").result())) == (later.session, 2)


def test_an_earlier_write_without_entries_is_not_known_again(store):
    run = Run(store)
    earlier = write_after(run.session, deadline_ns=START_NS)
    for write in (earlier, write_after(earlier.session, entry(1))):
        store.append(write).result()
    with pytest.raises(SessionConflict):
        store.append(earlier).result()


def test_a_write_without_entries_that_was_followed_by_another_such_is_made_anew(store):
    run = Run(store)
    first = write_after(run.session, error="first")
    for write in (first, write_after(run.session, error="second"), first):
        store.append(write).result()
    assert store.load("s-1").result().error == "first"


def test_a_write_that_was_followed_by_one_without_entries_is_not_known_again(store):
    run = Run(store)
    earlier = write_after(run.session, entry(1))
    for write in (earlier, write_after(earlier.session, deadline_ns=START_NS)):
        store.append(write).result()
    with pytest.raises(SessionConflict):
        store.append(earlier).result()


def test_the_last_write_again_changes_nothing_on_a_session_that_ended(store):
    run = Run(store)
    write = write_after(run.session, entry(1), state=SessionState.COMPLETED, ended_ns=START_NS)
    store.append(write).result()
    store.append(write).result()
    assert store.load("s-1").result() == write.session


def test_the_same_entries_with_another_outcome_are_refused(store):
    run = Run(store)
    write = write_after(run.session, entry(1))
    store.append(write).result()
    with pytest.raises(SessionConflict):
        store.append(replace(write, session=replace(write.session, error="other"))).result()


def test_a_session_that_is_not_there_cannot_be_written_to(store):
    with pytest.raises(SessionNotFound):
        store.append(write_after(new_session(), entry(1))).result()


def test_a_write_with_an_earlier_epoch_fails_as_lease_lost(store):
    run = Run(store)
    store.claim("s-1", "worker", 60).result()
    with pytest.raises(LeaseLost):
        run.append(entry(1)).result()


def test_a_write_with_an_epoch_nobody_claimed_is_refused(store):
    run = Run(store)
    with pytest.raises(SessionConflict):
        run.append(entry(1), epoch=5).result()


@pytest.mark.parametrize("entries", [(3,), (1, 3), (2, 1), (0,), (-1,)], ids=str)
def test_entries_that_leave_numbers_out_are_refused(store, entries):
    run = Run(store)
    write = write_after(run.session, *(entry(1) for _ in entries))
    wrong = tuple(replace(one, number=number) for one, number in zip(write.entries, entries, strict=True))
    with pytest.raises(SessionConflict):
        store.append(replace(write, entries=wrong)).result()


def test_entries_chained_to_something_else_are_refused(store):
    run = Run(store)
    with pytest.raises(SessionConflict):
        store.append(write_after(replace(run.session, chain=b"x" * 16), entry(1))).result()


def test_an_entry_changed_after_it_was_chained_is_refused(store):
    run = Run(store)
    write = write_after(run.session, entry(1, value=b"paid"))
    with pytest.raises(SessionConflict):
        store.append(replace(write, entries=(replace(write.entries[0], bare=b"\x80"),))).result()


def test_entries_of_another_session_are_refused(store):
    run, other = Run(store), Run(store, new_session("s-2"))
    foreign = write_after(other.session, entry(1))
    mine = write_after(run.session, entry(1))
    with pytest.raises(SessionConflict):
        store.append(replace(mine, entries=foreign.entries)).result()


def test_a_session_that_does_not_end_with_its_entries_is_refused(store):
    run = Run(store)
    write = write_after(run.session, entry(1))
    with pytest.raises(SessionConflict):
        store.append(replace(write, session=replace(write.session, entries=2))).result()


def test_entries_that_overlap_the_journal_are_refused(store):
    run = Run(store)
    before = run.session
    run.step()
    with pytest.raises(SessionConflict):
        store.append(write_after(before, entry(1), entry(2))).result()


@pytest.mark.parametrize(
    "change", [{"flow": "other"}, {"trace_id": "8" * 32}, {"created_ns": 1}, {"is_named": False}], ids=str
)
def test_what_a_session_was_born_with_cannot_change(store, change):
    run = Run(store)
    with pytest.raises(SessionConflict):
        run.append(**change).result()


@pytest.mark.parametrize(("now", "then"), [(now, then) for now in SessionState for then in SessionState], ids=str)
def test_a_state_only_follows_those_it_may(store, now, then):
    run = Run(store, new_session(f"{now}-{then}"))
    run.session = replace(run.session, state=SessionState.RUNNING)
    if now is SessionState.CREATED:
        run = NotStarted(store)
    elif now is not SessionState.RUNNING:
        run.append(state=now).result()
    may_be = then in FOLLOWERS[now] or (then is now and now not in ENDS)
    error = run.append(entry(1), state=then).exception()
    assert (error is None) if may_be else isinstance(error, InvalidState)


class NotStarted(Run):
    """A session that was only created."""

    def __init__(self, store: SessionStore) -> None:
        self.store, self.session = store, new_session("fresh")
        store.create(self.session).result()


@pytest.mark.parametrize("wrong", [{"epoch": 4}, {"state": SessionState.CREATED}, {"flow": "other"}], ids=str)
def test_a_refused_write_changes_nothing(store, wrong):
    run = Run(store)
    run.step()
    before = store.load("s-1").result(), store.read_journal("s-1").result()
    store.append(write_after(run.session, entry(2), **wrong)).exception()
    assert (store.load("s-1").result(), store.read_journal("s-1").result()) == before


def test_a_refused_write_does_not_undo_its_neighbours(store):
    runs = [Run(store, new_session(f"s-{number}")) for number in range(3)]
    good = [run.append(entry(1)) for run in runs[:2]]
    bad = runs[2].append(entry(1), epoch=3)
    more = [run.append(entry(2)) for run in runs[:2]]
    assert isinstance(bad.exception(), SessionConflict)
    assert [one.result() for one in (*good, *more)] == [None] * 4


def test_a_value_that_cannot_be_stored_fails_alone(store):
    run, other = Run(store), Run(store, new_session("s-2"))
    write = write_after(run.session, entry(1))
    bad = store.append(replace(write, entries=(replace(write.entries[0], bare=object()),)))
    good = other.append(entry(1))
    assert isinstance(bad.exception(), StoreError)
    assert good.result() is None


def test_a_session_that_cannot_be_stored_does_not_take_its_neighbours_with_it(store):
    attempts = [
        store.create(session)
        for session in (new_session("\ud800"), new_session("s-2"), new_session("s-3", created_ns=2**70))
    ]
    assert {type(attempt.exception()) for attempt in attempts} <= {type(None), StoreError}
    assert store.load("s-2").result() == new_session("s-2")
