"""Plans whose steps do what a script says."""

import asyncio
from collections.abc import Mapping
from typing import Any

from reev_flow.flows.plans.context import StepContext
from reev_flow.flows.plans.executor import FlowExecutor
from reev_flow.flows.plans.plan import DynamicFlowPlan, DynamicStep
from reev_flow.flows.plans.results import FlowResult
from support.scripts import Script


class Scripted:
    """Runs steps and answers questions as their scripts say."""

    def __init__(self, scripts: Mapping[str, Script]) -> None:
        self._scripts = scripts
        self._attempts: dict[str, int] = {}
        self._answers = {step_id: iter(script.answers) for step_id, script in scripts.items()}

    async def run_step(self, step: DynamicStep, context: StepContext) -> str:
        script = self._scripts[step.step_id]
        attempt = self._attempts[step.step_id] = self._attempts.get(step.step_id, 0) + 1
        await asyncio.sleep(script.seconds)
        if attempt <= script.failures:
            raise ValueError(f"{step.step_id} failed {attempt} times")
        return f"result of {step.step_id}"

    async def ask(self, question: str) -> str:
        step_id = question.split("'")[1]
        await asyncio.sleep(self._scripts[step_id].thinks)
        return next(self._answers[step_id])


async def carried_out(plan: DynamicFlowPlan, scripts: Mapping[str, Script], **options: Any) -> FlowResult:
    scripted = Scripted(scripts)
    return await FlowExecutor(scripted.run_step, ask=scripted.ask, **options).execute(plan)


def told(result: FlowResult) -> tuple[Any, ...]:
    """In the words of the reference."""
    by = {"alternative_flow": "alternative_flow", "person": "person", "": ""}
    steps = tuple(
        (
            str(each.status),
            each.attempts,
            by[each.recovered_by],
            each.is_abort,
            None if each.alternative is None else told(each.alternative),
        )
        for each in result.steps
    )
    return str(result.status), result.failed_by, steps
