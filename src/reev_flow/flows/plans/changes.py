"""Whether a session may go on with a plan that is not the one it was started with."""

from collections.abc import Callable
from typing import Any

import msgspec

from reev_flow.errors import PlanChanged
from reev_flow.flows.plans.plan import DynamicFlowPlan, DynamicStep, plain_fields

FRAME = ("flow_id", "user_prompt", "context", "atomic_mode")


def refuse_changed(stored: DynamicFlowPlan, plan: DynamicFlowPlan, has_begun: Callable[[str], bool]) -> None:
    """Raises `PlanChanged` unless the plans agree about everything that has begun, and about what holds for all steps.

    So a step that has not begun may be corrected, added or left out, and work that is done need not be paid again. Which steps have begun
    the journal says.
    """
    begun = [step for step in stored.steps if has_begun(step.step_id)]
    if not begun:
        return
    for name in FRAME:
        if plain_fields(stored)[name] != plain_fields(plan)[name]:
            raise PlanChanged(stored.flow_id, "", f"differs in {name!r}")
    now = {step.step_id: step for step in plan.steps}
    for step in begun:
        if step.step_id not in now:
            raise PlanChanged(stored.flow_id, step.step_id, "is gone, and it has begun")
        different = _difference(_whole(stored, step), _whole(plan, now[step.step_id]))
        if different:
            raise PlanChanged(stored.flow_id, step.step_id, f"differs in {different!r}, and it has begun")


def _whole(plan: DynamicFlowPlan, step: DynamicStep) -> dict[str, Any]:
    """The step with what it has from its plan: its effect, and the alternative flows that it may come to."""
    flows = {flow.flow_id: flow for flow in plan.alternative_flows}
    found: dict[str, Any] = {}
    todo = [step]
    for each in todo:
        if each.alternative is None:
            continue
        todo.extend(each.alternative.steps)
        name = each.alternative.flow_id
        if name and name not in found:
            found[name] = msgspec.to_builtins(flows[name])
            todo.extend(flows[name].steps)
    effect = step.on_interrupt or plan.on_interrupt
    return {**msgspec.to_builtins(step), "on_interrupt": effect, "alternative_flows": found}


def _difference(stored: dict[str, Any], now: dict[str, Any]) -> str:
    """The first field that differs; `depends_on` and `required_tools` are sets."""
    for name, value in stored.items():
        is_set = name in {"depends_on", "required_tools"}
        if (sorted(value) if is_set else value) != (sorted(now[name]) if is_set else now[name]):
            return name
    return ""
