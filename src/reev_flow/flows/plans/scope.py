"""Where a step of a plan is carried out, and whether it may begin there."""

from collections.abc import Mapping
from typing import Any

import msgspec

from reev_flow.flows.plans.context import Carrier
from reev_flow.flows.plans.plan import AtomicMode, DynamicFlowPlan, DynamicStep, WhenInterrupted
from reev_flow.flows.plans.traffic import Gate, Slots, Stop
from reev_flow.sessions.history import Standing

SETTLED = frozenset({Standing.FINISHED, Standing.FAILED, Standing.ANSWERED})


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """What all parts of one plan share while it is carried out."""

    plan: DynamicFlowPlan
    carrier: Carrier
    slots: Slots
    gate: Gate

    def alternative_plan(self, flow_id: str) -> DynamicFlowPlan:
        return next(flow for flow in self.plan.alternative_flows if flow.flow_id == flow_id)


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A list of steps: those of the plan, or of an alternative flow. `results` are those of the steps around it that it may name.

    `path` are the names of the steps in whose place it runs; `stop` is set when it has failed, or a flow around it.
    """

    flow_id: str
    steps: tuple[DynamicStep, ...]
    mode: AtomicMode
    values: Mapping[str, Any]
    effect: WhenInterrupted
    stop: Stop
    results: Mapping[str, Any]
    path: tuple[str, ...] = ()


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One step in its part, with the results that it may use."""

    execution: Execution
    part: Part
    step: DynamicStep
    results: Mapping[str, Any]

    @property
    def effect(self) -> WhenInterrupted:
        return self.step.on_interrupt or self.part.effect

    async def admits(self, number: int, *, is_question: bool = False) -> bool:
        """Whether that run of the step, or the question about it, may begin; what has begun before a crash always may.

        Waits until what the journal has settled is read, unless this is part of that. Others may run meanwhile.
        """
        gate, slots = self.execution.gate, self.execution.slots
        if not gate.is_open and not self.is_settled(number, is_question=is_question):
            slots.give_back()
            await gate.wait()
            await slots.take()
        return not self.part.stop.is_set or self._has_begun(number, is_question=is_question)

    def is_settled(self, number: int, *, is_question: bool = False) -> bool:
        """Whether the journal says what came of it."""
        return self._standing(number, is_question=is_question) in SETTLED

    def _has_begun(self, number: int, *, is_question: bool) -> bool:
        standing = self._standing(number, is_question=is_question)
        if is_question:
            return standing in SETTLED
        return standing not in {None, Standing.OPEN}

    def _standing(self, number: int, *, is_question: bool) -> Standing | None:
        return self.execution.carrier.standing(self.step.step_id, number, is_question=is_question)
