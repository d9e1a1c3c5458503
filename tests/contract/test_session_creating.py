"""What a session store promises about new sessions."""

import pytest

from reev_flow.errors import SessionConflict, SessionExists, SessionNotFound
from reev_flow.sessions.data import Interruption
from support.sessions import START_NS, Run, new_session


def test_a_created_session_is_loaded_as_it_was_given(store):
    session = new_session(
        deadline_ns=START_NS + 5, interruption=Interruption(step_index=2, context="worker lost"), result=b"r", error="e"
    )
    store.create(session).result()
    assert store.load("s-1").result() == session


@pytest.mark.parametrize("backup", ["", "sessions-2026.db"])
@pytest.mark.parametrize("source", ["", "s-0", "two\nlines"])
def test_where_a_session_comes_from_is_loaded_as_it_was_given(store, source, backup):
    session = new_session(forked_from=source, restored_from=backup)
    store.create(session).result()
    loaded = store.load("s-1").result()
    assert (loaded.forked_from, loaded.restored_from) == (source, backup)


def test_an_id_that_is_taken_cannot_be_created(store):
    store.create(new_session()).result()
    with pytest.raises(SessionExists):
        store.create(new_session(arguments=b"others")).result()


def test_what_was_there_first_stays_when_its_id_is_asked_for_again(store):
    store.create(new_session()).result()
    store.create(new_session(arguments=b"others")).exception()
    assert store.load("s-1").result() == new_session()


def test_creating_the_very_same_session_again_changes_nothing(store):
    store.create(new_session()).result()
    store.create(new_session()).result()
    assert store.load("s-1").result() == new_session()


def test_creating_the_very_same_session_again_changes_nothing_when_it_has_moved_on(store):
    run = Run(store)
    run.step()
    store.create(new_session()).result()
    assert store.load("s-1").result() == run.session


@pytest.mark.parametrize(
    "other",
    [{"flow": "other"}, {"trace_id": "8" * 32}, {"second": 9}, {"arguments": b"others"}, {"is_named": False}],
    ids=str,
)
def test_another_session_does_not_pass_for_one_that_has_moved_on(store, other):
    run = Run(store)
    run.step()
    assert isinstance(store.create(new_session(**other)).exception(), SessionExists)
    assert store.load("s-1").result() == run.session


@pytest.mark.parametrize("claimed", [{"entries": 1}, {"chain": b"x" * 16}], ids=str)
def test_a_new_session_cannot_claim_to_have_a_journal(store, claimed):
    with pytest.raises(SessionConflict):
        store.create(new_session(**claimed)).result()
    assert isinstance(store.load("s-1").exception(), SessionNotFound)
