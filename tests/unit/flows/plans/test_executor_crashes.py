"""Plans cut off anywhere and any number of times come to what they come to when nothing goes wrong, and finish no step twice."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reev_flow.clock import SystemClock
from reev_flow.errors import AlreadyAnswered, NoSuchQuestion, SessionError
from reev_flow.flows.plans.context import StepContext
from reev_flow.flows.plans.plan import AtomicMode, DynamicFlowPlan, DynamicStep, RecoveryStrategy
from reev_flow.flows.plans.results import FlowResult, StepStatus
from reev_flow.flows.plans.run import ends_flow
from reev_flow.flows.work import running_step
from reev_flow.runtime.inbox import open_questions, send_answer
from reev_flow.sessions.identity import parse_identity
from reev_flow.sessions.journal import EntryKind
from support.crashes import LONGER_THAN_A_LEASE, NEVER, World
from support.event_loops import run_alone
from support.failing_stores import FillingStore
from support.plans import plan, step
from support.workers import journal, worker

NAMES = "abcd"
retry, ask, instead = RecoveryStrategy.retry, RecoveryStrategy.ask, RecoveryStrategy.alternative_flow


class Behaviour(msgspec.Struct, frozen=True):
    """What a step does on its first run, and the answers about it; it succeeds when a person has it run again."""

    fails: bool = False
    alternative: str = ""
    answer: str = ""
    critical: bool = True
    dawdles: int = 0


class OutsideWorld:
    """What the steps of a plan do, and how often they were begun and done. Nothing of it is lost when a worker is."""

    def __init__(self, behaviours: Mapping[str, Behaviour]) -> None:
        self._behaviours = behaviours
        self.done: Counter[str] = Counter()

    async def run_step(self, step: DynamicStep, context: StepContext) -> str:
        behaviour = self._behaviours.get(step.step_id[0], Behaviour())
        for _ in range(behaviour.dawdles):
            await asyncio.sleep(0)
        running = running_step.get()
        assert running is not None
        is_first_run = parse_identity(running.identity).key == step.step_id
        if step.step_id in self._behaviours and behaviour.fails and is_first_run:
            raise ValueError(f"{step.step_id} fails")
        if step.step_id.endswith("2") and behaviour.alternative == "fails":
            raise ValueError(f"{step.step_id} fails")
        self.done[running.identity] += 1
        return f"result of {step.step_id}"

    def answer_to(self, step: str) -> str:
        return self._behaviours[parse_identity(step).name.removeprefix("ask-")].answer


def planned(mode: AtomicMode, shape: Sequence[Sequence[str]], behaviours: Sequence[Behaviour]) -> DynamicFlowPlan:
    steps = [
        step(name, *before, critical=behaviour.critical, recovery_strategies=strategies(name, behaviour))
        for name, before, behaviour in zip(NAMES, shape, behaviours, strict=False)
    ]
    return plan(*steps, atomic_mode=mode, on_interrupt="rerun")


def strategies(name: str, behaviour: Behaviour) -> tuple[Any, ...]:
    other = instead(step(f"{name}1"), step(f"{name}2", f"{name}1"))
    return (*((other,) if behaviour.alternative else ()), *((ask(),) if behaviour.answer else ()))


async def one_worker(
    world: World, work: DynamicFlowPlan, outside: OutsideWorld, after_writes: int
) -> FlowResult | None:
    """What one worker gets to; None when it is cut off."""
    filling = FillingStore(world.store, room_for=after_writes)
    world.clock.seconds += LONGER_THAN_A_LEASE
    result: FlowResult | None = None
    try:
        async with worker(filling, clock=world.clock, poll_seconds=0.001) as manager:
            running = asyncio.ensure_future(manager.run(work, run_step=outside.run_step, session_id="s-1"))
            while not running.done():
                await asyncio.wait([running], timeout=0.002)
                if not running.done():
                    await answer_questions(world, outside)
            result = await running
    except* SessionError:
        if not filling.is_full:
            raise
    return result


async def answer_questions(world: World, outside: OutsideWorld) -> None:
    for question in await open_questions(world.store, "s-1"):
        try:
            await send_answer(
                world.store, SystemClock(), "s-1", outside.answer_to(question), step=question, sender="ann"
            )
        except (AlreadyAnswered, NoSuchQuestion):
            return


async def carried_out(work: DynamicFlowPlan, outside: OutsideWorld, cuts: Sequence[int]) -> tuple[FlowResult, World]:
    """Every finished step is checked to be finished once, and not to have been done again after that."""
    world = World()
    finished: dict[str, int] = {}
    for writes in [*cuts, NEVER]:
        result = await one_worker(world, work, outside, writes)
        finished |= {name: outside.done[name] for name in finished_in(world) if name not in finished}
        if result is not None:
            assert {name: outside.done[name] for name in finished} == finished
            assert max(Counter(finished_in(world)).values(), default=0) <= 1
            return result, world
    raise AssertionError("the last worker was cut off")


def finished_in(world: World) -> list[str]:
    try:
        return [entry.step for entry in journal(world.store) if entry.kind is EntryKind.FINISHED]
    except SessionError:
        return []


def told(result: FlowResult) -> list[Any]:
    """What does not depend on crashes: attempts and durations do."""
    return [
        (
            each.step_id,
            each.status,
            each.value,
            each.recovered_by,
            each.is_abort,
            each.error,
            each.alternative and told(each.alternative),
        )
        for each in result.steps
    ]


behaviours = st.one_of(
    st.builds(Behaviour, dawdles=st.integers(0, 9)),
    st.builds(
        Behaviour,
        fails=st.just(value=True),
        alternative=st.sampled_from(["", "works", "fails"]),
        answer=st.sampled_from(["", "retry", "skip", "abort"]),
        critical=st.booleans(),
        dawdles=st.integers(0, 9),
    ),
)
shapes = st.tuples(
    *(st.sets(st.sampled_from(NAMES[:position])) if position else st.just(set()) for position in range(4))
)


def case(
    mode: AtomicMode, shape: Sequence[set[str]], how: Sequence[Behaviour]
) -> tuple[DynamicFlowPlan, dict[str, Behaviour]]:
    return planned(mode, [sorted(before) for before in shape], how), dict(zip(NAMES, how, strict=False))


@settings(max_examples=30, deadline=None)
@given(shapes, st.lists(behaviours, min_size=4, max_size=4), st.lists(st.integers(1, 12), min_size=1, max_size=4))
def test_a_flow_that_nothing_can_fail_comes_to_the_same_as_without_crashes(shape, how, cuts):
    calm = [msgspec.structs.replace(each, answer="skip" if each.answer == "abort" else each.answer) for each in how]

    async def compare() -> None:
        work, known = case(AtomicMode.LENIENT, shape, calm)
        undisturbed, _ = await carried_out(work, OutsideWorld(known), [])
        disturbed, _ = await carried_out(work, OutsideWorld(known), cuts)
        assert told(disturbed) == told(undisturbed)

    run_alone(compare())


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(AtomicMode),
    shapes,
    st.lists(behaviours, min_size=4, max_size=4),
    st.lists(st.integers(1, 12), min_size=1, max_size=4),
)
def test_what_is_told_agrees_with_the_journal_and_the_mode(mode, shape, how, cuts):
    async def compare() -> None:
        work, known = case(mode, shape, how)
        result, world = await carried_out(work, OutsideWorld(known), cuts)
        done = finished_in(world)
        for each, planned_step in zip(result.steps, work.steps, strict=True):
            name = each.step_id
            assert (each.status is StepStatus.COMPLETED) is (f"{name}[{name}]" in done)
            assert not (ends_flow(mode, planned_step, each) and result.is_completed)
        failed_by = result.failed_by
        assert not failed_by or ends_flow(
            mode, next(s for s in work.steps if s.step_id == failed_by), result.step(failed_by)
        )

    run_alone(compare())


@pytest.mark.parametrize("mode", AtomicMode)
@pytest.mark.parametrize("writes", range(1, 16))
async def test_cut_off_after_any_number_of_writes(mode, writes):
    how = [
        Behaviour(),
        Behaviour(fails=True, alternative="works"),
        Behaviour(fails=True, alternative="fails", answer="retry"),
        Behaviour(),
    ]
    work, known = case(mode, [set(), {"a"}, {"a"}, {"b", "c"}], how)
    result, _ = await carried_out(work, OutsideWorld(known), [writes, writes, writes])
    assert [(each.status, each.recovered_by) for each in result.steps] == [
        ("completed", ""),
        ("recovered", "alternative_flow"),
        ("recovered", "person"),
        ("completed", ""),
    ]
