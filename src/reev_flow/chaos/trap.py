"""Counts how often each place is passed, and lets something go wrong at one of them."""

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable

from reev_flow.chaos.points import Fault, Point


def die() -> None:
    """As a power cut would have it: nothing of this process sees it coming."""
    os.kill(os.getpid(), signal.SIGKILL)


class Trap:
    """Without a point it only counts. Places are passed in any thread."""

    def __init__(self, point: Point | None = None, fault: Fault = Fault.KILL, *, dies_at_passing: int = 0) -> None:
        """With `dies_at_passing` the process dies at that many places, whichever they are."""
        self.fault = fault
        self._dies_at_passing = dies_at_passing
        self.has_sprung = False
        self.passed: list[Point] = []
        self.when_sprung: Callable[[], None] = die if fault is Fault.KILL else _nothing
        self._point = point
        self._counts: Counter[tuple[str, str]] = Counter()
        self._lock = threading.RLock()  # a step's edge may be passed while the store is told of the one before

    def reach(self, subject: str, edge: str) -> bool:
        """Whether this is the place; what is to be done there has been done."""
        with self._lock:
            self._counts[subject, edge] += 1
            point = Point(subject, edge, self._counts[subject, edge])
            self.passed.append(point)
            if len(self.passed) == self._dies_at_passing:
                die()
            if point != self._point:
                return False
            self.has_sprung = True
            self.when_sprung()
            return True


def _nothing() -> None:
    pass
