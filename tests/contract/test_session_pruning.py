"""What a session store promises about forgetting."""

from reev_flow.errors import SessionNotFound
from reev_flow.sessions.state import SessionState
from support.sessions import NS, START_NS, Run, answer, found, new_session


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


def test_a_forgotten_id_can_be_used_again(store):
    run = Run(store)
    run.step(b"before")
    run.end()
    store.prune(START_NS * 2).result()
    again = Run(store)
    again.step(b"after")
    assert [one.value for one in store.read_journal("s-1").result()] == [b"after"]


def test_no_more_are_forgotten_than_asked_for_the_oldest_first(store):
    for number in (3, 1, 2):
        Run(store, new_session(f"s-{number}")).end(second=number)
    assert store.prune(START_NS * 2, limit=2).result() == ("s-1", "s-2")


def test_what_ended_a_moment_before_is_forgotten_in_the_same_breath(store):
    run = Run(store)
    run.append(state=SessionState.COMPLETED, ended_ns=START_NS)
    assert store.prune(START_NS * 2).result() == ("s-1",)
