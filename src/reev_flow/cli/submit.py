"""`reev-flow submit`: keeps a session that a worker is to run."""

import asyncio

from reev_flow.cli.apps import load_tools
from reev_flow.cli.json_document import write_document
from reev_flow.cli.options import App, AsJson, Store, Tools
from reev_flow.cli.output import tell, write_text
from reev_flow.cli.session_documents import session_document
from reev_flow.cli.session_place import place_of
from reev_flow.cli.session_store import IN_MEMORY, NoStore
from reev_flow.cli.subject import Named, NewId, PlanFile, Whole, subject_of
from reev_flow.clock import SystemClock
from reev_flow.runtime.origins import of_call
from reev_flow.runtime.submitting import submit as keep
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.state import SessionState
from reev_flow.stores.urls import open_session_store


def submit(  # noqa: PLR0913 - options that are all given by name
    plan: PlanFile = None,
    /,
    *,
    app: App = None,
    arg: Named | None = None,
    arguments: Whole = None,
    tools: Tools = None,
    session_id: NewId = None,
    store: Store = None,
    json: AsJson = False,
) -> int:
    """Leave the run of a plan or a @flow to a worker (`reev-flow worker`). Prints the id of its session once that is kept."""
    subject = subject_of(plan, app, arg or [], arguments)
    given = None if tools is None else load_tools(tools)
    runnable = of_call(subject.startable, subject.args, subject.kwargs, run_step=subject.run_step, tools=given)
    place = place_of(store)
    if place == IN_MEMORY:
        raise NoStore(place)
    opened = open_session_store(place)
    try:
        session = asyncio.run(keep(opened, SystemClock(), runnable.origin, session_id))
    finally:
        opened.close()
    tell(told(session, opened.location))
    if json:
        write_document(store=opened.location, session=session_document(session))
    else:
        write_text(f"{session.session_id}\n")
    return 0


def told(session: SessionData, location: str) -> str:
    if session.state is SessionState.CREATED:
        return f"session {session.session_id} waits in {location} for a worker that has {session.flow}"
    return f"session {session.session_id} was begun before, and is {session.state.value.replace('_', ' ')}"
