"""`reev-flow sessions prune`: forgets sessions that ended long ago."""

from collections.abc import Iterator
from typing import Annotated

from cyclopts import Parameter, validators

from reev_flow.cli.json_document import write_document
from reev_flow.cli.moments import told_moment
from reev_flow.cli.options import AsJson, Store
from reev_flow.cli.output import tell, write_text
from reev_flow.cli.session_place import place_of
from reev_flow.cli.session_store import NoStore, opened
from reev_flow.clock import SystemClock
from reev_flow.render.printable import printable
from reev_flow.runtime.room import give_back_all
from reev_flow.sessions.state import ENDS
from reev_flow.sessions.store import SessionQuery, SessionStore
from reev_flow.settings import current_settings

DAY_NS = 24 * 3_600 * 1_000_000_000
MOST_AT_ONCE = 1_000
MOST_LOOKED_AT = 100_000

Days = Annotated[
    float | None,
    Parameter(
        validator=validators.Number(gte=0),
        help="Forget sessions that ended more than this many days ago. [default: the setting sessions.retention_days]",
    ),
]
DryRun = Annotated[bool, Parameter(help="Only say which sessions would be forgotten.")]


def prune(*, older_than: Days = None, dry_run: DryRun = False, store: Store = None, json: AsJson = False) -> int:
    """Forget sessions that ended long ago, with their journals. Prints the ids of those it forgot."""
    days = current_settings().number("sessions.retention_days") if older_than is None else older_than
    before_ns = SystemClock().now_ns() - int(days * DAY_NS)
    try:
        with opened(place_of(store)) as kept:
            location = kept.location
            names = list(_candidates(kept, before_ns) if dry_run else _forgotten(kept, before_ns))
            if not dry_run:
                give_back_all(kept)  # also what others forgot before
    except NoStore as none:
        location, names = none.location, []
        tell(str(none))
    if json:
        write_document(store=location, ended_before_ns=str(before_ns), forgotten=names, dry_run=dry_run)
    else:
        write_text("".join(f"{printable(name)}\n" for name in names))
    would = "would be forgotten" if dry_run else "forgotten"
    tell(f"{len(names):,} session{'' if len(names) == 1 else 's'} that ended before {told_moment(before_ns)} {would}")
    return 0


def _forgotten(store: SessionStore, before_ns: int) -> Iterator[str]:
    while names := store.prune(before_ns, MOST_AT_ONCE).result():
        yield from names


def _candidates(store: SessionStore, before_ns: int) -> Iterator[str]:
    """The oldest first, as they would be forgotten."""
    found = store.find(SessionQuery(states=ENDS, limit=MOST_LOOKED_AT)).result()
    ended = [(session.ended_ns or session.updated_ns, session.session_id) for session in found]
    return (name for ended_ns, name in sorted(ended) if ended_ns < before_ns)
