"""Whether a line of work waited for a task that it made: only where that is certain, by what asyncio itself knows.

A task says which future it waits for, a gathering says what it gathers and a task group which tasks it still has. Who awaits a task that
is over waits for nothing and leaves no trace, so that what follows is not known as long as somebody still holds such a task.

All that asyncio keeps for itself is asked for when it is needed. Where it is not there, in a version to come or in a task of somebody else,
an `AttributeError` says so, and the line is lost: nothing more is told of what it waits for.
"""

import asyncio
from asyncio import Future, Task, TaskGroup
from operator import attrgetter
from typing import Any
from weakref import ReferenceType, ref

from reev_flow.flows.tracing.lines import MOST_IDS, Line, merged

MOST_UNSURE = 64  # forks that somebody may have waited for, and who still could; older ones are forgotten
DEEPEST = 100

_children = attrgetter("_children")  # what asyncio keeps for itself, the same in its versions from 3.11 to 3.14
_failure = attrgetter("_exception")
_owner = attrgetter("_parent_task")
_is_left = attrgetter("_exiting")
_running = attrgetter("_tasks")
_waited_for = attrgetter("_fut_waiter")
_callbacks = attrgetter("_callbacks")
_gathering = attrgetter("tasks._GatheringFuture")
_ran_until_complete = attrgetter("base_events._run_until_complete_cb")


class Wait:
    """A gathering that a line of work waits for: how it came out is known once one of its children completes it."""

    __slots__ = ("children", "completed_by", "future", "is_whole")

    def __init__(self, future: Any) -> None:
        self.future = ref(future)
        self.children = frozenset(id(child) for child in _children(future))
        self.is_whole: bool | None = None
        self.completed_by: int | None = None
        for child in _children(future):
            child.add_done_callback(self.moved)

    def moved(self, child: "Future[Any]") -> None:
        future = self.future()
        if self.is_whole is None and future is not None and future.done():
            self.is_whole = not future.cancelled() and _failure(future) is None
            self.completed_by = id(child)

    def is_joined(self, task: "Task[Any] | None") -> bool:
        """All of them, unless it failed: then only the one that made it fail."""
        return bool(self.is_whole) or (task is not None and self.completed_by == id(task))


class Ended:
    """Called when the task of a fork is over."""

    __slots__ = ("_fork", "_origin")

    def __init__(self, fork: Line, origin: Line) -> None:
        self._fork = fork
        self._origin = origin

    def __call__(self, task: "Task[Any]") -> None:
        try:
            finish(self._fork)
            if not task.cancelled() and not self._fork.is_settled:
                self._origin.ended.append(self._fork)
                self._look(task)
                _forget_some(self._origin)
                if not (self._fork.is_joined or self._fork.is_told or self._fork.wait or self._fork.group):
                    self._origin.loose_ends.add(self._fork)
        except Exception:  # noqa: BLE001 - what is not known must not be told
            self._origin.is_lost = True

    def _look(self, task: "Task[Any]") -> None:
        future = waited_for(self._origin)
        if future is None:
            return
        if future is task:
            self._fork.is_joined = True
        elif isinstance(future, _gathering(asyncio)):
            self._gathered(future, task)
        elif not self._fork.is_told and not _is_asleep(self._origin):
            self._fork.is_joined = future.done()
            if not future.done():  # what completes it may be called after this
                task.get_loop().call_soon(self._look_again, ref(future))

    def _look_again(self, earlier: "ReferenceType[Future[Any]]") -> None:
        future = earlier()
        if future is not None and future is waited_for(self._origin) and future.done():
            self._fork.is_joined = True

    def _gathered(self, future: Any, task: "Task[Any]") -> None:
        wait = wait_for_gathering(self._origin, future)
        if id(task) in wait.children:
            self._fork.wait = wait
            wait.moved(task)


def follow(fork: Line, task: "Task[Any]", origin: Line) -> None:
    """From its first span on."""
    if _is_within(origin):
        origin.ended.append(fork)  # it may be over before anybody is told
    for callback, _ in _callbacks(task) or ():
        owner = getattr(callback, "__self__", None)
        if isinstance(owner, TaskGroup):
            fork.group, fork.owner = ref(owner), ref(_owner(owner))
            origin.is_blurred = origin.is_blurred or not (fork.is_told or _is_owner(origin, fork))
        elif callback is _ran_until_complete(asyncio):
            fork.is_blocking = True
        elif not fork.is_told and isinstance(owner, Task) and (origin.task is None or owner is not origin.task()):
            origin.is_blurred = True
            origin.loose_ends.add(fork)  # that one goes on before anybody is told
    future = waited_for(origin)
    if future is task:
        origin.awaiting = fork
    elif isinstance(future, _gathering(asyncio)):
        is_part = id(task) in wait_for_gathering(origin, future).children
        origin.is_blurred = origin.is_blurred or not (is_part or fork.is_told or fork.group is not None)
    task.add_done_callback(Ended(fork, origin))


