"""`reev-flow run`: a flow or a plan, from its beginning to its end or to a question."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from reev_flow.cli.apps import NoApp, WrongApp, load_app, load_tools
from reev_flow.cli.ending import Ending, conclude, ending_before
from reev_flow.cli.flow_arguments import arguments_of
from reev_flow.cli.hints import Hints
from reev_flow.cli.managed import Start
from reev_flow.cli.options import App, AsJson, Store, Tools, Wait, WithTraceback
from reev_flow.cli.performance import Performance, perform
from reev_flow.cli.session_place import place_of
from reev_flow.cli.session_store import NoStore, opened
from reev_flow.errors import SessionError, SessionNotFound
from reev_flow.flows.code import Flow, entry_point_of
from reev_flow.flows.plans.files import load_plan
from reev_flow.flows.plans.plan import DynamicFlowPlan
from reev_flow.runtime.manager import SessionManager
from reev_flow.runtime.session_ids import new_id


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


def run_flow(  # noqa: PLR0913 - options that are all given by name
    plan: PlanFile = None,
    /,
    *,
    app: App = None,
    arg: Named | None = None,
    arguments: Whole = None,
    tools: Tools = None,
    session_id: NewId = None,
    store: Store = None,
    wait: Wait = False,
    json: AsJson = False,
    with_traceback: WithTraceback = False,
) -> int:
    """Run a plan or a @flow in a session. Prints its result, or the question at which it stopped.

    Ctrl-C and SIGTERM leave the session interrupted; `reev-flow resume` goes on with it.
    """
    subject = _subject(plan, app, arg or [], arguments)
    performance = Performance(
        session_id=new_id(subject.name) if session_id is None else session_id,
        place=place_of(store),
        hints=Hints(store=store or "", app="" if app == subject.entry_point else app or "", tools=tools or ""),
        is_new=session_id is None,
        waits=wait,
        is_json=json,
        wants_traceback=with_traceback,
    )
    over = None if performance.is_new else _over_before(performance, subject)
    if over is not None:
        return conclude(over, performance.hints)
    return perform(performance, _start(subject, performance, None if tools is None else load_tools(tools)))


def _start(subject: Subject, performance: Performance, tools: Mapping[str, Any] | None) -> Start[Any]:
    async def start(manager: SessionManager) -> Any:
        return await manager.run(
            subject.startable,
            *subject.args,
            session_id=performance.session_id,
            run_step=subject.run_step,
            tools=tools,
            wait=performance.waits,
            **subject.kwargs,
        )

    return start


def _subject(plan: str | None, app: str | None, named: list[str], whole: str | None) -> Subject:
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


def _over_before(performance: Performance, subject: Subject) -> Ending | None:
    """How the session with that id ended, if there is one and it did. Raises `SessionError` for a session of another flow."""
    try:
        with opened(performance.place) as store:
            session, location = store.load(performance.session_id).result(), store.location
    except (NoStore, SessionNotFound):
        return None
    if session.flow != subject.name:
        raise SessionError(
            f"session {session.session_id!r} is of the flow {session.flow!r}, not {subject.name!r}; choose another --session-id"
        )
    return ending_before(session, location, is_json=performance.is_json) if session.state.is_end else None
