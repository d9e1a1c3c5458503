"""The same trip booked by this package, by DBOS and by LangGraph, on SQLite, and killed at the same kind of points: what happens twice then.

    make bench-kill PEERS=ENVIRONMENT        (python benchmarks/kill_points.py --peers ENVIRONMENT --points 60)

The points are those at which the process writes to a database file or forces it to disk, and those around what a step does outside, before
and after. They are counted and used by a library that is loaded before everything else, so that it is the same for all. Afterwards the trip
is gone on with by a new process, and compared with one that nobody disturbed: its result, and what is in the ledger of the outside. A
*duplicate* is a line of that ledger beyond those of the undisturbed trip: something was held, paid or confirmed once more.

It is booked in two ways. With an outside that *honours keys*, what is asked twice with the same idempotency key is done once. That is how
DBOS and LangGraph say that steps should be written, as they promise that a step that was interrupted is run again (at least once), and so it
is here for steps that are declared `"rerun"`. With an outside that *knows no keys* none of the three can make it happen exactly once by
itself. What at-least-once means then is counted; here a step that may have happened is asked about, and somebody who looks into the ledger
answers, whom the other two do not have. No tool does anything that its documentation does not say. How many of the points lie between an
effect and its record, which is where duplicates come from, depends on how often a tool writes: compare rows by whether there are any, not by
their share.
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
OUTSIDES = {"keys": "the outside honours keys", "plain": "the outside knows no keys"}
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
        for outside, told in OUTSIDES.items():
            print(f"{told:<36}{'points':>8}" + "".join(f"{column:>12}" for column in COLUMNS))
            for tool, program in TOOLS.items():
                python = Path(sys.executable) if tool == "reev-flow" else peers
                print(_row(tool, _rounds(python, program, library, (str(given.points), outside))), flush=True)


def _compiled(folder: Path) -> Path:
    compiler = shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        sys.exit("a C compiler (cc) on Linux is needed to count writes from outside")
    library = folder / "kill_at_write.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, HERE / "kill_at_write.c", "-ldl"], check=True)
    return library


def _rounds(python: Path, program: str, library: Path, words: tuple[str, ...]) -> dict[str, int] | str:
    """What is printed when it is not installed, or did not come to an end, is why."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(python), str(HERE / program), folder, *words]
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
        return f"{tool:<36}is not there ({counts})"
    return f"{tool:<36}{counts['points']:>8}" + "".join(f"{counts.get(column, 0):>12}" for column in COLUMNS)


if __name__ == "__main__":
    main()
