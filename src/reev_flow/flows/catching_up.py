"""Branches that are ended by one that failed: when a flow is run again, they first come as far as they were."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from reev_flow.flows.passage import Passage

T = TypeVar("T")

QUIET_MOMENTS = 10  # in which no recorded step was called: the others have come as far as they do by themselves
LONG_QUIET_MOMENTS = 3 * QUIET_MOMENTS  # by then whoever is about to end others has done so

NONE: frozenset[str] = frozenset()


class CatchingUp:
    """An error that is read back is there at once, and would end the other branches of its gather or task group before they read back what
    they did until then: what they do when they are ended, such as undoing that, would not be done, or be taken for something else.
    """

    __slots__ = ("_ended", "_failed", "_passage")

    def __init__(self, passage: Passage) -> None:
        self._passage = passage
        self._failed: dict[str, asyncio.Event] = {}
        self._ended = NONE

    @property
    def is_on(self) -> bool:
        """Whether some branch has failed and its error is held back."""
        return bool(self._failed)

    async def fail_last(self, branch: str, work: Coroutine[Any, Any, T]) -> T:
        """What comes of the work of that branch. Its error comes when no more of the recorded steps of the branches beside it are called."""
        try:
            return await work
        except Exception:
            await self._wait_for_others(branch)
            raise

    async def hold_back(self, step: str) -> None:
        """What has no outcome in a branch that is about to be ended is not begun before that."""
        for group, is_over in tuple(self._failed.items()):
            if step.startswith(f"{group}:"):
                await is_over.wait()

    async def wait_quietly(self) -> None:
        """Until no more recorded steps are called by themselves. Whoever waits may be told to end meanwhile."""
        await _until_quiet(lambda: self._passage.count_left, moments=LONG_QUIET_MOMENTS)

    def end(self, branch: str) -> None:
        """The branches beside that one were told to end. What they fail with then is not held back."""
        if self._passage.has_left:
            self._ended |= {_group_of(branch)}
        is_over = self._failed.pop(_group_of(branch), None)
        if is_over is not None:
            is_over.set()

    async def _wait_for_others(self, branch: str) -> None:
        """Not when another one of them was quicker to fail. Cancelled then, the branch has failed all the same."""
        if not self._passage.count_beside(branch) or _group_of(branch) in self._ended:
            return
        is_over = self._failed.setdefault(_group_of(branch), asyncio.Event())
        try:
            await _until_quiet(lambda: self._passage.count_beside(branch), is_over.is_set)
        except asyncio.CancelledError:
            if not is_over.is_set():  # by whoever ends all of them
                self.end(branch)
                raise


async def _until_quiet(
    count: Callable[[], int], is_over: Callable[[], bool] = lambda: False, *, moments: int = QUIET_MOMENTS
) -> None:
    left, quiet = count(), 0
    while left and quiet < moments and not is_over():
        await asyncio.sleep(0)
        now_left = count()
        quiet = quiet + 1 if now_left == left else 0
        left = now_left


def _group_of(branch: str) -> str:
    return branch.rpartition(":")[0]
