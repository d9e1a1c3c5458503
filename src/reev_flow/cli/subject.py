"""What a command is to run: a flow with its arguments, or a plan with what runs its steps."""

from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from reev_flow.cli.apps import NoApp, WrongApp, load_app
from reev_flow.cli.flow_arguments import arguments_of
from reev_flow.flows.code import Flow, entry_point_of
from reev_flow.flows.plans.files import load_plan
from reev_flow.flows.plans.plan import DynamicFlowPlan


def refuse_no_text(_: object, value: str | None) -> None:
    """Raises `ValueError` for what cannot be the id of a session."""
    if value is not None and (not value or (not value.isascii() and value != value.encode("utf-8", "ignore").decode())):
        raise ValueError("An id is a text, and not an empty one.")


PlanFile = Annotated[str | None, Parameter(help="A plan as YAML or JSON. Without it, --app names a @flow.")]
NewId = Annotated[
    str | None,
    Parameter(
        name="--session-id",
        validator=refuse_no_text,
        help="An id of your own: what it names is run once, however often this is called.",
    ),
]
Named = Annotated[
    list[str], Parameter(name="--arg", help="An argument of the flow, as name=value; the value is JSON, else text.")
]
Whole = Annotated[str | None, Parameter(help="The arguments of the flow as a JSON object, or as a JSON list in order.")]


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be run, and the `module:name` that a session would remember it by."""

    startable: Flow[Any, Any] | DynamicFlowPlan
    name: str
    entry_point: str
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = {}
    run_step: Any = None


def subject_of(plan: str | None, app: str | None, named: list[str], whole: str | None) -> Subject:
    """Raises `NoApp`, `WrongApp`, `WrongArgument`, and what is wrong with a plan."""
    if app is None:
        raise NoApp("what runs the steps of the plan" if plan else "what to run")
    if plan is None:
        return _flow_subject(app, named, whole)
    if named or whole is not None:
        raise WrongApp(app, "a plan takes no arguments", "put them into its context")
    read = load_plan(plan)
    run_step = load_app(app)
    if isinstance(run_step, Flow) or not callable(run_step):
        raise WrongApp(app, f"{_kind(run_step)} does not run the steps of a plan", "name a function that does")
    return Subject(startable=read, name=read.flow_id, entry_point=entry_point_of(run_step), run_step=run_step)


def _flow_subject(app: str, named: list[str], whole: str | None) -> Subject:
    flow = load_app(app)
    if not isinstance(flow, Flow):
        raise WrongApp(
            app, f"{_kind(flow)} is no @flow", "decorate it with @flow, or name the plan whose steps it runs"
        )
    args, kwargs = arguments_of(flow, named, whole)
    return Subject(startable=flow, name=flow.name, entry_point=flow.entry_point, args=args, kwargs=kwargs)


def _kind(found: Any) -> str:
    return f"a {'@flow' if isinstance(found, Flow) else type(found).__name__}"
