"""What a session store promises about reading one session."""

import pytest

from reev_flow.errors import SessionNotFound
from reev_flow.sessions.store import SessionQuery
from support.sessions import Run, entry, is_unbroken, new_session


def test_a_session_that_is_not_there_is_not_found(store):
    for ask in (store.load, store.read_journal, store.messages):
        with pytest.raises(SessionNotFound, match=r"no session 'nobody' in .*"):
            ask("nobody").result()


def test_a_new_session_has_an_empty_journal(store):
    store.create(new_session()).result()
    assert store.read_journal("s-1").result() == ()


def test_a_read_sees_the_writes_asked_for_before_it(store):
    run = Run(store)
    for _ in range(20):
        run.append(entry(1))
        assert store.load("s-1").result() == run.session


def test_what_is_found_includes_the_writes_asked_for_before(store):
    for number in range(5):
        store.create(new_session(f"s-{number}"))
    assert len(store.find(SessionQuery()).result()) == 5


def test_what_is_acknowledged_is_there_when_the_store_is_opened_again(backend, store):
    run = Run(store)
    run.step(b"kept")
    store.close()
    again = backend.open()
    assert is_unbroken(again.load("s-1").result(), again.read_journal("s-1").result())
    again.close()


def test_two_stores_at_one_place_see_each_other(backend, store):
    run = Run(store)
    other = backend.open()
    taken = Run.__new__(Run)
    taken.store, taken.session = other, other.load("s-1").result()
    taken.step(b"from the other")
    run.session = taken.session
    run.step(b"and on")
    assert is_unbroken(other.load("s-1").result(), other.read_journal("s-1").result())
    other.close()
