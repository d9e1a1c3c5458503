"""Which runs there are, newest first, by what stores know of them without reading a span."""

from collections.abc import Iterable, Sequence

import msgspec

from reev_flow.runtime.run_standing import standing_of
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.store import SessionQuery, SessionStore
from reev_flow.trace.standing import RunState
from reev_flow.trace.store import TraceQuery, TraceStore, TraceSummary

MOST_IN_ONE_TRACE = 100  # sessions


class RunLine(msgspec.Struct, frozen=True, kw_only=True):
    """One run. `session_ids` are empty for one that only sent its spans; `spans` are those that were sent, copies counted twice. Times are
    UTC nanoseconds since 1970; `ended_ns` is the latest that is known.
    """

    trace_id: str
    name: str
    state: RunState
    began_ns: int
    ended_ns: int
    service: str = ""
    spans: int = 0
    session_ids: tuple[str, ...] = ()
    conversations: tuple[str, ...] = ()


def list_runs(
    sessions: SessionStore | None,
    traces: TraceStore | None,
    *,
    now_ns: int,
    limit: int = 100,
    skip: int = 0,
    conversation: str = "",
) -> list[RunLine]:
    """Those that began last come first, ties by id; `skip` leaves out as many of them. With a conversation, the runs whose spans name it.
    Waits for the stores.
    """
    asked = limit + skip
    kept = () if sessions is None or conversation else sessions.find(SessionQuery(limit=asked)).result()
    found = () if traces is None else traces.find(TraceQuery(limit=asked, conversation=conversation)).result()
    owners = _by_trace(kept)
    summaries = {summary.trace_id: summary for summary in found}
    _add_owners(sessions, summaries.values(), owners)
    _add_summaries(traces, owners, summaries)
    lines = [
        _line(trace_id, summaries.get(trace_id), owners.get(trace_id, ()), now_ns)
        for trace_id in {**summaries, **owners}
    ]
    return sorted(lines, key=lambda line: (-line.began_ns, line.trace_id))[skip:asked]


def _by_trace(sessions: Iterable[SessionData]) -> dict[str, list[SessionData]]:
    by_trace: dict[str, list[SessionData]] = {}
    for session in sessions:
        by_trace.setdefault(session.trace_id, []).append(session)
    return by_trace


def _add_owners(
    sessions: SessionStore | None, summaries: Iterable[TraceSummary], owners: dict[str, list[SessionData]]
) -> None:
    """A trace without a root may belong to a session that is older than those asked for."""
    if sessions is None:
        return
    for trace_id in [one.trace_id for one in summaries if not one.has_root and one.trace_id not in owners]:
        found = sessions.find(SessionQuery(trace_id_prefix=trace_id, limit=MOST_IN_ONE_TRACE)).result()
        if found:
            owners[trace_id] = list(found)


def _add_summaries(traces: TraceStore | None, wanted: Iterable[str], summaries: dict[str, TraceSummary]) -> None:
    if traces is None:
        return
    missing = frozenset(wanted) - summaries.keys()
    if missing:
        found = traces.find(TraceQuery(trace_ids=missing, limit=len(missing))).result()
        summaries.update((summary.trace_id, summary) for summary in found)


def _line(trace_id: str, summary: TraceSummary | None, owners: Sequence[SessionData], now_ns: int) -> RunLine:
    by_age = sorted(owners, key=lambda session: (session.created_ns, session.session_id))
    began = [session.created_ns for session in by_age]
    ended = [session.ended_ns or session.updated_ns for session in by_age]
    if summary is not None:
        began.append(summary.start_ns)
        ended.append(summary.end_ns)
    return RunLine(
        trace_id=trace_id,
        name=by_age[0].flow if by_age else summary.root if summary is not None else "",
        state=standing_of(summary, by_age).state(now_ns),
        began_ns=min(filter(None, began), default=0),
        ended_ns=max(ended),
        service="" if summary is None else summary.service,
        spans=0 if summary is None else summary.spans,
        session_ids=tuple(session.session_id for session in by_age),
        conversations=() if summary is None else summary.conversations,
    )
