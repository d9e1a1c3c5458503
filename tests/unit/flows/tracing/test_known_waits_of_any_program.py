"""Random programs: what is recorded is what each piece of work waited for."""

import asyncio
from collections.abc import Coroutine
from itertools import count
from typing import Any, TypeAlias

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from reev_flow.flows.tracing.tracer import FlowTracer
from support.otel import Recorded
from support.virtual_time import run_in_virtual_time


class Step(msgspec.Struct, frozen=True):
    seconds: int
    inner: tuple["Part", ...]


class Together(msgspec.Struct, frozen=True):
    """A gather, or a task group with a body."""

    branches: tuple[tuple["Part", ...], ...]
    body: tuple["Part", ...] | None


class Task(msgspec.Struct, frozen=True):
    """Made here, and awaited after the rest or never."""

    work: tuple["Part", ...]
    is_awaited: bool


Part: TypeAlias = Step | Together | Task
Parts: TypeAlias = tuple[Part, ...]
Names: TypeAlias = frozenset[str]


def parts_of(inner: st.SearchStrategy[Parts]) -> st.SearchStrategy[Parts]:
    part = st.one_of(
        st.builds(Step, st.integers(0, 9), inner),
        st.builds(Together, st.lists(inner, max_size=3).map(tuple), st.none() | inner),
        st.builds(Task, inner, st.booleans()),
    )
    return st.lists(part, max_size=4).map(tuple)


LEAVES = st.lists(st.builds(Step, st.integers(0, 9), st.just(())), max_size=3).map(tuple)
PROGRAMS = st.recursive(LEAVES, parts_of, max_leaves=12)


class Run:
    """Runs a program and keeps account of what is waited for by handing it on by hand."""

    def __init__(self, *, is_ours: bool) -> None:
        self.recorded = Recorded()
        self.tracer = FlowTracer(provider=self.recorded.provider)
        self.is_ours = is_ours
        self.waited: dict[str, Names] = {}
        self.joined: dict[str, Names] = {}
        self.within: dict[str, str] = {}
        self._numbers = count()
        self._background: list[asyncio.Task[Names]] = []

    async def whole(self, parts: Parts) -> None:
        with self.tracer.operation("flow", "flow"):
            self.joined["flow"] = await self.all_of(parts, frozenset(), "flow")
        while running := [task for task in self._background if not task.done()]:
            await asyncio.wait(running)

    async def all_of(self, parts: Parts, before: Names, within: str) -> Names:
        tasks: list[tuple[Names, asyncio.Task[Names]]] = []
        for part in parts:
            if isinstance(part, Step):
                before = await self.step(part, before, within)
            elif isinstance(part, Together):
                before = await self.together(part, before, within)
            else:
                task = self.made(self.all_of(self.begun(part.work), before, within))
                if part.is_awaited:
                    tasks.append((before, task))
                else:
                    self._background.append(task)
        for base, task in tasks:
            before = after_all(before, [(base, await task)])
        return before

    async def step(self, step: Step, before: Names, within: str) -> Names:
        name = f"step {next(self._numbers)}"
        self.waited[name], self.within[name] = before, within
        with self.tracer.operation("step", name):
            await asyncio.sleep(step.seconds)
            self.joined[name] = await self.all_of(step.inner, frozenset(), name)
        return frozenset({name})

    async def together(self, together: Together, before: Names, within: str) -> Names:
        branches = [self.all_of(self.begun(branch), before, within) for branch in together.branches]
        if together.body is None:
            gather = self.tracer.gather if self.is_ours else asyncio.gather
            ends: list[Names] = list(await gather(*branches))
            return after_all(before, [(before, end) for end in ends])
        async with self.tracer.task_group() if self.is_ours else asyncio.TaskGroup() as group:
            tasks = [group.create_task(branch) for branch in branches]
            own = await self.all_of(together.body, before, within)
        return after_all(own, [(before, task.result()) for task in tasks])

    def begun(self, parts: Parts) -> Parts:
        """Tasks of asyncio begin with a span, as long as they make others: else nobody sees who made those."""
        return parts if self.is_ours else (Step(0, ()), *parts)

    def made(self, work: Coroutine[Any, Any, Names]) -> "asyncio.Task[Names]":
        return self.tracer.create_task(work) if self.is_ours else asyncio.create_task(work)

    @property
    def punctual(self) -> list[str]:
        """What began before the work was over that it is part of; in the background it may be late."""
        names: dict[Any, str] = {span.span_id: span.label for span in self.recorded.spans}
        return [
            span.label for span in self.recorded.spans if names.get(span.parent_id) == self.within.get(span.label, 0)
        ]

    def last_of(self, names: Names) -> Names:
        """Without those that others of them waited for."""
        earlier: set[str] = set()
        open_names = list(names)
        while open_names:
            new = self.waited[open_names.pop()] - earlier
            earlier |= new
            open_names += new
        return names - earlier

    def told(self, attribute: str) -> dict[str, Names | None]:
        spans = self.recorded.spans
        names: dict[Any, str] = {span.span_id: span.label for span in spans}
        told: dict[str, Any] = {span.label: span.attributes.get(attribute) for span in spans}
        return {name: None if ids is None else frozenset(names[one] for one in ids) for name, ids in told.items()}


def after_all(before: Names, ends: list[tuple[Names, Names]]) -> Names:
    """What is last once the others, each since its base, are waited for too."""
    moved = [(base, end) for base, end in ends if end != base]
    return frozenset(before.difference(*(base for base, _ in moved)).union(*(end for _, end in moved)))


@settings(max_examples=150, deadline=None)
@given(PROGRAMS)
def test_with_our_own_ways_of_waiting_everything_is_known(parts: Parts):
    run = Run(is_ours=True)
    run_in_virtual_time(run.whole(parts))
    told = run.told("reev.after")
    punctual = run.punctual
    assert {name: told[name] for name in punctual} == {name: run.waited[name] for name in punctual}


@settings(max_examples=150, deadline=None)
@given(PROGRAMS)
def test_with_those_of_asyncio_nothing_wrong_is_told(parts: Parts):
    run = Run(is_ours=False)
    run_in_virtual_time(run.whole(parts))
    told = {name: ids for name, ids in run.told("reev.after").items() if name in run.waited and ids is not None}
    assert {name: run.last_of(ids) for name, ids in told.items()} == {name: run.waited[name] for name in told}


@settings(max_examples=150, deadline=None)
@given(PROGRAMS)
def test_what_an_end_waited_for_is_told_rightly_or_not_at_all(parts: Parts):
    run = Run(is_ours=True)
    run_in_virtual_time(run.whole(parts))
    told = run.told("reev.joined")
    assert {name: told[name] for name in run.joined if told[name] is not None} == {
        name: joined for name, joined in run.joined.items() if told[name] is not None
    }
