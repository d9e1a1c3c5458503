"""Ctrl-C at any moment in a thread that waits for a store leaves the store whole and usable."""

import subprocess
import sys
from pathlib import Path

import pytest

from support.processes import TESTS, environment

SECONDS = 4  # or longer, until there were enough
ENOUGH = 20
CHILD = (
    TESTS / "support" / "interrupted_child.py"
)  # a process of its own: what measures coverage does not bear interruptions


@pytest.mark.skipif(sys.platform == "win32", reason="there are no timers that interrupt")
def test_interruptions_at_any_moment_lose_nothing_acknowledged_and_stop_nothing(tmp_path: Path):
    command = [sys.executable, str(CHILD), str(tmp_path), str(SECONDS), str(ENOUGH)]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) >= ENOUGH
