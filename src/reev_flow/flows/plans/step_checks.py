"""Whether the steps of one list can be carried out: their ids, what they wait for, what their templates name, their numbers."""

import re
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Any

import msgspec

from reev_flow.errors import UnfillableTemplate
from reev_flow.flows.plans.fields import FieldPath, WrongField, nearest, path_text, quoted, shown
from reev_flow.flows.plans.graph import Edges, cycle_text, find_cycle
from reev_flow.flows.plans.plan import AlternativeFlow, AskPerson, DynamicStep, RetryStep
from reev_flow.flows.plans.templates import NAME, BadTemplate, Placeholder, look_up, placeholders_of

MOST_NAME = 200
MOST_ATTEMPTS = 100
MOST_SECONDS = 31 * 24 * 3600.0
MOST_FACTOR = 100.0
STEP_ID = re.compile(NAME)
ORDER = (RetryStep, AlternativeFlow, AskPerson)
"""In which order strategies are tried, and must be listed."""


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """One list of steps, and what its templates may name: `values`, and `visible` steps of the flows around it.

    `around` are the ids of all steps of the flows around it, `flows` the named alternative flows, `level` how many lists it is inside of.
    """

    path: FieldPath
    steps: Sequence[DynamicStep]
    values: Mapping[str, Any]
    visible: frozenset[str] = frozenset()
    around: frozenset[str] = frozenset()
    flows: Sequence[str] = ()
    level: int = 0

    @property
    def edges(self) -> Edges:
        """What each step waits for."""
        return {step.step_id: step.depends_on for step in self.steps}


def problems_of_graph(scope: Scope) -> Iterator[WrongField]:
    if not scope.steps:
        yield WrongField(scope.path, "there are no steps", "list at least one")
    yield from _problems_of_ids(scope)
    yield from _problems_of_dependencies(scope)
    cycle = find_cycle(scope.edges)
    if cycle:
        path = (*scope.path, [*scope.edges].index(cycle[0]), "depends_on")
        yield WrongField(path, f"these steps wait for each other: {cycle_text(cycle)}", "let one of them not wait")


def problems_of_step(scope: Scope, path: FieldPath, step: DynamicStep, visible: frozenset[str]) -> Iterator[WrongField]:
    """`visible` are the steps that its templates may name."""
    yield from _problem_of_number(path, step, "timeout_seconds", more_than=0)
    yield from _problem_of_number(path, step, "estimated_time_seconds", least=0)
    yield from _problems_of_template(scope, (*path, "prompt_template"), step.prompt_template, visible)
    kinds = [type(strategy) for strategy in step.recovery_strategies]
    if kinds != [kind for kind in ORDER if kind in kinds]:
        details = "strategies are tried in the order retry, alternative_flow, ask, each at most once"
        yield WrongField((*path, "recovery_strategies"), details, "list them so")
    for number, strategy in enumerate(step.recovery_strategies):
        inner = (*path, "recovery_strategies", number)
        match strategy:
            case RetryStep():
                yield from _problems_of_retry(inner, strategy)
            case AlternativeFlow():
                yield from _problems_of_alternative(scope, inner, strategy)
            case _:
                yield from _problem_of_number(inner, strategy, "deadline_seconds", more_than=0)
                yield from _problems_of_template(scope, (*inner, "question"), strategy.question, visible)


def _problems_of_ids(scope: Scope) -> Iterator[WrongField]:
    first: dict[str, int] = {}
    for number, step in enumerate(scope.steps):
        path, step_id = (*scope.path, number, "step_id"), step.step_id
        if not STEP_ID.fullmatch(step_id) or len(step_id) > MOST_NAME:
            yield WrongField(path, f"is {shown(step_id)}", "begin with a letter, go on with letters, digits, _ and -")
        if step_id in first:
            where = path_text((*scope.path, first[step_id]))
            yield WrongField(path, f"the step {step_id!r} stands twice, first as {where}", "rename one of them")
        if step_id in scope.around:
            yield WrongField(path, f"a step of a flow around this one is called {step_id!r} too", "rename it")
        if step_id in scope.values:
            yield WrongField(path, f"{step_id!r} is also a value of the context", "rename one of them")
        first[step_id] = number


