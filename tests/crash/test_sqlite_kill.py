"""A process that is really killed while it appends loses nothing that was acknowledged."""

import random
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from reev_flow.stores.urls import open_session_store
from support.processes import acknowledged, start_appending
from support.sessions import is_unbroken

SECONDS = 10
NAMES = [f"s-{number}" for number in range(10)]
KILLS_FOR_SURE = 5


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_everything_acknowledged_before_a_kill_is_there_and_unbroken(tmp_path: Path):
    moments = random.Random(1)
    until = time.monotonic() + SECONDS
    known: dict[str, int] = {}
    kills = 0
    while kills < KILLS_FOR_SURE or time.monotonic() < until:
        known |= append_and_kill(tmp_path, moments.choice((0.0, 0.001, 0.01, 0.1)) * moments.random())
        kills += 1
        assert sessions_that_lost_something(tmp_path, known) == []


def append_and_kill(folder: Path, seconds: float) -> dict[str, int]:
    """What was acknowledged. The store is not closed, its log is not merged: the next process finds it as it was at that moment."""
    child = start_appending(folder, NAMES)
    assert child.stdout is not None
    first = child.stdout.readline()
    threading.Event().wait(seconds)
    child.send_signal(signal.SIGKILL)
    rest = child.stdout.read()
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL
    return acknowledged(first + rest)


def sessions_that_lost_something(folder: Path, known: dict[str, int]) -> list[str]:
    store = open_session_store(folder)
    lost = list(store.damaged().result())
    for name, entries in known.items():
        session, journal = store.load(name).result(), store.read_journal(name).result()
        if len(journal) < entries or not is_unbroken(session, journal):
            lost.append(name)
    store.close()
    return lost
