"""What each piece of work waited for, as known by the order of the program and by what was waited for, and not by times.

Whoever is asked where a line of work stands settles first which of its forks were waited for meanwhile.
"""

import asyncio
from asyncio import current_task
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any

from opentelemetry.trace import INVALID_SPAN, Span

from reev_flow.flows.tracing.lines import Ids, Line, LooseEnds, Place, ToldTask, merged
from reev_flow.flows.tracing.waits import finish, follow, may_know_others, settle

DEEPEST = 100  # tasks that each made the next; no more are kept, and the next one begins anew without knowing anything

_PLACE: "ContextVar[Place | None]" = ContextVar("reev_flow_place", default=None)


def last_ended(parent: Span) -> Ids:
    """The spans below that one whose end was waited for until now; None if that is not known."""
    place = _PLACE.get()
    if place is None:
        return None
    span, ids, _, _ = _here(place)
    return ids if span is parent else None


def enter(span: Span) -> None:
    """Nothing has ended within it. Comes after `last_ended`, so that the line is that of the one who calls."""
    place = _PLACE.get()
    line = Line(_task(), LooseEnds()) if place is None else place[2]
    line.place = place = (span, (), line, line.loose_ends.count)
    _PLACE.set(place)


def leave(span: Span, parent: Span) -> Ids:
    """What ended last within it; None if that is not known, or nothing of ours began there at all.

    Where it is not the innermost one, nothing is known and nothing happens.
    """
    place = _PLACE.get()
    if place is None or place[0] is not span:
        return None
    _, ids, line, _ = _here(place)
    if parent is INVALID_SPAN:
        after = None
    else:
        span_id = span.get_span_context().span_id.to_bytes(8, "big").hex()
        after = (parent, (span_id,), line, line.loose_ends.count)
    line.place = after
    _PLACE.set(after)
    if line.origin is not None and parent is line.within:
        line.origin.place = None
    return ids or (ids if line.forked_in is span else None)


def join(lines: Iterable[Line]) -> None:
    """Whoever calls has waited for them."""
    place = _PLACE.get()
    if place is not None:
        span, ids, line, _ = _here(place)
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
        place = _settled(place, line)
    if line.is_lost or (line.loose_ends.count and line.loose_ends.concern(place)):
        place = _stand(place[0], None, line)
    return place


def _settled(place: Place, line: Line) -> Place:
    try:
        joined, is_unsure = settle(line)
    except Exception:  # noqa: BLE001 - what is not known must not be told
        line.is_lost = True
        return place
    if joined or is_unsure:
        if is_unsure or not all(fork.is_told for fork in joined):
            line.settled = place
        ids = merged(place[0], place[1], joined)
        place = _stand(place[0], None if is_unsure else ids, line)
    return place


def _stand(span: Span, ids: Ids, line: Line) -> Place:
    line.place = place = (span, ids, line, line.loose_ends.count)
    _PLACE.set(place)
    return place


def _fork(place: Place, task: "asyncio.Task[Any] | None") -> Place:
    span, ids, origin, seen = place
    line = Line(task, origin.loose_ends)
    line.within, line.base = span, ids
    if task is None:
        line.origin = origin
        origin.place = None
    else:
        origin.forked_in = span
        if (
            origin.is_lost or may_know_others(origin) or origin.settled is place
        ):  # made before or after what was settled there
            ids = None
        if isinstance(task, ToldTask):
            task.line = line
        if not _is_followed(line, task, origin):
            line.is_lost = origin.is_lost = True
    if line.is_lost or (origin.loose_ends.count and origin.loose_ends.concern((span, ids, line, seen))):
        ids = None
    return _stand(span, ids, line)


def _is_followed(line: Line, task: "asyncio.Task[Any]", origin: Line) -> bool:
    if origin.depth == DEEPEST:
        return False
    line.maker, line.depth = origin, origin.depth + 1
    try:
        follow(line, task, origin)
    except Exception:  # noqa: BLE001 - what is not known must not be told
        return False
    return True


def _loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


_running_loop: Callable[[], asyncio.AbstractEventLoop | None] = getattr(
    asyncio, "_get_running_loop", _loop
)  # to raise is slow


def _task() -> "asyncio.Task[Any] | None":
    loop = _running_loop()
    return None if loop is None else current_task(loop)
