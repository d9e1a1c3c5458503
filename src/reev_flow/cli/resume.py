"""`reev-flow resume`: a session, from where it was interrupted."""

from typing import Any

from reev_flow.cli.apps import load_app, load_tools, search_current_folder
from reev_flow.cli.ending import conclude, ending_before
from reev_flow.cli.hints import Hints
from reev_flow.cli.options import App, AsJson, SessionId, Store, Tools, Wait, WithTraceback
from reev_flow.cli.performance import Performance, perform
from reev_flow.cli.session_place import place_of
from reev_flow.cli.session_store import find_session, opened
from reev_flow.runtime.manager import SessionManager


def resume(  # noqa: PLR0913 - options that are all given by name
    session_id: SessionId,
    /,
    *,
    app: App = None,
    tools: Tools = None,
    store: Store = None,
    wait: Wait = False,
    json: AsJson = False,
    with_traceback: WithTraceback = False,
) -> int:
    """Go on with a session where it was interrupted; of one that is over, print the stored result.

    A session remembers where its code is found; --app names it for one whose code has moved.
    """
    hints = Hints(store=store or "", app=app or "", tools=tools or "")
    place = place_of(store)
    with opened(place, session_id) as kept:
        session, location = find_session(kept, session_id), kept.location
    if session.state.is_end:
        return conclude(ending_before(session, location, is_json=json), hints)
    search_current_folder()
    code = None if app is None else load_app(app)
    given = None if tools is None else load_tools(tools)

    async def start(manager: SessionManager) -> Any:
        return await manager.resume(session.session_id, code, tools=given, wait=wait)

    performance = Performance(
        session_id=session.session_id,
        place=place,
        hints=hints,
        waits=wait,
        is_json=json,
        wants_traceback=with_traceback,
    )
    return perform(performance, start)
