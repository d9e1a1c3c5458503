"""Whether a plan can be carried out as it says, asked before any of its steps runs."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from reev_flow.errors import InvalidPlan
from reev_flow.flows.plans.fields import FieldPath, WrongField, path_text, plan_from, shown
from reev_flow.flows.plans.graph import ancestors, cycle_text, find_cycle
from reev_flow.flows.plans.plan import AlternativeFlow, DynamicFlowPlan, DynamicStep, plain_fields
from reev_flow.flows.plans.step_checks import MOST_NAME, Scope, problems_of_graph, problems_of_step
from reev_flow.values.plain import is_plain

MOST_STEPS = 1_000
MOST_LEVELS = 8
MOST_VALUES = 100_000
FLOW_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]*")
NAME_FLOWS = "name alternative flows instead of nesting them"


def check_plan(plan: DynamicFlowPlan) -> DynamicFlowPlan:
    """The plan as it would be read from a file. Raises `InvalidPlan` for the first thing that is wrong with it."""
    try:
        return checked(plan_from(_fields_of(plan)))
    except WrongField as wrong:
        source = f"plan {str(getattr(plan, 'flow_id', plan))[:MOST_NAME]!r}"
        raise InvalidPlan(
            wrong.details, field=path_text(wrong.path), source=source, advice=wrong.advice
        ) from wrong.__cause__


def checked(plan: DynamicFlowPlan) -> DynamicFlowPlan:
    """The plan itself. Raises `WrongField` for the first thing that is wrong with it, its types taken to be right."""
    for wrong in _problems(plan):
        raise wrong
    return plan


def template_values(plan: DynamicFlowPlan) -> dict[str, Any]:
    """What the templates of a plan may name besides steps."""
    told = {"user_prompt": plan.user_prompt} if plan.user_prompt else {}
    return {**told, **plan.context}


def _fields_of(plan: DynamicFlowPlan) -> object:
    try:
        fields = plain_fields(plan)
        msgspec.json.encode(fields)  # finds text that is not Unicode
    except UnicodeEncodeError:
        raise WrongField((), "a text in it has half of a surrogate pair", "write the whole character") from None
    except RecursionError:
        raise WrongField((), "nested too deeply", NAME_FLOWS) from None
    except (TypeError, ValueError, OverflowError) as error:
        raise WrongField(
            (), f"it holds what is no plan data ({error})", "use text, numbers, lists and dicts"
        ) from error
    return fields


def _problems(plan: DynamicFlowPlan) -> Iterator[WrongField]:
    """In an order in which each check may rely on those before it."""
    yield from _problems_of_values(plan, ())
    yield from _problems_of_flows(plan)
    yield from _problems_of_scopes(_outer_scopes(plan))
    yield from _cycle_of_flows(plan)


def _problems_of_values(plan: DynamicFlowPlan, path: FieldPath) -> Iterator[WrongField]:
    for name in ("context", "metadata"):
        values: dict[str, Any] = getattr(plan, name)
        if not is_plain(values, most_items=MOST_VALUES):
            wrong = [key for key in values if not is_plain(values[key], most_items=MOST_VALUES)]
            where = (*path, name, *wrong[:1])
            yield WrongField(where, "is not JSON, or nests too deeply", "use text, finite numbers, lists and mappings")


def _problems_of_flows(plan: DynamicFlowPlan) -> Iterator[WrongField]:
    yield from _problem_of_name(("flow_id",), plan.flow_id)
    taken = {plan.flow_id}
    for number, flow in enumerate(plan.alternative_flows):
        path = ("alternative_flows", number)
        yield from _problem_of_name((*path, "flow_id"), flow.flow_id)
        if flow.flow_id in taken:
            yield WrongField((*path, "flow_id"), f"the flow {flow.flow_id!r} stands twice", "rename one of them")
        if flow.alternative_flows:
            details = "an alternative flow has some of its own"
            yield WrongField((*path, "alternative_flows"), details, "list them all in the outermost plan")
        yield from _problems_of_values(flow, path)
        taken.add(flow.flow_id)


def _problem_of_name(path: FieldPath, flow_id: str) -> Iterator[WrongField]:
    if not FLOW_ID.fullmatch(flow_id) or len(flow_id) > MOST_NAME:
        yield WrongField(path, f"is {shown(flow_id)}", f"use letters, digits and _ . : - and at most {MOST_NAME}")


def _outer_scopes(plan: DynamicFlowPlan) -> list[Scope]:
    flows = tuple(flow.flow_id for flow in plan.alternative_flows)
    values = template_values(plan)
    scopes = [Scope(path=("steps",), steps=plan.steps, values=values, flows=flows)]
    for number, flow in enumerate(plan.alternative_flows):
        path = ("alternative_flows", number, "steps")
        scopes.append(Scope(path=path, steps=flow.steps, values={**values, **template_values(flow)}, flows=flows))
    return scopes


def _problems_of_scopes(scopes: list[Scope]) -> Iterator[WrongField]:
    """Alternative flows that are listed inside steps are appended as they are met."""
    count = 0
    for scope in scopes:
        count += len(scope.steps)
        if count > MOST_STEPS:
            yield WrongField(scope.path, f"more than {MOST_STEPS:,} steps in all", "cut the plan into several flows")
        if scope.level > MOST_LEVELS:
            yield WrongField(scope.path, f"inside {MOST_LEVELS} other alternative flows", NAME_FLOWS)
        yield from problems_of_graph(scope)
        before = ancestors(scope.edges)
        for number, step in enumerate(scope.steps):
            path, visible = (*scope.path, number), scope.visible | before[step.step_id]
            yield from problems_of_step(scope, path, step, visible)
            scopes.extend(_inner_scopes(scope, path, step, visible))


def _inner_scopes(scope: Scope, path: FieldPath, step: DynamicStep, visible: frozenset[str]) -> Iterator[Scope]:
    for number, strategy in enumerate(step.recovery_strategies):
        if isinstance(strategy, AlternativeFlow) and strategy.steps:
            yield Scope(
                path=(*path, "recovery_strategies", number, "steps"),
                steps=strategy.steps,
                values=scope.values,
                visible=visible,
                around=scope.around.union(scope.edges),
                flows=scope.flows,
                level=scope.level + 1,
            )


def _cycle_of_flows(plan: DynamicFlowPlan) -> Iterator[WrongField]:
    leads_to = {flow.flow_id: _flows_named_in(flow.steps) for flow in plan.alternative_flows}
    cycle = find_cycle(leads_to)
    if cycle:
        path = ("alternative_flows", [*leads_to].index(cycle[0]))
        details = f"alternative flows lead back to themselves: {cycle_text(cycle)}"
        yield WrongField(path, details, "let the last one do without")


def _flows_named_in(steps: Sequence[DynamicStep]) -> list[str]:
    todo, names = [*steps], []
    for step in todo:
        if step.alternative is not None:
            todo.extend(step.alternative.steps)
            names += [step.alternative.flow_id] if step.alternative.flow_id else []
    return names
