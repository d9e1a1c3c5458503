"""The installed command, run as a user runs it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

COMMAND = Path(sys.executable).with_name("reev-flow.exe" if os.name == "nt" else "reev-flow")
RECORDED = Path(__file__).parents[1] / "recorded"


class Outcome(NamedTuple):
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


def reev_flow(*arguments: str | Path, stdin: bytes = b"", cwd: Path | None = None, **variables: str) -> Outcome:
    """Runs the command without a terminal, in a quiet environment; `variables` are added to it."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("REEV_", "COV_", "COVERAGE_"))
    }
    environment = inherited | {"COLUMNS": "100", "PYTHONUTF8": "1"} | variables
    done = subprocess.run(
        [COMMAND, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        timeout=60,
        check=False,
        env=environment,
        cwd=cwd,
    )
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def recorded(name: str) -> Path:
    return RECORDED / f"{name}.otlp.jsonl"
