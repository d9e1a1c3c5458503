"""Sessions as they stand in a list: a line each on a terminal, a summary each in JSON."""

from collections.abc import Sequence

from reev_flow.cli.json_document import Document, ns_text
from reev_flow.cli.moments import told_age, told_moment
from reev_flow.cli.tables import table
from reev_flow.render.terminal_options import TerminalOptions
from reev_flow.sessions.data import SessionData

SHORTEST_ID = 8
NARROWEST_FLOW = 6  # most ids begin with it
HEAD = ("session", "state", "began", "changed", "flow")


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
        "error": session.error,
    }


def told_state(state: str) -> str:
    return state.replace("_", " ")


def session_list(sessions: Sequence[SessionData], now_ns: int, options: TerminalOptions) -> str:
    """A line each. Where whole ids leave no room, so much of each is shown as tells it from the others."""
    ids = [session.session_id for session in sessions]
    rows = [
        (
            session.session_id,
            told_state(session.state),
            told_moment(session.created_ns, options.zone, to="minutes"),
            told_age(session.updated_ns, now_ns),
            session.flow,
        )
        for session in sessions
    ]
    if sum(max(len(row[column]) for row in rows) + 2 for column in range(len(HEAD))) > options.width:
        length = _telling_length(ids)
        rows = [(row[0][:length], *row[1:]) for row in rows]
    return table(HEAD, rows, options, least_last=NARROWEST_FLOW)


def _telling_length(ids: Sequence[str]) -> int:
    longest = max(map(len, ids), default=SHORTEST_ID)
    lengths = range(SHORTEST_ID, longest)
    return next((length for length in lengths if len({one[:length] for one in ids}) == len(ids)), longest)
