"""Flows of random shapes, put together of what Python offers for doing things beside each other and for giving them up."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from contextvars import ContextVar
from random import Random
from typing import Any, TypeAlias

from hypothesis import strategies as st

from reev_flow.flows.code import Flow, flow
from reev_flow.flows.effects import Happened, NotHappened
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.retry import Retry

Part: TypeAlias = tuple[str, Any]
Program: TypeAlias = list[Part]

SHORT_SECONDS = 0.005
LONG_SECONDS = 15
LAST_TRY = 2
MOST_MOMENTS = 4
CUT_SHORT = "?"  # in the place of what may be cancelled at any moment
UNDONE = "undo "
WEATHER: ContextVar[str] = ContextVar("weather", default="unknown")

STEPS = st.sampled_from(["step", "keyed", "in_a_thread", "failing", "by_hand", "retried", "too_long", "given_up"])
SEVERAL_STEPS = st.sampled_from(["at_once", "as_tasks", "as_completed", "generated", "half_generated", "aside"])
ALONE: st.SearchStrategy[Part] = st.tuples(STEPS | SEVERAL_STEPS | st.just("version"), st.none())


def _holding(inner: st.SearchStrategy[Program]) -> st.SearchStrategy[Program]:
    several = st.tuples(
        st.sampled_from(["gather", "task_group", "own_tasks", "failing_gather", "failing_group"]),
        st.lists(inner, min_size=1, max_size=3),
    )
    one = st.tuples(st.sampled_from(["branch", "called_flow", "in_time"]), inner)
    return st.lists(ALONE | several | one, min_size=1, max_size=3)


PROGRAMS = st.recursive(st.lists(ALONE, min_size=1, max_size=3), _holding, max_leaves=6)


class Street:
    """Where effects are seen, by the place in the program that had them. How long anything takes differs from one worker to the next."""

    def __init__(self, seed: int) -> None:
        self.effects: list[str] = []
        self.random = Random(seed)

    async def dawdle(self) -> None:
        for _ in range(self.random.randrange(MOST_MOMENTS)):
            await asyncio.sleep(0)

    async def do(self, what: str) -> str:
        WEATHER.set("foul")
        await self.dawdle()
        self.effects.append(what)
        await self.dawdle()
        return what

    def do_at_once(self, what: str) -> str:
        self.effects.append(what)
        return what

    async def fail(self, what: str) -> None:
        await self.dawdle()
        raise OSError(what)

    async def never(self, _: str) -> None:
        await asyncio.Event().wait()

    async def look(self, what: str) -> Happened | NotHappened:
        """What a probe finds out."""
        return Happened(what) if what in self.effects else NotHappened()


def odd_flow(street: Street, program: Program, *, asks: bool) -> Flow[Any, Any]:
    """`asks` for a probe that is asked about interrupted steps; else they run again."""

    async def odd(session: SessionHandle) -> list[Any]:
        WEATHER.set("fair")
        return [await Walk(street, session).carry(program, "p"), WEATHER.get()]

    return flow(name="odd", on_interrupt=street.look if asks else "rerun")(odd)


class Walk:
    """One run of a program. No two steps have the same effect or result."""

    def __init__(self, street: Street, session: SessionHandle) -> None:
        self.street = street
        self.session = session

    async def carry(self, program: Program, place: str) -> list[Any]:
        seen: list[Any] = []
        for number, (kind, of) in enumerate(program):
            here = f"{place}.{number}"
            seen.append(await (getattr(self, kind)(here) if of is None else getattr(self, kind)(here, of)))
        return seen

    async def slowly(self, program: Program, place: str) -> list[Any]:
        await self.street.dawdle()
        return await self.carry(program, place)

    async def step(self, here: str) -> Any:
        return await self.session.step(self.street.do, here)

    async def keyed(self, here: str) -> Any:
        return await self.session.step(self.street.do, here, key=here)

    async def in_a_thread(self, here: str) -> Any:
        return await self.session.step(self.street.do_at_once, here)

    async def failing(self, here: str) -> Any:
        try:
            await self.session.step(self.street.fail, here)
        except OSError as error:
            return str(error)

    async def by_hand(self, here: str) -> Any:
        """Tried again until it works."""
        for attempt in range(LAST_TRY + 1):
            try:
                function = self.street.fail if attempt < LAST_TRY else self.street.do
                return await self.session.step(function, f"{here}.{attempt}", name="by hand")
            except OSError:
                continue
        raise AssertionError("the last one works")

    async def retried(self, here: str) -> Any:
        try:
            await self.session.step(self.street.fail, here, retry=Retry(attempts=2, wait_seconds=0.001))
        except OSError as error:
            return str(error)

    async def too_long(self, here: str) -> Any:
        try:
            await self.session.step(self.street.never, f"{here} never", timeout=SHORT_SECONDS)
        except TimeoutError:
            return await self.step(here)

    async def given_up(self, here: str) -> Any:
        try:
            async with asyncio.timeout(SHORT_SECONDS):
                await self.session.step(self.street.never, f"{here} never")
        except TimeoutError:
            return await self.step(here)

    async def version(self, here: str) -> Any:
        return await self.session.version(here) > 0

    def two(self, here: str) -> list[Coroutine[Any, Any, Any]]:
        return [self.session.step(self.street.do, f"{here}.{number}") for number in range(2)]

    async def at_once(self, here: str) -> Any:
        return await asyncio.gather(*self.two(here))

    async def as_tasks(self, here: str) -> Any:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(step) for step in self.two(here)]
        return [task.result() for task in tasks]

    async def as_completed(self, here: str) -> Any:
        tasks = [asyncio.create_task(step) for step in self.two(here)]
        try:
            return sorted([await task for task in asyncio.as_completed(tasks)])
        finally:
            await asyncio.gather(*tasks, return_exceptions=True)

    async def aside(self, here: str) -> Any:
        aside = asyncio.create_task(self.session.step(self.street.do, f"{here}.aside"))
        try:
            return [await self.step(here), await aside]
        finally:
            aside.cancel()

    async def _each(self, here: str) -> AsyncGenerator[Any, None]:
        for number in range(3):
            yield await self.step(f"{here}.{number}")

    async def generated(self, here: str) -> Any:
        return [one async for one in self._each(here)]

    async def half_generated(self, here: str) -> Any:
        async with aclosing(self._each(here)) as each:
            async for one in each:
                if one.endswith("1"):
                    break
        return one

    async def gather(self, here: str, of: list[Program]) -> Any:
        return await self.session.gather(*(self.slowly(one, f"{here}.{number}") for number, one in enumerate(of)))

    async def task_group(self, here: str, of: list[Program]) -> Any:
        async with self.session.task_group() as group:
            tasks = [group.create_task(self.slowly(one, f"{here}.{number}")) for number, one in enumerate(of)]
        return [task.result() for task in tasks]

    async def own_tasks(self, here: str, of: list[Program]) -> Any:
        async def own(number: int, one: Program) -> Any:
            with self.session.branch(f"own {number}"):
                return await self.slowly(one, f"{here}.{number}")

        with self.session.branch("all"):
            return await asyncio.gather(*(own(number, one) for number, one in enumerate(of)))

    async def branch(self, here: str, of: Program) -> Any:
        with self.session.branch("inner"):
            return await self.carry(of, here)

    async def called_flow(self, here: str, of: Program) -> Any:
        async def called(session: SessionHandle) -> Any:
            return await Walk(self.street, session).carry(of, here)

        return await flow(name="called")(called)(self.session)

    async def in_time(self, here: str, of: Program) -> Any:
        async with asyncio.timeout(LONG_SECONDS):
            return await self.carry(of, here)

    async def failing_gather(self, here: str, of: list[Program]) -> Any:
        try:
            await self.session.gather(self._fails(here), *self._undoing(here, of))
        except OSError as error:
            return str(error)

    async def failing_group(self, here: str, of: list[Program]) -> Any:
        """A task group that fails just when its task is cancelled keeps the cancellation to itself, in some versions of Python."""
        if CUT_SHORT in here:
            return await self.failing_gather(here, of)
        try:
            async with self.session.task_group() as group:
                for work in (*self._undoing(here, of), self._fails(here)):
                    group.create_task(work)
        except* OSError:
            pass
        return "failed"

    async def _fails(self, here: str) -> None:
        await self.street.dawdle()
        await self.session.step(self.street.fail, here)

    def _undoing(self, here: str, of: list[Program]) -> list[Coroutine[Any, Any, None]]:
        return [self._undone(one, f"{here}{CUT_SHORT}{number}") for number, one in enumerate(of)]

    async def _undone(self, program: Program, place: str) -> None:
        """Goes on until it is cancelled, and undoes then what it did. That has a name of its own: how many steps came before may differ."""
        await self.street.dawdle()
        try:
            await self.carry(program, place)
            await asyncio.Event().wait()
        finally:
            await self.session.step(self.street.do, f"{UNDONE}{place}", name="undo")
