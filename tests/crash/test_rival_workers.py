"""Several processes on one store: each session has one worker, and one that was out cold writes nothing when it comes back."""

import asyncio
import os
import signal
import threading
from collections import Counter
from functools import partial

import pytest

from reev_flow.sessions.state import SessionState
from reev_flow.stores.urls import open_session_store
from support.racing_processes import ended, noted, run_once, start, work_slowly
from support.sessions import is_unbroken
from support.workers import told, until

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork"),
    pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning"),
]

SESSIONS = [f"s-{number}" for number in range(10)]


def test_processes_that_want_the_same_sessions_at_once_run_each_of_them_once(tmp_path):
    open_session_store(tmp_path / "store").close()
    for session_id in SESSIONS:
        (tmp_path / "go").unlink(missing_ok=True)
        children = [start(partial(run_once, tmp_path, str(number), session_id)) for number in range(3)]
        (tmp_path / "go").touch()
        assert [ended(child) for child in children] == [0, 0, 0]
    done = Counter(noted(tmp_path / "done"))
    assert done == {f"{session_id} {number}": 1 for session_id in SESSIONS for number in range(5)}
    outcomes = [line.split() for line in noted(tmp_path / "outcomes")]
    assert {outcome for _, _, outcome in outcomes} <= {"10", "LeaseHeld"}
    assert {session_id for session_id, _, outcome in outcomes if outcome == "10"} == set(SESSIONS)


def test_a_worker_that_was_out_cold_longer_than_its_lease_writes_nothing_when_it_comes_back(tmp_path):
    frozen = start(partial(work_slowly, tmp_path, "first", 60, 0.3))
    asyncio.run(until(lambda: "first begins" in noted(tmp_path / "done")))
    os.kill(frozen, signal.SIGSTOP)
    threading.Event().wait(0.5)
    second = start(partial(work_slowly, tmp_path, "second", 0.1, 30))
    assert ended(second) == 0
    (tmp_path / "go").touch()
    os.kill(frozen, signal.SIGCONT)
    assert ended(frozen) == 0
    assert noted(tmp_path / "outcomes")[0] == "second second"
    assert noted(tmp_path / "outcomes")[1] in {"first LeaseLost", "first InvalidState"}
    assert "first goes on" not in noted(tmp_path / "done")
    store = open_session_store(tmp_path / "store")
    session, journal = store.load("s-1").result(), store.read_journal("s-1").result()
    assert session.state is SessionState.COMPLETED
    assert is_unbroken(session, journal)
    assert told(store)[-1] == "finished last#1"
    store.close()


def test_the_session_of_a_worker_that_was_killed_is_taken_over_at_once(tmp_path):
    """Its lease would last an hour."""
    killed = start(partial(work_slowly, tmp_path, "first", 30, 3_600))
    asyncio.run(until(lambda: "first begins" in noted(tmp_path / "done")))
    os.kill(killed, signal.SIGKILL)
    assert ended(killed) == -signal.SIGKILL
    assert ended(start(partial(work_slowly, tmp_path, "second", 0.01, 30))) == 0
    assert noted(tmp_path / "outcomes") == ["second second"]
