"""How complete a run is, by what its sessions say and by what is kept of its trace."""

from collections.abc import Sequence

from reev_flow.sessions.data import SessionData
from reev_flow.trace.standing import Standing
from reev_flow.trace.store import TraceSummary


def standing_of(summary: TraceSummary | None, sessions: Sequence[SessionData]) -> Standing:
    """There must be one or the other. Of a run with sessions these say when it is over: its root is there, and so are spans that others only
    name.
    """
    touched = [session.updated_ns for session in sessions]
    if summary is not None:
        touched.append(summary.added_ns)
    return Standing(
        touched_ns=max(touched),
        is_whole=bool(sessions) or (summary is not None and summary.has_root and not summary.unfinished),
        is_alive=any(not session.state.is_end for session in sessions),
    )
