"""What each piece of work waited for, as known by the order of the program and by what was waited for, and not by times.

Whoever is asked where a line of work stands settles first which of its forks were waited for meanwhile.
"""

import asyncio
from asyncio import (
    _get_running_loop,  # without a loop, current_task raises, which is slow
    current_task,
)
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any

from opentelemetry.trace import INVALID_SPAN, Span

from reev_flow.flows.tracing.lines import Ids, Line, Place, ToldTask, merged
from reev_flow.flows.tracing.waits import finish, follow, may_know_others, settle

_PLACE: "ContextVar[Place | None]" = ContextVar("reev_flow_place", default=None)


def last_ended(parent: Span) -> Ids:
    """The spans below that one whose end was waited for until now; None if that is not known."""
    place = _PLACE.get()
    if place is None:
        return None
    span, ids, _ = _here(place)
    return ids if span is parent else None


def enter(span: Span) -> None:
    """Nothing has ended within it. Comes after `last_ended`, so that the line is that of the one who calls."""
    place = _PLACE.get()
    line = Line(_task()) if place is None else place[2]
    line.place = place = (span, (), line)
    _PLACE.set(place)


def leave(span: Span, parent: Span, span_id: str) -> Ids:
    """What ended last within it; None if that is not known, or nothing of ours began there at all.

    Where it is not the innermost one, nothing is known and nothing happens.
    """
    place = _PLACE.get()
    if place is None or place[0] is not span:
        return None
    _, ids, line = _here(place)
    line.place = after = None if parent is INVALID_SPAN else (parent, (span_id,), line)
    _PLACE.set(after)
    if line.origin is not None and parent is line.within:
        line.origin.place = None
    return ids or (ids if line.forked_in is span else None)


def join(lines: Iterable[Line]) -> None:
    """Whoever calls has waited for them."""
    place = _PLACE.get()
    if place is not None:
        span, ids, line = _here(place)
        forks = list(lines)
        for fork in forks:
            finish(fork)
        _stand(span, merged(span, ids, forks), line)


def _here(place: Place) -> Place:
    line = place[2]
    task = _task()
    if not line.is_here(task):
        place = _fork(place, task)
        line = place[2]
    elif line.place is not place:  # somebody works in this line whom nobody sees: a thread, say, or a callback
        place = _stand(place[0], None, line)
    if line.maker is not None and line.maker.is_in_doubt and place[0] is line.within and place[1] is not None:
        place = _stand(place[0], None, line)
    if line.ended or line.awaiting is not None:
        joined, is_unsure = settle(line)
        if joined or is_unsure:
            if is_unsure or not all(fork.is_told for fork in joined):
                line.settled = place
            ids = merged(place[0], place[1], joined)
            place = _stand(place[0], None if is_unsure else ids, line)
    return place


def _stand(span: Span, ids: Ids, line: Line) -> Place:
    line.place = place = (span, ids, line)
    _PLACE.set(place)
    return place


def _fork(place: Place, task: "asyncio.Task[Any] | None") -> Place:
    span, ids, origin = place
    line = Line(task)
    line.within, line.base = span, ids
    if task is None:
        line.origin = origin
        origin.place = None
    else:
        origin.forked_in, line.maker = span, origin
        if may_know_others(origin) or origin.settled is place:  # made before or after what was settled there
            ids = None
        follow(line, task, origin)
        if isinstance(task, ToldTask):
            task.line = line
    return _stand(span, ids, line)


def _task() -> "asyncio.Task[Any] | None":
    loop = _get_running_loop()
    return None if loop is None else current_task(loop)
