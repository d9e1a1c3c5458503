"""Takes up the sessions of some flows that nobody works on, in round after round."""

import asyncio
from collections import deque
from collections.abc import Callable
from random import Random

import msgspec

from reev_flow.clock import random_bytes
from reev_flow.errors import SessionError
from reev_flow.runtime.keeper import SessionKeeper
from reev_flow.runtime.left_behind import Left
from reev_flow.runtime.look_out import LookOut
from reev_flow.runtime.repertoire import Repertoire
from reev_flow.runtime.taking_up import TakingUp
from reev_flow.runtime.worker_news import WorkerNews, harmless

NS = 1_000_000_000
CHUNKS = 4  # of as many sessions as may run at once: within so much of the queue workers go their own ways
LEAST_APART_SECONDS = 0.02


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """At most `concurrent` sessions at once; `poll_seconds` is how often a worker that has room looks for more, at least."""

    concurrent: int
    poll_seconds: float = 1.0


class Worker:
    """The one whose last change is longest ago comes first. Workers that share a store do not wait for each other: one that comes second
    goes on to the next session.
    """

    def __init__(
        self,
        keeper: SessionKeeper,
        repertoire: Repertoire,
        pace: Pace,
        tell: Callable[[WorkerNews], None],
        *,
        chance: Random | None = None,
    ) -> None:
        self._keeper = keeper
        self._pace = pace
        tell = self._tell = harmless(tell)
        self._chance = chance or Random(random_bytes(8))  # noqa: S311 - to go different ways, not to be secret
        self._look_out = LookOut(keeper, repertoire, tell)
        self._taking_up = TakingUp(keeper, repertoire, tell, self._look_out.put_off)
        self._queue: deque[Left] = deque()
        self._running: dict[asyncio.Task[bool], str] = {}
        self._has_news = asyncio.Event()
        self._next_look_ns = 0
        self._has_taken = True
        self._is_in_trouble = False

    async def work(self) -> None:
        """Until its manager is left."""
        await self._rounds(ends_when_done=False)

    async def work_off(self) -> None:
        """Until there is nothing to take up, but for what was put off."""
        await self._rounds(ends_when_done=True)

    async def _rounds(self, *, ends_when_done: bool) -> None:
        closing = asyncio.create_task(self._keeper.closing.wait())
        closing.add_done_callback(lambda _: self._has_news.set())
        try:
            while not self._keeper.closing.is_set():
                self._has_news.clear()
                if self._is_time_to_look():
                    await self._look()
                self._begin_as_many_as_may()
                if ends_when_done and self._is_done:
                    return
                await self._something_happens()
        finally:
            closing.cancel()
            if self._running:
                await asyncio.wait(set(self._running))

    @property
    def _is_done(self) -> bool:
        return not (self._queue or self._running or self._has_taken or self._look_out.is_expecting)

    def _is_time_to_look(self) -> bool:
        """When there is nothing left to begin; at once if the last look was worth it."""
        has_room = len(self._running) < self._pace.concurrent and not self._queue
        return has_room and self._keeper.clock.monotonic_ns() >= self._next_look_ns

    async def _look(self) -> None:
        self._has_taken = False
        self._next_look_ns = self._keeper.clock.monotonic_ns() + int(self._pace_seconds() * NS)
        try:
            found = await self._look_out.look()
        except SessionError as error:
            if not self._is_in_trouble:
                self._tell(WorkerNews(what="trouble", detail=str(error)))
            self._is_in_trouble = True
            return
        self._is_in_trouble = False
        worth_a_look_ns = self._look_out.worth_a_look_ns
        if worth_a_look_ns is not None:
            self._next_look_ns = min(self._next_look_ns, worth_a_look_ns)
        chunk = CHUNKS * self._pace.concurrent
        for first in range(0, len(found), chunk):
            part = found[first : first + chunk]
            self._chance.shuffle(part)
            self._queue.extend(part)

    def _pace_seconds(self) -> float:
        """Not all at the same moment."""
        return self._pace.poll_seconds * self._chance.uniform(0.75, 1)

    def _begin_as_many_as_may(self) -> None:
        while self._queue and len(self._running) < self._pace.concurrent:
            left = self._queue.popleft()
            session_id = left.session.session_id
            if session_id in self._keeper.held or self._keeper.closing.is_set():
                continue
            task = asyncio.create_task(self._taking_up.take_up(left))
            self._running[task] = session_id
            self._look_out.in_hand.add(session_id)
            task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[bool]") -> None:
        self._look_out.in_hand.discard(self._running.pop(task))
        if not task.cancelled() and task.exception() is None and task.result():
            self._has_taken = True
            soon_ns = self._keeper.clock.monotonic_ns() + int(LEAST_APART_SECONDS * NS)
            self._next_look_ns = min(self._next_look_ns, soon_ns)
        self._has_news.set()

    async def _something_happens(self) -> None:
        """A session ends, the manager is left, or it is time to look."""
        left_ns = self._next_look_ns - self._keeper.clock.monotonic_ns()
        is_full = len(self._running) >= self._pace.concurrent or bool(self._queue)
        seconds = self._pace.poll_seconds if is_full else max(0, left_ns) / NS
        waiting = asyncio.create_task(self._has_news.wait())
        await asyncio.wait([waiting], timeout=seconds)
        waiting.cancel()
