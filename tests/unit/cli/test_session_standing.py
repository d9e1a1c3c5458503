"""How sessions stand, judged by their workers too."""

import sys

import pytest
from msgspec.structs import replace

from reev_flow.cli.session_standing import find_seen, seen
from reev_flow.runtime.workers import worker_name
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.store import SessionQuery
from reev_flow.stores.memory import MemorySessionStore
from support.processes import pid_of_nobody
from support.sessions import Run, new_session


@pytest.fixture
def store():
    return MemorySessionStore()


def look(store: MemorySessionStore, *names: str) -> list[tuple[str, bool]]:
    return [(one.state, one.is_worker_gone) for one in seen(store, [store.load(name).result() for name in names])]


def test_a_session_that_its_worker_has_is_running(store):
    Run(store)
    store.claim("s-1", worker_name("x"), 60).result()
    assert look(store, "s-1") == [("running", False)]
    assert [one.worker for one in seen(store, [store.load("s-1").result()])] == [worker_name("x")]


def test_a_session_whose_worker_gave_it_up_is_interrupted(store):
    Run(store)
    assert look(store, "s-1") == [("interrupted", True)]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no asking for a process")
def test_a_session_whose_workers_process_is_gone_is_interrupted_while_the_lease_still_runs(store):
    Run(store)
    machine = worker_name("x").partition("/")[0]
    store.claim("s-1", f"{machine}/{pid_of_nobody()}/-/x", 60).result()
    assert look(store, "s-1") == [("interrupted", True)]


def test_a_session_that_runs_nowhere_for_a_good_reason_stands_as_it_is_recorded(store):
    store.create(new_session("new")).result()
    Run(store, new_session("over")).end()
    waiting = Run(store, new_session("waiting"))
    waiting.step(state=SessionState.WAITING)
    assert look(store, "new", "over", "waiting") == [("created", False), ("completed", False), ("waiting", False)]


def test_a_session_that_ended_while_it_was_looked_at_has_ended(store):
    run = Run(store)
    before = store.load("s-1").result()
    run.end()
    assert [one.state for one in seen(store, [before])] == ["completed"]


def test_a_session_that_a_new_worker_took_while_it_was_looked_at_is_running(store):
    Run(store)
    before = store.load("s-1").result()
    after = replace(before, epoch=store.claim("s-1", worker_name("x"), 0).result().epoch)
    assert [(one.session, one.is_worker_gone) for one in seen(store, [before])] == [(after, False)]


def test_a_session_that_was_forgotten_while_it_was_looked_at_is_told_as_it_was(store):
    assert [one.state for one in seen(store, [new_session(state=SessionState.RUNNING)])] == ["running"]


def test_as_many_are_found_as_asked_for_although_others_are_seen_otherwise_than_recorded(store):
    for number in range(9):
        Run(store, new_session(f"s-{number}", second=number))
    for name in ("s-0", "s-1"):
        store.claim(name, worker_name("x"), 60).result()
    query = SessionQuery(states=frozenset({SessionState.RUNNING}), limit=2)
    assert [one.session.session_id for one in find_seen(store, query)] == ["s-1", "s-0"]
