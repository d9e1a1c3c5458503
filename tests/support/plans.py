"""Plans drawn with few words."""

from typing import Any

from reev_flow.flows.plans.plan import DynamicFlowPlan, DynamicStep


def step(step_id: str, *depends_on: str, **facts: Any) -> DynamicStep:
    return DynamicStep(step_id=step_id, depends_on=depends_on, **facts)


def plan(*steps: DynamicStep, **facts: Any) -> DynamicFlowPlan:
    return DynamicFlowPlan(**{"flow_id": "trip", "steps": steps, **facts})
