"""A line of work: what one task, or one thread, does in order."""

import asyncio
from collections.abc import Iterable
from threading import get_ident
from typing import Any, TypeAlias
from weakref import ReferenceType, ref

from opentelemetry.trace import Span

MOST_IDS = 256  # more are not told: what waited for so many is left to be guessed from times

Ids: TypeAlias = tuple[str, ...] | None
"""Of the spans that ended last, or None where that is not known."""

Place: TypeAlias = "tuple[Span, Ids, Line]"
"""Within which span a line of work is, and what ended there last. A tuple, since one is made at each end of a span."""


class Line:
    """Forks off another when a task begins its first span. Holds no task, so that it keeps none alive."""

    __slots__ = (
        "__weakref__",
        "awaiting",
        "base",
        "ended",
        "forked_in",
        "group",
        "is_blocking",
        "is_blurred",
        "is_joined",
        "is_settled",
        "is_told",
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

    def __init__(self, task: "asyncio.Task[Any] | None") -> None:
        self.task: ReferenceType[asyncio.Task[Any]] | None = None if task is None else ref(task)
        self.thread = get_ident() if task is None else 0
        self.place: Place | None = None
        self.settled: Place | None = None  # where it last noticed that it had waited for a fork
        self.within: Span | None = None  # the span that it forked in
        self.base: Ids = None  # what had ended there
        self.forked_in: Span | None = None  # where another forked off it last
        self.maker: Line | None = None  # that it forked from, as far as one can see
        self.origin: Line | None = None  # of a thread: nobody sees when somebody waits for it
        self.ended: list[Line] = []  # forks that are over
        self.awaiting: Line | None = None  # the fork whose task it was waiting for when that began its first span
        self.group: ReferenceType[asyncio.TaskGroup] | None = None  # that its task is one of
        self.owner: ReferenceType[asyncio.Task[Any]] | None = None  # who waits for that group
        self.wait: Any = None  # of `waits`: the gathering that it is part of
        self.wait_for: Any = None  # of `waits`: the gathering that it waits for
        self.is_blocking = False  # an event loop ran until it was over
        self.is_blurred = False  # what was made by others looks as if it had made it
        self.is_told = isinstance(task, ToldTask)
        self.is_joined = False
        self.is_settled = False

    @property
    def is_in_doubt(self) -> bool:
        """Whether a fork of it, or of one that it comes from, may have been made by another."""
        line: Line | None = self
        while line is not None and not line.is_blurred:
            line = line.maker
        return line is not None

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
        within, ended, _ = fork.place
        if ended == fork.base and within is fork.within and ended is not None:
            continue
        if last is None or ended is None or within is not span:
            return None
        for earlier in fork.base or ():
            last.pop(earlier, None)
        last.update(dict.fromkeys(ended))
    return None if last is None or len(last) > MOST_IDS else tuple(last)
