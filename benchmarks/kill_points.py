"""The same trip booked by this package, by DBOS and by LangGraph, on SQLite, and killed at the same kind of points: how often it goes wrong.

    python benchmarks/kill_points.py --peers ENVIRONMENT --points 60

The points are those at which the process writes to a database file or forces it to disk, and those around what a step does outside, before
and after. They are counted and used by a library that is loaded before everything else, so that it is the same for all. Afterwards the trip
is gone on with by a new process, and compared with one that nobody disturbed: its result, and what is in the ledger of the outside.

DBOS and LangGraph promise that a step that was interrupted is run again, and say that steps should be idempotent. What is counted is what that
means for steps that are not. Here a step that may have had its effect is asked about, and somebody who looks into the ledger answers.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
TOOLS = {"reev-flow": "kill_reev.py", "DBOS": "kill_dbos.py", "LangGraph": "kill_langgraph.py"}
LONGEST_SECONDS = 900
COLUMNS = ("killed", "divergent", "unfinished", "duplicated")


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--peers", type=Path, help="a Python environment that has DBOS and LangGraph")
    wanted.add_argument("--points", type=int, default=60, help="how many points at most, evenly over the run")
    given = wanted.parse_args()
    peers = Path(sys.executable) if given.peers is None else given.peers / "bin" / "python"
    with tempfile.TemporaryDirectory() as folder:
        library = _compiled(Path(folder))
        print(f"{'':<12}{'points':>8}" + "".join(f"{column:>12}" for column in COLUMNS))
        for tool, program in TOOLS.items():
            python = Path(sys.executable) if tool == "reev-flow" else peers
            print(_row(tool, _rounds(python, program, library, given.points)), flush=True)


def _compiled(folder: Path) -> Path:
    compiler = shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        sys.exit("a C compiler (cc) on Linux is needed to count writes from outside")
    library = folder / "kill_at_write.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, HERE / "kill_at_write.c", "-ldl"], check=True)
    return library


def _rounds(python: Path, program: str, library: Path, points: int) -> dict[str, int] | str:
    """What is printed when it is not installed, or did not come to an end, is why."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(python), str(HERE / program), folder, str(points)]
        environment = {**os.environ, "LD_PRELOAD": str(library)}
        try:
            done = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=LONGEST_SECONDS)
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
    lines = done.stdout.decode().splitlines()
    if done.returncode or not lines:
        return (done.stderr.decode().splitlines() or ["nothing was said"])[-1]
    counts: dict[str, int] = json.loads(lines[-1])
    return counts


def _row(tool: str, counts: dict[str, int] | str) -> str:
    if isinstance(counts, str):
        return f"{tool:<12}is not there ({counts})"
    return f"{tool:<12}{counts['points']:>8}" + "".join(f"{counts.get(column, 0):>12}" for column in COLUMNS)


if __name__ == "__main__":
    main()
