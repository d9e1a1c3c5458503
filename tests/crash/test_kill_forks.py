"""Processes that are really killed while they fork a session and go on with the fork, and what the next ones make of it."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from reev_flow.sessions.identity import idempotency_key
from reev_flow.sessions.state import SessionState
from reev_flow.stores.urls import open_session_store
from support.killed_forks import LATER, in_a_child
from support.sessions import is_unbroken

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no SIGKILL"),
    pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning"),
]

MOST_EDGES = 100
KILLED = -signal.SIGKILL
DONE_ANEW = [idempotency_key("s-2", f"{name}#1") for name in LATER]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a session that has ended."""
    ordered = tmp_path / "ordered"
    ordered.mkdir()
    assert in_a_child(ordered, forks=False) == 0
    return ordered


def test_killed_anywhere_a_fork_does_once_what_it_is_to_do_anew(folder: Path, tmp_path: Path):
    for kill_at in range(1, MOST_EDGES):
        killed = tmp_path / str(kill_at)
        shutil.copytree(folder, killed)
        ended = in_a_child(killed, forks=True, kill_at=kill_at)
        if ended == 0:
            assert kill_at > 10, "there are more edges than that"
            return
        assert ended == KILLED
        assert in_a_child(killed, forks=True) == 0
        assert is_right(killed, folder)
    raise AssertionError("it never ended")


def is_right(killed: Path, folder: Path) -> bool:
    store = open_session_store(killed / "store")
    forked, journal = store.load("s-2").result(), store.read_journal("s-2").result()
    damaged = store.damaged().result()
    source = store.load("s-1").result()
    store.close()
    assert damaged == ()
    assert (forked.state, source.state) == (SessionState.COMPLETED, SessionState.COMPLETED)
    assert is_unbroken(forked, journal)
    assert (killed / "forked").read_text() == (folder / "result").read_text()
    added = (killed / "ledger").read_text().splitlines()[len((folder / "ledger").read_text().splitlines()) :]
    return sorted(line.split()[0] for line in added) == sorted(DONE_ANEW)
