"""A list of steps carried out: each begins when those it waits for gave a result, beside whatever else may run."""

import asyncio
from contextvars import copy_context

from reev_flow.flows.plans.graph import ancestors
from reev_flow.flows.plans.plan import AtomicMode, DynamicStep
from reev_flow.flows.plans.recovery import carry_step
from reev_flow.flows.plans.results import FlowResult, FlowStatus, StepResult, StepStatus
from reev_flow.flows.plans.scope import Execution, Part, Place


async def carry_part(execution: Execution, part: Part) -> FlowResult:
    """Called by who holds a slot and has entered the gate: the first of its steps are carried out with these.

    Raises what a carrier raised; whatever still ran was cancelled before.
    """
    return await _PartRun(execution, part).carry_out()


class _PartRun:
    """Workers take one ready step after the other. Who has finished one goes on with the next without a pause, so that a session never
    seems to have nothing to do; as many helpers are started as there are more ready steps and free slots.
    """

    def __init__(self, execution: Execution, part: Part) -> None:
        self._execution = execution
        self._part = part
        self._before = ancestors({step.step_id: step.depends_on for step in part.steps})
        self._waiting = {step.step_id: step for step in part.steps}
        self._results: dict[str, StepResult] = {}
        self._failed_by = ""
        self._group = asyncio.TaskGroup()
        self._context = copy_context()  # helpers are also started by others, who are in another branch
        self._helpers = 0
        self._is_waited_for = False

    async def carry_out(self) -> FlowResult:
        slots = self._execution.slots
        slots.add_taker(self._start_helpers)
        try:
            async with self._group:
                await self._work(self._take_ready())
                if self._helpers:
                    self._is_waited_for = True
                    self._execution.gate.leave()
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None
        finally:
            slots.remove_taker(self._start_helpers)
        return FlowResult(
            flow_id=self._part.flow_id,
            status=FlowStatus.FAILED if self._failed_by else FlowStatus.COMPLETED,
            steps=tuple(self._results[step.step_id] for step in self._part.steps),
            failed_by=self._failed_by,
        )

    async def _work(self, step: DynamicStep | None) -> None:
        while step is not None:
            self._start_helpers()
            self._record(step, await carry_step(self._place(step), self._carry_inner))
            step = self._take_ready()

    async def _help(self, step: DynamicStep) -> None:
        await self._work(step)
        self._helpers -= 1
        if self._helpers or not self._is_waited_for:
            self._execution.gate.leave()  # else whoever waits for this part goes on in its place
        self._execution.slots.give_back()

    def _start_helpers(self) -> None:
        slots = self._execution.slots
        while slots.has_free and (step := self._take_ready()) is not None:
            slots.take_free()
            self._helpers += 1
            self._execution.gate.enter()
            self._group.create_task(self._help(step), name=step.step_id, context=self._context.copy())

    def _take_ready(self) -> DynamicStep | None:
        """The first listed that has what it waits for, after those were skipped that never will."""
        while True:
            known = [step for step in self._waiting.values() if self._results.keys() >= set(step.depends_on)]
            if not known:
                return None
            for step in known:
                lacking = next((name for name in step.depends_on if not self._results[name].has_value), None)
                del self._waiting[step.step_id]
                if lacking is None:
                    return step
                self._results[step.step_id] = _without(step, self._results[lacking])

    def _place(self, step: DynamicStep) -> Place:
        own = {name: self._results[name].value for name in self._before[step.step_id]}
        return Place(execution=self._execution, part=self._part, step=step, results={**self._part.results, **own})

    async def _carry_inner(self, part: Part) -> FlowResult:
        return await carry_part(self._execution, part)

    def _record(self, step: DynamicStep, result: StepResult) -> None:
        self._results[step.step_id] = result
        if ends_flow(self._part.mode, step, result):
            self._failed_by = self._failed_by or step.step_id
            self._part.stop.set()


def ends_flow(mode: AtomicMode, step: DynamicStep, result: StepResult) -> bool:
    """See `AtomicMode`."""
    if result.status is not StepStatus.FAILED:
        return False
    is_needed = mode is AtomicMode.STRICT or (mode is AtomicMode.CONDITIONAL and step.critical)
    return is_needed or result.is_abort


def _without(step: DynamicStep, lacking: StepResult) -> StepResult:
    became = "was skipped" if lacking.status is StepStatus.SKIPPED else "failed"
    reason = f"it waits for {lacking.step_id!r}, which {became}"
    return StepResult(step_id=step.step_id, status=StepStatus.SKIPPED, reason=reason)
