"""One step carried out, with whatever its plan says to do when it fails."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from msgspec.structs import replace

from reev_flow.errors import StepInDoubt, StepTimeout, UnfillableTemplate
from reev_flow.flows.plans.checks import template_values
from reev_flow.flows.plans.context import Decision, Inquiry, StepOrder, StepRun, error_of
from reev_flow.flows.plans.plan import AlternativeFlow, AtomicMode
from reev_flow.flows.plans.results import FlowResult, StepResult, StepStatus
from reev_flow.flows.plans.scope import Part, Place
from reev_flow.flows.plans.templates import fill_template
from reev_flow.flows.plans.traffic import Stop
from reev_flow.values.refusal import UnstorableValue

CarryPart: TypeAlias = "Callable[[Part], Awaitable[FlowResult]]"

MOST_RUNS = 100
LONGEST_MESSAGE = 500
MAY_HAVE_HAPPENED = frozenset(
    f"{kind.__module__}:{kind.__qualname__}" for kind in (StepInDoubt, StepTimeout, UnstorableValue)
)
"""A step with an effect that failed so may have had it: something else in its place could have it again."""

NOT_BEGUN = "its flow had failed before it began"
BY_PERSON = "a person skipped it"


async def carry_step(place: Place, carry_part: CarryPart) -> StepResult:
    """First the step itself, then its alternative flow, then what a person says; `carry_part` carries out alternative flows."""
    step_id = place.step.step_id
    if not await place.admits(1):
        return StepResult(step_id=step_id, status=StepStatus.SKIPPED, reason=NOT_BEGUN)
    run = await _run(place, 1)
    result = _result(place, run)
    if run.error is None:
        return replace(result, status=StepStatus.COMPLETED)
    if place.step.alternative is not None and (place.effect == "rerun" or run.error.kind not in MAY_HAVE_HAPPENED):
        result = await _with_alternative(place, place.step.alternative, result, carry_part)
    if result.status is StepStatus.FAILED and not result.is_abort and place.step.question is not None:
        result = await _as_a_person_says(place, result)
    return result


def _result(place: Place, run: StepRun) -> StepResult:
    return StepResult(
        step_id=place.step.step_id,
        status=StepStatus.FAILED,
        value=run.value,
        error=run.error,
        attempts=run.attempts,
        duration_seconds=run.duration_seconds,
    )


async def _run(place: Place, number: int) -> StepRun:
    """A template that cannot be filled is a failure like any other, but for nothing having been tried."""
    part, step = place.part, place.step
    try:
        prompt = fill_template(step.prompt_template, {**part.values, **place.results})
    except UnfillableTemplate as error:
        return StepRun(error=error_of(error))
    order = StepOrder(
        step=step,
        number=number,
        path=part.path,
        flow_id=part.flow_id,
        prompt=prompt,
        results=place.results,
        values=part.values,
        effect=place.effect,
    )
    return await place.execution.carrier.run(order)


async def _with_alternative(
    place: Place, strategy: AlternativeFlow, failed: StepResult, carry_part: CarryPart
) -> StepResult:
    """Cured when the alternative flow completes and its last step gave a value."""
    with place.execution.carrier.instead_of(place.step.step_id):
        flow = await carry_part(_alternative_part(place, strategy))
    if all(step.status is StepStatus.SKIPPED for step in flow.steps):
        return failed  # its flow had failed: nothing was begun
    last = flow.steps[-1]
    if flow.is_completed and last.has_value:
        cured = {"status": StepStatus.RECOVERED, "value": last.value, "recovered_by": "alternative_flow"}
        return replace(failed, alternative=flow, **cured)
    return replace(failed, alternative=flow, is_abort=any(step.is_abort for step in flow.steps))


def _alternative_part(place: Place, strategy: AlternativeFlow) -> Part:
    part, step = place.part, place.step
    path, stop = (*part.path, step.step_id), Stop(part.stop)
    if not strategy.flow_id:
        mode = strategy.atomic_mode or AtomicMode.STRICT
        return replace(part, steps=strategy.steps, mode=mode, results=place.results, path=path, stop=stop)
    plan = place.execution.alternative_plan(strategy.flow_id)
    return Part(
        flow_id=plan.flow_id,
        steps=plan.steps,
        mode=plan.atomic_mode,
        values={**template_values(place.execution.plan), **template_values(plan)},
        effect=plan.on_interrupt,
        stop=stop,
        results={},
        path=path,
    )


async def _as_a_person_says(place: Place, failed: StepResult) -> StepResult:
    """Asked again whenever the step fails again."""
    result = failed
    for number in range(1, MOST_RUNS):
        match await _ask(place, number, result):
            case "skip":
                return replace(result, status=StepStatus.SKIPPED, reason=BY_PERSON)
            case "abort":
                return replace(result, is_abort=True)
            case "retry" if await place.admits(number + 1):
                result = _added(result, await _run(place, number + 1))
                if result.error is None:
                    return replace(result, status=StepStatus.RECOVERED, error=failed.error, recovered_by="person")
            case _:
                return result
    return result


def _added(result: StepResult, run: StepRun) -> StepResult:
    """The result after another run."""
    durations = [seconds for seconds in (result.duration_seconds, run.duration_seconds) if seconds is not None]
    return replace(
        result,
        value=run.value,
        error=run.error,
        attempts=result.attempts + run.attempts,
        duration_seconds=sum(durations) if durations else None,
    )


async def _ask(place: Place, number: int, failed: StepResult) -> Decision | None:
    """None when there is no answer: nobody gave one in time, or the flow failed meanwhile. Others may run while a person thinks."""
    if not await place.admits(number, is_question=True):
        return None
    inquiry = _inquiry(place, number, failed)
    if place.is_settled(number, is_question=True):
        return await place.execution.carrier.ask(inquiry)
    slots = place.execution.slots
    slots.give_back()
    asking = asyncio.ensure_future(place.execution.carrier.ask(inquiry))
    stopping = asyncio.ensure_future(place.part.stop.wait())
    try:
        await asyncio.wait({asking, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (asking, stopping):
            task.cancel()
        await asyncio.wait({asking, stopping})
    await slots.take()
    return None if asking.cancelled() else asking.result()


def _inquiry(place: Place, number: int, failed: StepResult) -> Inquiry:
    strategy, step_id = place.step.question, place.step.step_id
    assert strategy is not None  # noqa: S101 - asked for by who calls
    told = " ".join(str(failed.error)[:LONGEST_MESSAGE].split())
    account = f"step {step_id!r} of {place.part.flow_id!r} failed with {told}; retry, skip or abort?"
    return Inquiry(
        step_id=step_id,
        number=number,
        path=place.part.path,
        text=" ".join([*_question(place, strategy.question), account]),
        deadline_seconds=strategy.deadline_seconds,
    )


def _question(place: Place, template: str) -> list[str]:
    """What stands in a template that cannot be filled is better asked than lost."""
    try:
        filled = fill_template(template, {**place.part.values, **place.results})
    except UnfillableTemplate:
        filled = template
    return [filled] if filled else []