def _is_within(origin: Line) -> bool:
    """Whether the origin runs at this moment: a task that is eager runs within the call that makes it."""
    task = None if origin.task is None else origin.task()
    work: Any = None if task is None else task.get_coro()
    return bool(getattr(work, "cr_running", False))


def may_know_others(origin: Line) -> bool:
    """A task in which no span began yet may have made others and waited for them; they look as if the line had made them."""
    return (
        origin.is_in_doubt
        or origin.has_forgotten
        or any(not fork.is_told and not fork.is_settled for fork in origin.ended)
    )


def waited_for(line: Line) -> Any:
    task = None if line.task is None else line.task()
    return None if task is None else _waited_for(task)


def wait_for_gathering(line: Line, future: Any) -> Wait:
    wait: Wait | None = line.wait_for
    if wait is None or wait.future() is not future:
        wait = line.wait_for = Wait(future)
    return wait


def finish(fork: Line) -> None:
    """The last that it waited for may be a fork, with no span after it."""
    if fork.place is not None and (fork.ended or fork.awaiting is not None):
        span, ids, _, seen = fork.place
        joined, is_unsure = settle(fork)
        fork.place = (span, None if is_unsure else merged(span, ids, joined), fork, seen)


def settle(line: Line) -> tuple[list[Line], bool]:
    """The forks that it has waited for by now, and whether it may have waited for others."""
    joined = _awaited(line)
    queue, line.ended = line.ended, []
    is_unsure, line.has_forgotten = line.is_lost or line.has_forgotten, False
    for fork in joined:
        queue.extend(_of_groups(fork))
    for fork in queue:  # it grows
        if fork.is_settled:
            continue
        if _is_under_way(fork):
            line.ended.append(fork)
        elif _is_joined(line, fork):
            fork.is_settled = True
            finish(fork)
            joined.append(fork)
            queue.extend(_of_groups(fork))
        elif not fork.is_told and fork.wait is None:
            is_held = fork.is_held
            is_own = fork.group is not None and _is_owner(line, fork)
            is_unsure = is_unsure or is_held or not is_own
            if is_held or is_own or _is_further_out(line, fork):
                line.ended.append(fork)
    del line.ended[:-MOST_UNSURE]
    return joined, is_unsure


def _forget_some(line: Line) -> None:
    """A line that makes tasks for ever may never look. When it does, so many could not be told anyway."""
    if len(line.ended) <= MOST_IDS:
        return
    older, line.ended = line.ended[:-MOST_UNSURE], line.ended[-MOST_UNSURE:]
    line.has_forgotten = True
    line.is_lost = line.is_lost or any(_may_be_waited_for_later(fork) for fork in older)


def _may_be_waited_for_later(fork: Line) -> bool:
    """Of one that is told, whoever waits for it tells; who gathers it waits by now."""
    return fork.is_held and not (fork.is_settled or fork.is_told or fork.wait is not None)


def _is_under_way(fork: Line) -> bool:
    task = None if fork.task is None else fork.task()
    return task is not None and not task.done()


def _is_further_out(line: Line, fork: Line) -> bool:
    """What is not known there is told once the line is back."""
    return (
        line.place is not None
        and fork.within is not None
        and fork.within is not line.place[0]
        and fork.within.is_recording()
    )


def _awaited(line: Line) -> list[Line]:
    fork = line.awaiting
    task = None if fork is None or fork.task is None else fork.task()
    if fork is None or not (task is None or task.done()):
        return []
    line.awaiting, fork.is_settled = None, True
    finish(fork)
    return [] if task is not None and task.cancelled() else [fork]


def _of_groups(fork: Line) -> list[Line]:
    """What a fork made for a group may be waited for by the one whose group it is."""
    return [inner for inner in fork.ended if inner.group is not None]


def _is_joined(line: Line, fork: Line) -> bool:
    if fork.is_joined or fork.is_blocking:
        return True
    task = None if fork.task is None else fork.task()
    if fork.wait is not None:
        return bool(fork.wait.is_joined(task))
    return _is_owner(line, fork) and _is_over(fork)


def _is_owner(line: Line, fork: Line) -> bool:
    owner = None if fork.owner is None else fork.owner()
    return owner is not None and line.task is not None and owner is line.task()


def _is_over(fork: Line) -> bool:
    """A group that nobody holds was left before."""
    group: Any = None if fork.group is None else fork.group()
    return group is None or (_is_left(group) and not _running(group))


def _is_asleep(line: Line) -> bool:
    """A time that is over at the same moment has nothing to do with a task that is."""
    task = None if line.task is None else line.task()
    work: Any = None if task is None else task.get_coro()
    for _ in range(DEEPEST):
        inner = getattr(work, "cr_await", None)
        if not hasattr(inner, "cr_code"):
            break
        work = inner
    return getattr(work, "cr_code", None) is asyncio.sleep.__code__