def _problems_of_dependencies(scope: Scope) -> Iterator[WrongField]:
    known = [*scope.edges]
    for number, step in enumerate(scope.steps):
        for place, before in enumerate(step.depends_on):
            path = (*scope.path, number, "depends_on", place)
            if before == step.step_id:
                yield WrongField(path, f"the step {before!r} waits for itself", "remove it")
            if before not in scope.edges:
                yield WrongField(path, f"there is no step {quoted(before)} in this list", nearest(before, known))
            if before in step.depends_on[:place]:
                yield WrongField(path, f"the step {before!r} is named twice", "remove it")


def _problems_of_retry(path: FieldPath, retry: RetryStep) -> Iterator[WrongField]:
    yield from _problem_of_number(path, retry, "attempts", least=1, most=MOST_ATTEMPTS)
    yield from _problem_of_number(path, retry, "wait_seconds", least=0)
    yield from _problem_of_number(path, retry, "factor", least=1, most=MOST_FACTOR)
    yield from _problem_of_number(path, retry, "most_seconds", least=0)


def _problems_of_alternative(scope: Scope, path: FieldPath, strategy: AlternativeFlow) -> Iterator[WrongField]:
    if bool(strategy.steps) == bool(strategy.flow_id):
        yield WrongField(path, "an alternative flow has either steps or a flow_id", "give one of the two")
    if strategy.flow_id and strategy.flow_id not in scope.flows:
        details = f"the plan has no alternative flow {quoted(strategy.flow_id)}"
        advice = nearest(strategy.flow_id, scope.flows) if scope.flows else "list it under alternative_flows"
        yield WrongField((*path, "flow_id"), details, advice)
    if strategy.flow_id and strategy.atomic_mode is not None:
        yield WrongField((*path, "atomic_mode"), "an alternative flow that is named has a mode of its own", "remove it")


def _problem_of_number(
    path: FieldPath,
    holder: msgspec.Struct,
    name: str,
    *,
    least: float | None = None,
    more_than: float | None = None,
    most: float = MOST_SECONDS,
) -> Iterator[WrongField]:
    number: float | None = getattr(holder, name)
    if number is None:
        return
    is_low = (least is not None and number < least) or (more_than is not None and number <= more_than)
    if is_low or not isfinite(number) or number > most:
        bound = f"at least {least:g}" if least is not None else f"more than {more_than:g}"
        yield WrongField((*path, name), f"is {shown(number)}", f"write a number of {bound} and at most {most:,.0f}")


def _problems_of_template(
    scope: Scope, path: FieldPath, template: str, visible: frozenset[str]
) -> Iterator[WrongField]:
    try:
        found = placeholders_of(template)
    except BadTemplate as bad:
        yield WrongField(path, bad.details, "write {{ and }} where braces are meant")
    else:
        for placeholder in found:
            if placeholder.name not in visible:
                yield from _problem_of_placeholder(scope, path, placeholder, visible)


def _problem_of_placeholder(
    scope: Scope, path: FieldPath, placeholder: Placeholder, visible: frozenset[str]
) -> Iterator[WrongField]:
    """Of one that names no step before: it is a value of the context, whose fields are known, or wrong."""
    name, told = placeholder.name, f"{{{placeholder}}}"
    if name in scope.values:
        try:
            look_up(placeholder, scope.values)
        except UnfillableTemplate as error:
            yield WrongField(path, f"{told}: {error.details}", "correct it, or the context")
    elif name in scope.edges:
        yield WrongField(path, f"{told} names a step that this one does not wait for", f"add {name} to its depends_on")
    else:
        known = [*sorted(visible), *sorted(scope.values)]
        advice = nearest(name, known) if known else "put it into the plan's context, or a step into depends_on"
        yield WrongField(path, f"{told} is neither a step before this one nor a value of the context", advice)
