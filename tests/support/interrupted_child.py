"""A process whose main thread appends and is interrupted at random moments: `python interrupted_child.py FOLDER SECONDS ENOUGH`.

It ends with an error when something acknowledged is missing or anything hangs, else it prints how often it was interrupted.
"""

import random
import signal
import sys
import time

from reev_flow.sessions.store import SessionStore
from reev_flow.stores.urls import open_session_store
from support.sessions import Run, entry, is_unbroken, new_session

LONGEST_WAIT_SECONDS = 0.003
PATIENCE_SECONDS = 30


class Interrupted(BaseException):
    """Comes like KeyboardInterrupt, between any two steps of the main thread."""


def main(folder: str, seconds: float, enough: int) -> None:
    signal.signal(signal.SIGALRM, _interrupt)
    store = open_session_store(folder)
    run, others = Run(store), [Run(store, new_session(f"other-{number}")) for number in range(3)]
    acknowledged = interruptions = 0
    until = time.monotonic() + seconds
    while interruptions < enough or time.monotonic() < until:
        others[0].append(entry(1)).result(
            PATIENCE_SECONDS
        )  # what an interrupted call had asked for is done before this
        run.session = store.load("s-1").result(PATIENCE_SECONDS)
        assert run.session.entries >= acknowledged, "an acknowledged entry is gone"
        waiting = [other.append(entry(1)) for other in others]
        acknowledged = append_until_interrupted(run)
        interruptions += 1
        assert [one.result(PATIENCE_SECONDS) for one in waiting] == [None] * len(others)
    assert all(is_whole(store, name) for name in ["s-1", *(other.session.session_id for other in others)]), (
        "a journal is broken"
    )
    store.close()
    sys.stdout.write(f"{interruptions}\n")


def append_until_interrupted(run: Run) -> int:
    """The last entry that was acknowledged."""
    acknowledged = run.session.entries
    try:
        signal.setitimer(signal.ITIMER_REAL, random.random() * LONGEST_WAIT_SECONDS + 1e-6)
        while True:
            run.append(entry(1, value=b"x" * 100)).result()
            acknowledged = run.session.entries
    except Interrupted:
        return acknowledged


def is_whole(store: SessionStore, name: str) -> bool:
    session, journal = store.load(name).result(PATIENCE_SECONDS), store.read_journal(name).result(PATIENCE_SECONDS)
    return is_unbroken(session, journal)


def _interrupt(*_: object) -> None:
    raise Interrupted


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))
