"""Files that may not grow any more, and then may: what was acknowledged is there, and everything goes on."""

import subprocess
import sys
from pathlib import Path

import pytest

from support.processes import environment

SCRIPT = Path(__file__).parents[1] / "support" / "limited_files.py"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="such limits are POSIX's")


@pytest.mark.parametrize("what", ["write", "back_up", "restore"])
def test_a_limit_of_file_sizes_costs_only_what_was_not_acknowledged(what: str, tmp_path: Path):
    command = [sys.executable, str(SCRIPT), what, str(tmp_path / "store")]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
