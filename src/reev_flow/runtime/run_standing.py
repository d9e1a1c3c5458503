"""How complete a run is, by what its sessions say and by what is kept of its trace."""

from collections.abc import Sequence

from reev_flow.sessions.data import SessionData
from reev_flow.trace.standing import Standing
from reev_flow.trace.store import TraceSummary


def standing_of(summary: TraceSummary | None, sessions: Sequence[SessionData]) -> Standing:
    """There must be one or the other. A run with a session has its root there; that others name a span of it as their parent is no lack."""
    touched = [session.updated_ns for session in sessions]
    has_root, unfinished = bool(sessions), 0
    if summary is not None:
        touched.append(summary.added_ns)
        has_root |= summary.has_root
        unfinished = summary.unfinished
    return Standing(
        touched_ns=max(touched),
        is_whole=has_root and not unfinished,
        is_alive=any(not session.state.is_end for session in sessions),
    )
