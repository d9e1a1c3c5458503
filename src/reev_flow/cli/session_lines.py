"""Sessions as they stand in a list: a line each on a terminal, a summary each in JSON."""

from collections.abc import Sequence

from reev_flow.cli.json_document import Document, ns_text
from reev_flow.cli.moments import told_age, told_moment
from reev_flow.cli.session_standing import Seen
from reev_flow.cli.tables import fits, table
from reev_flow.render.terminal_options import TerminalOptions
from reev_flow.sessions.data import SessionData

NARROWEST_FLOW = 6  # most ids begin with it
HEAD = ("session", "state", "began", "changed", "flow")
LAYOUTS = (HEAD, ("session", "state", "changed", "flow"), ("session", "state", "changed"), ("session", "state"))


def session_summary(session: SessionData) -> Document:
    return {
        "session_id": session.session_id,
        "flow": session.flow,
        "state": session.state,
        "created_ns": str(session.created_ns),
        "updated_ns": str(session.updated_ns),
        "ended_ns": ns_text(session.ended_ns),
        "entry_point": session.entry_point,
        "trace_id": session.trace_id,
        "forked_from": session.forked_from or None,
        "error": session.error,
    }


def seen_summary(seen: Seen) -> Document:
    return {
        **session_summary(seen.session),
        "state": seen.state,
        "worker": seen.worker or None,
        "is_worker_gone": seen.is_worker_gone,
    }


def told_state(state: str) -> str:
    return state.replace("_", " ")


def told_standing(seen: Seen) -> str:
    return f"{told_state(seen.state)} (worker gone)" if seen.is_worker_gone else told_state(seen.state)


def _told_flow(session: SessionData) -> str:
    """With where it came from, in the last column: that is cut where there is no room for it."""
    return f"{session.flow}, forked from {session.forked_from}" if session.forked_from else session.flow


def session_list(sessions: Sequence[Seen], now_ns: int, options: TerminalOptions) -> str:
    """A line each. Ids stay whole, so that they can be copied: where there is no room, other columns are left out."""
    cells = [
        {
            "session": one.session.session_id,
            "state": told_standing(one),
            "began": told_moment(one.session.created_ns, options.zone, to="minutes"),
            "changed": told_age(one.session.updated_ns, now_ns),
            "flow": _told_flow(one.session),
        }
        for one in sessions
    ]
    for head in LAYOUTS:
        rows = [[cell[title] for title in head] for cell in cells]
        least_last = NARROWEST_FLOW if head[-1] == "flow" else options.width
        if fits(head, rows, options, least_last=least_last):
            return table(head, rows, options, least_last=least_last)
    return table(HEAD, [list(cell.values()) for cell in cells], options, is_first_whole=True)
