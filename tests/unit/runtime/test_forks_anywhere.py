"""Forked before any of its steps, a session has the results of those that had ended, and does the rest once with keys of its own."""

import asyncio
from collections.abc import Iterable
from typing import Any, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from reev_flow.errors import StepFailed
from reev_flow.flows.code import Flow, flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.plans.plan import DynamicFlowPlan, DynamicStep
from reev_flow.flows.work import running_step
from reev_flow.sessions.identity import idempotency_key
from reev_flow.sessions.journal import EntryKind, JournalEntry
from support.crashes import World
from support.event_loops import run_alone
from support.workers import journal, worker

Part: TypeAlias = tuple[str, Any]

NAMES = st.sampled_from(["search", "hold", "pay"])
MOMENTS = st.integers(0, 3)
STEP = st.tuples(st.sampled_from(["step", "keyed", "failing"]), st.tuples(NAMES, MOMENTS))
PARTS: st.SearchStrategy[list[Part]] = st.recursive(
    st.lists(STEP, min_size=1, max_size=3),
    lambda inner: st.lists(
        STEP
        | st.tuples(st.just("gather"), st.lists(inner, min_size=1, max_size=3))
        | st.tuples(st.just("branch"), inner),
        min_size=1,
        max_size=3,
    ),
    max_leaves=6,
)

ENDS = {EntryKind.FINISHED, EntryKind.FAILED}


class Town:
    """Every time that something is done here it is another time."""

    def __init__(self) -> None:
        self.world = World()
        self.done: list[tuple[str, str]] = []

    async def do(self, moments: int) -> str:
        step = running_step.get()
        assert step is not None
        self.done.append((step.identity, step.idempotency_key))
        number = len(self.done)
        for _ in range(moments):
            await asyncio.sleep(0)
        return f"{step.identity} {number}"

    async def fail(self, moments: int) -> None:
        raise OSError(await self.do(moments))

    def visit(self, parts: list[Part]) -> Flow[Any, Any]:
        @flow(name="visit")
        async def visit(session: SessionHandle) -> list[str]:
            return await self._carry(session, parts)

        return visit

    async def _carry(self, session: SessionHandle, parts: list[Part]) -> list[str]:
        seen: list[str] = []
        for number, (kind, of) in enumerate(parts):
            if kind == "gather":
                branches = await session.gather(*(self._carry(session, part) for part in of))
                seen += [each for branch in branches for each in branch]
            elif kind == "branch":
                with session.branch("inner"):
                    seen += await self._carry(session, of)
            else:
                seen.append(await self._step(session, kind, *of, key=f"{number}"))
        return seen

    async def _step(self, session: SessionHandle, kind: str, name: str, moments: int, *, key: str) -> str:
        if kind != "failing":
            return str(await session.step(self.do, moments, name=name, key=key if kind == "keyed" else None))
        try:
            await session.step(self.fail, moments, name=name)
        except (OSError, StepFailed) as error:
            return str(error)
        raise AssertionError("it failed")


def ended_before(entries: Iterable[JournalEntry], step: str) -> set[str]:
    """Read off the journal, entry by entry."""
    ended: set[str] = set()
    for entry in entries:
        if entry.step == step:
            return ended
        if entry.kind in ENDS:
            ended.add(entry.step)
    raise AssertionError(f"{step} is not there")


def by_step(seen: Iterable[str]) -> dict[str, str]:
    return {each.rpartition(" ")[0].split(": ")[-1]: each for each in seen}


async def forked_anywhere(parts: list[Part], place: int) -> None:
    town = Town()
    async with worker(town.world.store, clock=town.world.clock) as manager:
        first = by_step(await manager.run(town.visit(parts), session_id="s-1"))
        entries = journal(town.world.store)
        steps = list(dict.fromkeys(entry.step for entry in entries if entry.step))
        step = steps[place % len(steps)]
        before = dict(town.done)
        town.done.clear()
        town.done += [("", "")] * len(before)  # so that the numbers go on
        await manager.fork("s-1", step, new_id="s-2")
        then = by_step(await manager.resume("s-2", town.visit(parts)))
    kept, done = ended_before(entries, step), town.done[len(before) :]
    assert then.keys() == first.keys() == before.keys()
    assert {name for name in then if then[name] == first[name]} == kept
    assert sorted(name for name, _ in done) == sorted(first.keys() - kept)
    assert all(key == idempotency_key("s-2", name) != before[name] for name, key in done)


@settings(max_examples=80, deadline=None)
@given(PARTS, st.integers(0, 100))
def test_a_flow_forked_before_any_step_keeps_what_had_ended_and_does_the_rest_once(parts, place):
    run_alone(forked_anywhere(parts, place))


@st.composite
def plans(draw: st.DrawFn) -> DynamicFlowPlan:
    names = [f"step-{number}" for number in range(draw(st.integers(1, 6)))]
    return DynamicFlowPlan(
        flow_id="errands",
        steps=tuple(
            DynamicStep(
                step_id=name,
                prompt_template=name,
                depends_on=tuple(draw(st.sets(st.sampled_from(names[:number])))) if number else (),
            )
            for number, name in enumerate(names)
        ),
    )


async def plan_forked_anywhere(plan: DynamicFlowPlan, moments: list[int], place: int) -> None:
    town = Town()

    async def run_step(step: DynamicStep, _: object) -> str:
        return await town.do(moments[int(step.step_id.rpartition("-")[2])])

    async with worker(town.world.store, clock=town.world.clock) as manager:
        whole = await manager.run(plan, run_step=run_step, session_id="s-1")
        first = {step.step_id: step.value for step in whole.steps}
        entries, count = journal(town.world.store), len(town.done)
        steps = list(dict.fromkeys(entry.step for entry in entries if entry.step))
        step = steps[place % len(steps)]
        await manager.fork("s-1", step, new_id="s-2")
        again = await manager.resume("s-2", run_step)
    then = {step.step_id: step.value for step in again.steps}
    kept = {name.partition("[")[0] for name in ended_before(entries, step)}
    assert {name for name in then if then[name] == first[name]} == kept
    assert sorted(name.partition("[")[0] for name, _ in town.done[count:]) == sorted(first.keys() - kept)


@settings(max_examples=50, deadline=None)
@given(plans(), st.lists(MOMENTS, min_size=6, max_size=6), st.integers(0, 100))
def test_a_plan_forked_before_any_step_keeps_what_had_ended_and_does_the_rest_once(plan, moments, place):
    run_alone(plan_forked_anywhere(plan, moments, place))
