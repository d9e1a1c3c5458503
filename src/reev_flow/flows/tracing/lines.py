"""A line of work: what one task, or one thread, does in order."""

import asyncio
from collections.abc import Iterable
from threading import get_ident
from typing import Any, TypeAlias
from weakref import ReferenceType, ref

from opentelemetry.trace import Span

MOST_LOOSE = 16  # loose ends that are remembered; whoever has not looked since they were more knows nothing
MOST_IDS = 256  # more are not told: what waited for so many is left to be guessed from times

Ids: TypeAlias = tuple[str, ...] | None
"""Of the spans that ended last, or None where that is not known."""

Place: TypeAlias = "tuple[Span, Ids, Line, int]"
"""Within which span a line of work is, what ended there last, and how many loose ends there were by then. A tuple, since one is made at
each end of a span.
"""


class LooseEnds:
    """Of plain tasks that were not seen to be waited for by who made them, so that anybody may have. One for all lines that fork off one."""

    __slots__ = ("count", "forks")

    def __init__(self) -> None:
        self.count = 0
        self.forks: list[tuple[int, Line]] = []

    def add(self, fork: "Line") -> None:
        """Once more when nobody holds its task any longer: until then somebody may have waited for it."""
        task = None if fork.task is None else fork.task()
        if task is not None:
            fork.task = ref(task, lambda _: self.add(fork))
        self.count += 1
        self.forks.append((self.count, fork))
        del self.forks[:-MOST_LOOSE]

    def concern(self, place: Place) -> bool:
        """Whether one of them may be among what came before whoever is there. Its own maker keeps account of it itself."""
        span, _, line, seen = place
        if self.count - MOST_LOOSE > seen:
            return True
        return any(
            fork.within is span and fork.maker is not line and (number > seen or fork.is_held)
            for number, fork in self.forks
        )


class Line:
    """Forks off another when a task begins its first span. Holds no task, so that it keeps none alive."""

    __slots__ = (
        "__weakref__",
        "awaiting",
        "base",
        "depth",
        "ended",
        "forked_in",
        "group",
        "has_forgotten",
        "is_blocking",
        "is_blurred",
        "is_joined",
        "is_lost",
        "is_settled",
        "is_told",
        "loose_ends",
        "maker",
        "origin",
        "owner",
        "place",
        "settled",
        "task",
        "thread",
        "wait",
        "wait_for",
        "within",
    )

    def __init__(self, task: "asyncio.Task[Any] | None", loose_ends: LooseEnds) -> None:
        self.loose_ends = loose_ends
        self.task: ReferenceType[asyncio.Task[Any]] | None = None if task is None else ref(task)
        self.thread = get_ident() if task is None else 0
        self.place: Place | None = None
        self.settled: Place | None = None  # where it last noticed that it had waited for a fork
        self.within: Span | None = None  # the span that it forked in
        self.base: Ids = None  # what had ended there
        self.forked_in: Span | None = None  # where another forked off it last
        self.maker: Line | None = None  # that it forked from, as far as one can see
        self.depth = 0  # how many makers there are above it
        self.origin: Line | None = None  # of a thread: nobody sees when somebody waits for it
        self.ended: list[Line] = []  # forks that are over
        self.has_forgotten = False  # some of them, since it last looked
        self.awaiting: Line | None = None  # the fork whose task it was waiting for when that began its first span
        self.group: ReferenceType[asyncio.TaskGroup] | None = None  # that its task is one of
        self.owner: ReferenceType[asyncio.Task[Any]] | None = None  # who waits for that group
        self.wait: Any = None  # of `waits`: the gathering that it is part of
        self.wait_for: Any = None  # of `waits`: the gathering that it waits for
        self.is_blocking = False  # an event loop ran until it was over
        self.is_blurred = False  # what was made by others looks as if it had made it
        self.is_told = isinstance(task, ToldTask)
        self.is_lost = False  # asyncio does not say what it waits for: another version of it, or tasks of somebody else
        self.is_joined = False
        self.is_settled = False

    @property
    def is_in_doubt(self) -> bool:
        """Whether a fork of it, or of one that it comes from, may have been made by another."""
        line: Line | None = self
        while line is not None and not line.is_blurred:
            line = line.maker
        return line is not None

    @property
    def is_held(self) -> bool:
        """Whether somebody could still wait for its task."""
        return self.task is not None and self.task() is not None

    def is_here(self, task: "asyncio.Task[Any] | None") -> bool:
        """Whether it is the line of the one who asks, who runs in that task or in none."""
        if task is None or self.task is None:
            return task is None and self.task is None and self.thread == get_ident()
        return self.task() is task


class ToldTask(asyncio.Task[Any]):
    """A task that tells when somebody has waited for it, so that nothing has to be found out."""

    line: Line | None = None


def merged(span: Span, ids: Ids, forks: Iterable[Line]) -> Ids:
    """What ended last within the span, once the forks are waited for too: theirs, and of its own what they did not come after."""
    last = None if ids is None else dict.fromkeys(ids)
    for fork in forks:
        if fork.place is None:
            return None
        within, ended, _, _ = fork.place
        if ended == fork.base and within is fork.within and ended is not None:
            continue
        if last is None or ended is None or within is not span:
            return None
        for earlier in fork.base or ():
            last.pop(earlier, None)
        last.update(dict.fromkeys(ended))
    return None if last is None or len(last) > MOST_IDS else tuple(last)
