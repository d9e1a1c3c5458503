"""A tool's trip, killed at each of many points and gone on with, in copies of one process that has the tool loaded."""

import ctypes
import json
import os
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

LONGEST_SECONDS = 60
MOST_TRIES = 3

Run = Callable[[Path], None]


def report(run: Callable[..., None]) -> None:
    """`run` begins the trip in a folder, or goes on with it, and keeps its result there. What was typed says the folder, how many points,
    and whether the outside honours idempotency keys. Prints one line of JSON.
    """
    folder, most_points, honours_keys = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "keys"
    _report(folder, most_points, lambda place: run(place, honours_keys=honours_keys))


def _report(folder: Path, most_points: int, run: Run) -> None:
    undisturbed = _new(folder, "undisturbed")
    _in_copy(run, undisturbed, kill_at=0)
    total = int((undisturbed / "points").read_text())
    points = sorted({1 + place * total // most_points for place in range(min(most_points, total))})
    outcomes: Counter[str] = Counter()
    for point in points:
        place = _new(folder, str(point))
        if _in_copy(run, place, kill_at=point) != -signal.SIGKILL:
            outcomes["not reached"] += 1
            continue
        outcomes["killed"] += 1
        for _ in range(MOST_TRIES):
            if _in_copy(run, place, kill_at=0) == 0:
                break
        outcomes.update(_judged(undisturbed, place))
    sys.stdout.write(json.dumps({"points": total, **outcomes}) + "\n")
    sys.stdout.flush()


def _judged(undisturbed: Path, place: Path) -> Counter[str]:
    expected, found = _done(undisturbed), _done(place)
    result = place / "result"
    is_same = result.exists() and result.read_text() == (undisturbed / "result").read_text()
    duplicated = sum((found - expected).values())
    is_divergent = not is_same or found != expected
    return Counter({"divergent": int(is_divergent), "unfinished": int(not result.exists()), "duplicated": duplicated})


def _done(place: Path) -> Counter[str]:
    """Whatever keys it was asked with."""
    ledger = place / "ledger"
    return Counter(line.partition("\t")[2] for line in (ledger.read_text().splitlines() if ledger.exists() else []))


def _new(folder: Path, name: str) -> Path:
    place = folder / name
    place.mkdir()
    return place


def _in_copy(run: Run, place: Path, *, kill_at: int) -> int:
    """How the copy ended: 0, or minus the signal that killed it."""
    child = os.fork()
    if not child:
        code = 1
        try:
            signal.alarm(LONGEST_SECONDS)
            counter = ctypes.CDLL(None)
            counter.begin_counting(ctypes.c_long(kill_at))
            run(place)
            (place / "points").write_text(str(counter.points_passed()))
            code = 0
        except BaseException:  # noqa: BLE001 - nothing may get out of the copy
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
