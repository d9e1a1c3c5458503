"""Carries out plans: in a session, which a crash cannot reach, or in memory."""

from contextlib import closing
from typing import Any, Union

from reev_flow.clock import Clock, SystemClock
from reev_flow.errors import InvalidPlan, MissingTool
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.plans.checks import check_plan, template_values
from reev_flow.flows.plans.context import Carrier, RunStep, Tools
from reev_flow.flows.plans.in_memory import Ask, MemoryCarrier
from reev_flow.flows.plans.in_session import SessionCarrier, adopt_plan, stored_plan
from reev_flow.flows.plans.plan import DynamicFlowPlan, all_steps
from reev_flow.flows.plans.results import FlowResult, StepResult
from reev_flow.flows.plans.run import carry_part
from reev_flow.flows.plans.scope import Execution, Part
from reev_flow.flows.plans.traffic import Gate, Slots, Stop
from reev_flow.values.reach import resolve_annotation

__all__ = ["FlowExecutor", "FlowResult", "StepResult", "execute_dynamic_flow", "result_annotation"]

MOST_CONCURRENT = 8


class FlowExecutor:
    """Runs plans with one runner of steps: `run_step(step, context)`, a coroutine function or a plain one.

    `tools` are handed to the runner; when they are given, a plan that requires others is refused. At most `most_concurrent` steps run at
    once; a step that waits for a person is not counted. `ask` puts questions to a person when there is no session to do it.
    """

    def __init__(
        self,
        run_step: RunStep,
        *,
        tools: Tools | None = None,
        most_concurrent: int = MOST_CONCURRENT,
        ask: Ask | None = None,
        clock: Clock | None = None,
    ) -> None:
        if most_concurrent < 1:
            raise ValueError(f"most_concurrent is {most_concurrent}; at least one step must be able to run")
        self.run_step = run_step
        self._tools = tools
        self._most_concurrent = most_concurrent
        self._ask = ask
        self._clock = clock or SystemClock()

    async def execute(self, plan: DynamicFlowPlan, session: SessionHandle | None = None) -> FlowResult:
        """What came of the plan: a flow that failed is a result, too.

        In a session every run of a step is one of its steps, so a plan that was interrupted goes on where it was. Raises, before any step
        runs, `InvalidPlan`, `MissingTool`, and `PlanChanged` when the session has begun something that the plan says otherwise.
        """
        plan = self.check(plan)
        tools = self._tools or {}
        if session is None:
            with closing(MemoryCarrier(self.run_step, tools, self._clock, self._ask)) as in_memory:
                return await self._carry_out(plan, in_memory, is_new=True)
        adopt_plan(session, plan)
        carrier = SessionCarrier(session, self.run_step, tools, self._clock)
        return await self._carry_out(plan, carrier, is_new=carrier.is_new)

    def check(self, plan: DynamicFlowPlan) -> DynamicFlowPlan:
        """The plan as it will be carried out. Raises `InvalidPlan` and `MissingTool`, and needs no session for that."""
        plan = check_plan(plan)
        refuse_missing_tools(plan, self._tools)
        return plan

    async def resume_from_step(self, session: SessionHandle, plan: DynamicFlowPlan | None = None) -> FlowResult:
        """Goes on with the step that was interrupted; what was finished is read from the journal.

        `plan` is the session's own unless given: then steps that have not begun may differ (see `PlanChanged`).
        """
        plan = plan or stored_plan(session)
        if plan is None:
            raise InvalidPlan(
                "the session was started without a plan", source=session.session_id, advice="give the plan"
            )
        return await self.execute(plan, session)

    async def _carry_out(self, plan: DynamicFlowPlan, carrier: Carrier, *, is_new: bool) -> FlowResult:
        slots, gate = Slots(self._most_concurrent), Gate(is_open=is_new)
        slots.take_free()
        gate.enter()
        part = Part(
            flow_id=plan.flow_id,
            steps=plan.steps,
            mode=plan.atomic_mode,
            values=template_values(plan),
            effect=plan.on_interrupt,
            stop=Stop(),
            results={},
        )
        return await carry_part(Execution(plan=plan, carrier=carrier, slots=slots, gate=gate), part)


async def execute_dynamic_flow(
    plan: DynamicFlowPlan,
    run_step: RunStep,
    session: SessionHandle | None = None,
    *,
    tools: Tools | None = None,
) -> FlowResult:
    """Carries out a plan; `FlowExecutor` says how, and has more options."""
    return await FlowExecutor(run_step, tools=tools).execute(plan, session)


def result_annotation(run_step: RunStep) -> Any:
    """What a `FlowResult` may hold whose steps that function ran, for storing it."""
    said = resolve_annotation(run_step)
    return FlowResult if said is None or isinstance(said, str) else Union[FlowResult, said]  # noqa: UP007 - what was said may be anything


def refuse_missing_tools(plan: DynamicFlowPlan, tools: Tools | None) -> None:
    """Raises `MissingTool` for the first tool that a step requires, in the plan or in an alternative flow, and that is not there."""
    if tools is None:
        return
    for step in all_steps(plan):
        for tool in step.required_tools:
            if tool not in tools:
                raise MissingTool(step.step_id, tool, tuple(sorted(tools)))
