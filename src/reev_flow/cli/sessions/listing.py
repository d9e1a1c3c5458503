"""`reev-flow sessions list`: the sessions of a store, a line each."""

import os
import sys
from typing import Annotated

from cyclopts import Parameter, validators

from reev_flow.cli.json_document import write_document
from reev_flow.cli.options import AsJson, Store
from reev_flow.cli.output import tell, write_text
from reev_flow.cli.session_lines import seen_summary, session_list
from reev_flow.cli.session_place import place_of
from reev_flow.cli.session_standing import Seen, find_seen
from reev_flow.cli.session_store import NoStore, damaged_if_small, opened
from reev_flow.clock import SystemClock
from reev_flow.render.terminal_options import options_for
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.store import SessionQuery

States = Annotated[list[SessionState], Parameter(help="Only sessions in this state; more than once for several.")]
OfFlow = Annotated[str, Parameter(show_default=False, help="Only sessions of the flow of this name.")]
Limit = Annotated[int, Parameter(validator=validators.Number(gte=1), help="The most sessions to list.")]
Check = Annotated[bool, Parameter(help="Look for damage in a large store too.")]


def list_sessions(
    *,
    state: States | None = None,
    flow: OfFlow = "",
    limit: Limit = 100,
    check: Check = False,
    store: Store = None,
    json: AsJson = False,
) -> int:
    """List the sessions, the newest first. Damaged ones are named; in a large store only with --check."""
    query = SessionQuery(states=frozenset(state or ()), flow=flow, limit=limit)
    place, is_there = place_of(store), True
    try:
        with opened(place) as kept:
            location = kept.location
            found = find_seen(kept, query)
            damaged = kept.damaged().result() if check else damaged_if_small(kept)
    except NoStore as none:
        location, found, damaged = none.location, list[Seen](), ()
        is_there = False
        tell(str(none))
    for name in damaged or ():
        tell(f"session {name!r} is damaged; `reev-flow sessions show` says how, the others can still be used")
    if json:
        write_document(store=location, sessions=[seen_summary(one) for one in found], damaged=damaged)
    elif found:
        write_text(session_list(found, SystemClock().now_ns(), options_for(sys.stdout, os.environ)))
    elif is_there:
        tell(f"no {'such ' if state or flow else ''}session in {location}")
    return 0
