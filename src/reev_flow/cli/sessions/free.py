"""`reev-flow sessions free`: lets the id of a session that was forgotten be run again."""

from typing import Annotated

from cyclopts import Parameter

from reev_flow.cli.json_document import write_document
from reev_flow.cli.options import AsJson, Store
from reev_flow.cli.output import tell
from reev_flow.cli.session_place import place_of
from reev_flow.cli.session_store import opened
from reev_flow.errors import SessionError
from reev_flow.render.printable import printable

WholeId = Annotated[str, Parameter(name="ID", help="The whole id of a session that was forgotten.")]


def free(session_id: WholeId, /, *, store: Store = None, json: AsJson = False) -> int:
    """Let the id of a session that was forgotten be run again: `run --session-id` then does everything once more."""
    with opened(place_of(store), session_id) as kept:
        location, is_freed = kept.location, kept.free(session_id).result()
    if not is_freed:
        raise SessionError(
            f"no session {session_id!r} was forgotten in {location}, so there is nothing to free; "
            "`reev-flow sessions list` shows those that are kept"
        )
    if json:
        write_document(store=location, freed=session_id)
    tell(f"session {printable(session_id)} may be run again")
    return 0
