"""`reev-flow run`: a flow or a plan, from its beginning to its end or to a question."""

from collections.abc import Mapping
from typing import Any

from reev_flow.cli.apps import load_tools
from reev_flow.cli.ending import Ending, conclude, ending_before
from reev_flow.cli.hints import Hints
from reev_flow.cli.managed import Start
from reev_flow.cli.options import App, AsJson, Store, Tools, Wait, WithTraceback
from reev_flow.cli.performance import Performance, perform
from reev_flow.cli.session_place import place_of
from reev_flow.cli.session_store import NoStore, opened
from reev_flow.cli.subject import Named, NewId, PlanFile, Subject, Whole, subject_of
from reev_flow.errors import SessionError, SessionNotFound
from reev_flow.runtime.manager import SessionManager
from reev_flow.runtime.session_ids import new_id


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
    subject = subject_of(plan, app, arg or [], arguments)
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
