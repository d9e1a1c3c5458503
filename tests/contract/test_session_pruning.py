"""What a session store promises about forgetting."""

from typing import Any

import pytest

from reev_flow.errors import SessionForgotten, SessionNotFound
from reev_flow.runtime.room import give_back_all
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.store import SessionStore
from support.sessions import NS, START_NS, Run, answer, found, is_unbroken, new_session


def test_sessions_that_ended_before_the_moment_are_forgotten(store):
    for name, second in (("old", 10), ("on the moment", 20), ("young", 30)):
        Run(store, new_session(name)).end(second=second)
    assert store.prune(START_NS + 20 * NS).result() == ("old",)
    assert sorted(found(store)) == ["on the moment", "young"]


def test_a_session_that_goes_on_is_not_forgotten(store):
    Run(store)
    assert store.prune(START_NS * 2).result() == ()


def test_an_end_without_a_time_counts_from_its_last_change(store):
    Run(store).append(state=SessionState.FAILED, updated_ns=START_NS + 10).result()
    assert [store.prune(START_NS + second).result() for second in (10, 11)] == [(), ("s-1",)]


def test_journals_and_messages_are_forgotten_too(store):
    run = Run(store)
    store.send(answer("yes")).result()
    run.step(b"x")
    run.end()
    store.prune(START_NS * 2).result()
    for ask in (store.load, store.read_journal, store.messages):
        assert isinstance(ask("s-1").exception(), SessionNotFound)


def test_the_id_of_a_forgotten_session_cannot_be_created_again(store):
    forget(store)
    with pytest.raises(SessionForgotten):
        store.create(new_session(second=50)).result()
    assert isinstance(store.load("s-1").exception(), SessionNotFound)


def test_the_very_same_session_cannot_be_created_again_either_once_it_is_forgotten(store):
    forget(store)
    assert isinstance(store.create(new_session()).exception(), SessionForgotten)


def test_who_asks_for_a_forgotten_id_is_told_what_it_was(backend, store):
    Run(store).end(SessionState.FAILED, second=5)
    backend.clock.seconds = 60
    store.prune(START_NS * 2).result()
    told = store.create(new_session()).exception()
    assert told.args == ("s-1", "swap_then_lend", "failed", START_NS + 5 * NS, START_NS + 60 * NS)


def test_an_id_that_nobody_chose_is_not_remembered(store):
    forget(store, is_named=False)
    assert (store.free("s-1").result(), store.create(new_session()).result()) == (False, None)


def test_a_forgotten_id_that_was_freed_can_be_used_again(store):
    forget(store)
    assert store.free("s-1").result()
    again = Run(store)
    again.step(b"after")
    assert [one.value for one in store.read_journal("s-1").result()] == [b"after"]


def test_a_session_that_was_freed_and_forgotten_once_more_is_remembered(store):
    forget(store)
    store.free("s-1").result()
    forget(store)
    assert isinstance(store.create(new_session()).exception(), SessionForgotten)


def test_freeing_does_nothing_to_a_session_that_is_there(store):
    session = Run(store).session
    assert (store.free("s-1").result(), store.load("s-1").result()) == (False, session)


def test_freeing_one_forgotten_id_frees_no_other(store):
    for name in ("s-1", "s-2"):
        forget(store, name)
    store.free("s-1").result()
    assert isinstance(store.create(new_session("s-2")).exception(), SessionForgotten)


def test_what_was_forgotten_is_still_known_when_the_store_is_opened_again(backend, store):
    forget(store)
    store.close()
    again = backend.open()
    told = again.create(new_session()).exception()
    again.close()
    assert isinstance(told, SessionForgotten)


def test_what_another_store_at_that_place_forgot_is_known(backend, store):
    other = backend.open()
    Run(store).end()
    other.prune(START_NS * 2).result()
    other.close()
    assert isinstance(store.create(new_session()).exception(), SessionForgotten)


def forget(store: SessionStore, name: str = "s-1", **facts: Any) -> None:
    """A session of which everything was seen."""
    Run(store, new_session(name, **facts)).end()
    assert store.prune(START_NS * 2).result() == (name,)


def test_no_more_are_forgotten_than_asked_for_the_oldest_first(store):
    for number in (3, 1, 2):
        Run(store, new_session(f"s-{number}")).end(second=number)
    assert store.prune(START_NS * 2, limit=2).result() == ("s-1", "s-2")


def test_what_ended_a_moment_before_is_forgotten_in_the_same_breath(store):
    run = Run(store)
    run.append(state=SessionState.COMPLETED, ended_ns=START_NS)
    assert store.prune(START_NS * 2).result() == ("s-1",)


def test_what_was_forgotten_is_given_back_until_nothing_is_left(store):
    for number in range(3):
        Run(store, new_session(f"s-{number}")).end(result=b"x" * 100_000)
    store.prune(START_NS * 2).result()
    give_back_all(store)
    assert store.give_back().result() == 0


def test_giving_back_leaves_what_is_there_as_it_is(store):
    run = Run(store)
    run.step(b"x")
    Run(store, new_session("s-2")).end(result=b"x" * 100_000)
    store.prune(START_NS * 2).result()
    store.give_back().result()
    assert is_unbroken(store.load("s-1").result(), store.read_journal("s-1").result())
