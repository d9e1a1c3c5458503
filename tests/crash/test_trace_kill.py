"""A process that is really killed while it adds spans loses nothing that was acknowledged."""

import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from reev_flow.stores.urls import open_trace_store
from support.processes import TESTS, environment
from support.trace_stores import id_of, numbered

KILLS = 12
CHILD = TESTS / "support" / "adding_child.py"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_spans_acknowledged_before_a_kill_are_there_and_sound(tmp_path: Path):
    moments = random.Random(1)
    known: set[tuple[str, int]] = set()
    for _ in range(KILLS):
        known |= add_and_kill(tmp_path, moments.choice((0.0, 0.001, 0.01, 0.1)) * moments.random())
        assert lost(tmp_path, known) == set()


def add_and_kill(folder: Path, seconds: float) -> set[tuple[str, int]]:
    """What was acknowledged. A last line that the kill cut off counts for nothing."""
    child = subprocess.Popen([sys.executable, str(CHILD), str(folder)], stdout=subprocess.PIPE, env=environment())
    assert child.stdout is not None
    child.stdout.readline()
    threading.Event().wait(seconds)
    child.send_signal(signal.SIGKILL)
    lines = child.stdout.read().decode().split("\n")[:-1]
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL
    return {(line.split()[0], int(line.split()[1])) for line in lines}


def lost(folder: Path, known: set[tuple[str, int]]) -> set[tuple[str, int]]:
    store = open_trace_store(folder)
    assert store.damaged().result() == ()
    letters = {letter for letter, _ in known}
    kept = {letter: set(store.read(id_of(letter)).result().chunks) for letter in letters}
    store.close()
    return {(letter, number) for letter, number in known if numbered(letter, number) not in kept[letter]}
