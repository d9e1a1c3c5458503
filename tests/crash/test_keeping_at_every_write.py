"""Copying, migrating, pruning and restoring, cut off at some of all the places where they write; `make damage` does every one of them."""

import subprocess
import sys
from pathlib import Path

import pytest

from support.killed_keeping import DEEDS, KINDS
from support.processes import environment

SCRIPT = Path(__file__).parents[1] / "support" / "killed_keeping.py"
STRIDE = "7"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what was forced to disk is told by /proc")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("what", DEEDS)
def test_sessions_are_whole_wherever_it_was_cut_off(what: str, kind: str):
    command = [sys.executable, str(SCRIPT), what, "--kind", kind, "--stride", STRIDE]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert (done.returncode, "WRONG" in done.stdout) == (0, False), done.stdout + done.stderr
