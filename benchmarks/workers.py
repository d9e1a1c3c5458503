"""How long workers take for sessions whose process was killed, and how several of them share one store.

Every session has ten finished steps with results of a kilobyte and is caught in the eleventh; whoever takes it up reads them back, runs that
one and five more. Processes take what they find from one file, as `reev-flow worker` does. The floor is the same number of rows, a kilobyte
each, by one process in commits of a hundred.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from raw_commits import RawCommits
from session_rows import Row, tell_rows
from session_work import RESULTS
from worker_process import AFTER, CONCURRENT

SCRIPT = str(Path(__file__).with_name("worker_process.py"))
RECOVERED = 1_000
SHARED = 2_000
MS = 1_000.0
MOST_SECONDS = 2.0
COUNTS = (1, 2, 4)
LONGEST_SECONDS = 300


class Shift(NamedTuple):
    """What several workers did together; `ends` are seconds since they were let go."""

    seconds: float
    shares: tuple[int, ...]
    ends: tuple[float, ...]
    processor_seconds: float

    @property
    def per_second(self) -> float:
        return len(self.ends) / self.seconds

    @property
    def told(self) -> str:
        return f"{self.processor_seconds / len(self.ends) * MS:.2f} ms of a processor each"


def leave_behind(folder: Path, sessions: int) -> None:
    """So many sessions of a process that was killed."""
    command = [sys.executable, SCRIPT, "leave", str(folder), str(sessions)]
    done = subprocess.run(command, env=_environment(folder), check=False, timeout=LONGEST_SECONDS)
    if done.returncode != -9:
        raise RuntimeError(f"it was to be killed, and ended with {done.returncode}")
    (folder / "opened").touch()


def shift(folder: Path, workers: int) -> Shift:
    """Until there is nothing left to take up. Importing and opening the store do not count."""
    command = [sys.executable, SCRIPT, "work", str(folder)]
    processes = [_start(command, folder) for _ in range(workers)]
    for process in processes:
        _line(process)
    began = time.time()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [json.loads(_line(process)) for process in processes]
    for process in processes:
        process.communicate(timeout=LONGEST_SECONDS)
    ends = sorted(moment - began for one in told for moment in one["ended"])
    shares = sorted(len(one["ended"]) for one in told)
    return Shift(ends[-1], tuple(shares), tuple(ends), sum(one["processor_seconds"] for one in told))


def _start(command: list[str], folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        command, env=_environment(folder), stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    )


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def _environment(folder: Path) -> dict[str, str]:
    return os.environ | {"OPENED": str(folder / "opened")}


def recovery(raw: RawCommits, folder: Path) -> Row:
    leave_behind(folder / "recovered", RECOVERED)
    took = shift(folder / "recovered", 1)
    floor = _floor(raw, RECOVERED)
    is_kept = took.seconds <= MOST_SECONDS and len(took.ends) == RECOVERED
    return Row(
        f"recovery of {len(took.ends):,} killed sessions, one worker",
        f"{took.seconds:.2f} s",
        f"{floor:.2f} s",
        took.seconds / floor,
        f"{MOST_SECONDS:g} s{'' if is_kept else ' !'}",
        took.told,
    )


def shared(raw: RawCommits, folder: Path, workers: int) -> Row:
    place = folder / f"shared-{workers}"
    leave_behind(place, SHARED)
    took = shift(place, workers)
    floor = SHARED / _floor(raw, SHARED)
    least, most = took.shares[0], took.shares[-1]
    lost = "" if len(took.ends) == SHARED else f", {SHARED - len(took.ends):,} NOT TAKEN UP"
    told = f"{took.told}; workers took {least:,} to {most:,} of {SHARED:,}{lost}"
    return Row(
        f"{workers} worker{'s' if workers > 1 else ''} on one file",
        f"{took.per_second:,.0f}/s",
        f"{floor:,.0f}/s",
        floor / took.per_second,
        "",
        told,
    )


def _floor(raw: RawCommits, sessions: int) -> float:
    return sessions * (AFTER + 1) / raw.rows_per_second(sessions * (AFTER + 1) // CONCURRENT, CONCURRENT)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        raw = RawCommits(folder, json.dumps(RESULTS[0]).encode())
        raw.warm_up()
        rows = [recovery(raw, folder), *(shared(raw, folder, workers) for workers in COUNTS)]
        tell_rows(
            f"Workers, SQLite, WAL, synchronous=FULL, {CONCURRENT} sessions at once in each, {os.cpu_count()} processors",
            rows,
        )


if __name__ == "__main__":
    main()
