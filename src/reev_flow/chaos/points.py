"""The places in a run at which something can be made to go wrong, and what can."""

from collections.abc import Sequence
from enum import StrEnum
from fnmatch import fnmatchcase
from random import Random

import msgspec

from reev_flow.errors import ReevFlowError

STORE = "store"
TRACES = "traces"
MARK = "mark"
OF_STORES = tuple(f"{store}-{part}" for store in (STORE, TRACES) for part in ("file", "log", "journal", MARK))
ALL = "all"


class Fault(StrEnum):
    """What goes wrong at a point."""

    KILL = "kill"
    POWER_CUT = "power-cut"
    TORN_WRITE = "torn-write"
    CLOCK_BACK = "clock-back"
    DISK_FULL = "disk-full"
    SLOW_DISK = "slow-disk"


class Point(msgspec.Struct, frozen=True):
    """The `nth` time that `subject` passes `edge`. The subject is a step, or a file of the store of sessions or of that of traces."""

    subject: str
    edge: str
    nth: int = 1

    @property
    def name(self) -> str:
        return f"{self.subject}@{self.edge}" + (f"@{self.nth}" if self.nth > 1 else "")

    @property
    def is_of_store(self) -> bool:
        return self.subject in OF_STORES

    @property
    def is_of_new_mark(self) -> bool:
        """A high-water mark is one short line, which is written in one go; only the first time there may be a file without it."""
        return self.subject.endswith(f"-{MARK}") and self.nth == 1

    @property
    def may_be_torn(self) -> bool:
        is_write = self.is_of_store and self.edge == "before-write"
        return is_write and (self.is_of_new_mark or not self.subject.endswith(f"-{MARK}"))


class NoPoints(ReevFlowError):
    """Nothing would be tried, which says nothing about a flow."""

    def __str__(self) -> str:
        return "--kill-points 0: nothing would go wrong; say how many points are to be drawn, from 1, or `all`"


class NoSuchPoint(ReevFlowError):
    """A place that the uninterrupted run does not pass."""

    def __init__(self, wanted: str, known: Sequence[str]) -> None:
        super().__init__(wanted, known)
        self.wanted = wanted
        self.known = tuple(known)

    def __str__(self) -> str:
        examples = ", ".join(dict.fromkeys((self.known[0], self.known[-1]))) if self.known else "none"
        return (
            f"--kill-points {self.wanted}: the uninterrupted run passes no such point; its {len(self.known)} points have names like "
            f"{examples}; name one, part of them with *, how many to draw, or `all`"
        )


def points_for(fault: Fault, passed: Sequence[Point]) -> list[Point]:
    """Where that fault can happen, of the points that were passed."""
    match fault:
        case Fault.KILL | Fault.POWER_CUT:
            return list(passed)
        case Fault.TORN_WRITE | Fault.DISK_FULL:
            return [point for point in passed if point.may_be_torn]
        case Fault.SLOW_DISK:
            return [point for point in passed if point.is_of_store and point.edge == "before-sync"]
        case Fault.CLOCK_BACK:
            return [point for point in passed if not point.is_of_store]


def chosen(wanted: str, points: Sequence[Point], seed: int) -> list[Point]:
    """All of them, so many drawn by the seed, or those of that name. Raises `NoPoints` and `NoSuchPoint`."""
    if wanted == ALL:
        return list(points)
    if wanted.isdecimal():
        if not int(wanted):
            raise NoPoints
        drawn = Random(seed).sample(range(len(points)), min(int(wanted), len(points)))  # noqa: S311 - no secret
        return [points[place] for place in sorted(drawn)]
    found = [point for point in points if point.name == wanted] or [
        point for point in points if fnmatchcase(point.name, wanted)
    ]
    if not found:
        raise NoSuchPoint(wanted, [point.name for point in points])
    return found


def store_of(file_name: str) -> str:
    """Which store a file belongs to."""
    return TRACES if f".{file_name}".startswith(f".{TRACES}.") else STORE
