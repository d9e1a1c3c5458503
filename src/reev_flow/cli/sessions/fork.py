"""`reev-flow sessions fork`: another session that goes on from one of the steps of this one."""

import asyncio
from typing import Annotated

from cyclopts import Parameter

from reev_flow.cli.hints import Hints
from reev_flow.cli.json_document import write_document
from reev_flow.cli.options import AsJson, SessionId, Store
from reev_flow.cli.output import tell, write_text
from reev_flow.cli.session_lines import session_summary
from reev_flow.cli.session_place import place_of
from reev_flow.cli.session_store import find_session, opened
from reev_flow.render.printable import printable
from reev_flow.runtime.manager import SessionManager
from reev_flow.runtime.run_reading import read_record_of
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.store import SessionStore
from reev_flow.settings import current_settings
from reev_flow.settings.session_config import session_config
from reev_flow.trace.run import RunRecord

FromStep = Annotated[
    str,
    Parameter(
        name="--from",
        help="The first step that is to be done anew, as `reev-flow sessions show` names it, or the name of a step that was called once.",
    ),
]
NewId = Annotated[
    str,
    Parameter(
        name="--as", show_default=False, help="The id of the new session; asked for again, it is not forked again."
    ),
]


def fork(
    session_id: SessionId, /, *, from_: FromStep, as_: NewId = "", store: Store = None, json: AsJson = False
) -> int:
    """Begin another session with what this one had done before a step. It waits to be resumed, and does the rest anew: with the code that is
    there then and new idempotency keys. Prints its id.
    """
    with opened(place_of(store), session_id) as kept:
        source = find_session(kept, session_id)
        forked = asyncio.run(_fork(kept, source.session_id, from_, as_))
        location, steps = kept.location, _steps_of(read_record_of(kept, forked))
    go_on = Hints(store=store or "").resume(forked.session_id)
    if json:
        write_document(
            store=location,
            session=session_summary(forked),
            forked_from=source.session_id,
            kept_steps=steps,
            next=go_on,
        )
    else:
        write_text(f"{printable(forked.session_id)}\n")
    count = "a step" if len(steps) == 1 else f"{len(steps):,} steps"
    tell(f"session {forked.session_id} begins with {count} of {source.session_id}; `{go_on}` does the rest anew")
    return 0


def _steps_of(record: RunRecord) -> list[str]:
    return list({attempt.step: None for attempt in record.kept})


async def _fork(store: SessionStore, session_id: str, step: str, chosen_id: str) -> SessionData:
    async with SessionManager(store, config=session_config(current_settings())) as manager:
        return await manager.fork(session_id, step, new_id=chosen_id or None)
