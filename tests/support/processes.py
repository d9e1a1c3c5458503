"""Processes that use a session store beside the test."""

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]
CHILD = TESTS / "support" / "appending_child.py"


def start_appending(folder: Path, names: list[str], *, steps: int | None = None) -> subprocess.Popen[bytes]:
    """It is appending once its first line is read."""
    command = [sys.executable, str(CHILD), str(folder), ",".join(names), *([str(steps)] if steps else [])]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env=environment())


def acknowledged(lines: bytes) -> dict[str, int]:
    """The last entry of each session that was acknowledged. A last line that the kill cut off counts for nothing."""
    steps: dict[str, int] = {}
    for line in lines.decode().split("\n")[:-1]:
        name, number = line.split()
        steps[name] = max(int(number), steps.get(name, 0))
    return {name: number for name, number in steps.items() if name != "ready"}


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent / "src")])}


def pid_of_nobody() -> str:
    """Of a process that has ended."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return str(child.pid)
