"""Which run is meant by an id, the name of a flow, or the beginning of one."""

from reev_flow.errors import AmbiguousId, SessionNotFound
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.store import SessionQuery, SessionStore
from reev_flow.trace.store import TraceQuery, TraceStore

MOST_SEARCHED = 10_000  # sessions, the newest first, for a flow of which only the beginning of its name is given
SEVERAL = 3
MOST_IN_ONE_TRACE = 100  # sessions
LEAST_OF_TRACE_ID = 8
HEXADECIMAL = frozenset("0123456789abcdef")


def find_session(sessions: SessionStore, wanted: str) -> SessionData | None:
    """The one that is meant, None when none is. Exact names go before beginnings of names, and session ids before flows before traces."""
    if not wanted:
        return None
    try:
        return sessions.load(wanted).result()
    except SessionNotFound:
        pass
    latest = sessions.find(SessionQuery(flow=wanted, limit=1)).result()
    if latest:
        return latest[0]
    by_id = sessions.find(SessionQuery(id_prefix=wanted, limit=SEVERAL)).result()
    if len(by_id) == 1:
        return by_id[0]
    by_trace = _one_of_each_trace(sessions.find(SessionQuery(trace_id_prefix=wanted.lower(), limit=SEVERAL)).result())
    by_flow = [] if not by_id and _is_of_trace_id(wanted) else _latest_of_flows(sessions, wanted)
    if len(by_flow) == 1:
        return by_flow[0]
    candidates = [
        *(session.flow for session in by_flow),
        *(session.session_id for session in by_id),
        *(session.trace_id for session in by_trace),
    ]
    if len(candidates) > 1:
        raise AmbiguousId(wanted, tuple(candidates[:SEVERAL]))
    return by_trace[0] if by_trace else None


def _is_of_trace_id(wanted: str) -> bool:
    """So many hexadecimal digits are hardly the beginning of the name of a flow."""
    return len(wanted) >= LEAST_OF_TRACE_ID and HEXADECIMAL.issuperset(wanted.lower())


def _latest_of_flows(sessions: SessionStore, wanted: str) -> list[SessionData]:
    """The latest run of each flow whose name begins so. The ids that this package makes begin with it, too."""
    found = sessions.find(SessionQuery(limit=MOST_SEARCHED)).result()
    latest: dict[str, SessionData] = {}
    for session in found:
        if session.flow.startswith(wanted):
            latest.setdefault(session.flow, session)
    return list(latest.values())


def sessions_of(sessions: SessionStore, trace_id: str) -> tuple[SessionData, ...]:
    """Those whose spans are in that trace, the one that was created first first. There is hardly ever more than one."""
    found = sessions.find(SessionQuery(trace_id_prefix=trace_id, limit=MOST_IN_ONE_TRACE)).result()
    return tuple(sorted(found, key=lambda session: (session.created_ns, session.session_id)))


def _one_of_each_trace(found: tuple[SessionData, ...]) -> list[SessionData]:
    return list({session.trace_id: session for session in reversed(found)}.values())[::-1]


def find_trace(traces: TraceStore | None, wanted: str) -> str | None:
    """The id of the trace whose id begins so, None when there is none. Raises `AmbiguousId`."""
    if traces is None or not wanted:
        return None
    found = traces.find(TraceQuery(id_prefix=wanted.lower(), limit=SEVERAL)).result()
    if len(found) > 1:
        raise AmbiguousId(wanted, tuple(summary.trace_id for summary in found))
    return found[0].trace_id if found else None
