"""`reev-flow sessions cancel`: the end of a session, whether or not somebody works on it."""

import asyncio
from typing import Annotated

from cyclopts import Parameter

from reev_flow.cli.json_document import write_document
from reev_flow.cli.options import AsJson, SessionId, Store
from reev_flow.cli.output import tell
from reev_flow.cli.session_lines import session_summary, told_state
from reev_flow.cli.session_place import place_of
from reev_flow.cli.session_store import find_session, opened
from reev_flow.errors import SessionError
from reev_flow.runtime.manager import SessionManager
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.store import SessionStore
from reev_flow.settings import current_settings
from reev_flow.settings.session_config import session_config

Reason = Annotated[str, Parameter(show_default=False, help="Why; kept with the session.")]


def cancel(session_id: SessionId, /, *, reason: Reason = "", store: Store = None, json: AsJson = False) -> int:
    """End a session: at once when nobody works on it, else as soon as its worker hears of it, which takes a second or so."""
    with opened(place_of(store), session_id) as kept:
        found = find_session(kept, session_id).session_id
        has_ended = asyncio.run(_cancel(kept, found, reason))
        session, location = kept.load(found).result(), kept.location
    if session.state.is_end and session.state is not SessionState.CANCELLED:
        raise SessionError(f"session {found!r} {told_state(session.state)} and cannot be cancelled any longer")
    if json:
        write_document(store=location, session=session_summary(session), has_ended=has_ended)
    tell(f"session {found} is cancelled" if has_ended else f"session {found}: its worker was told to cancel it")
    return 0


async def _cancel(store: SessionStore, session_id: str, reason: str) -> bool:
    async with SessionManager(store, config=session_config(current_settings())) as manager:
        return await manager.cancel(session_id, reason)
