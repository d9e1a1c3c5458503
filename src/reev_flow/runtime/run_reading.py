"""One run out of the stores: what its session's journal tells, and what others said about it, as one trace."""

from collections.abc import Callable, Iterable, Iterator

from msgspec.structs import replace

from reev_flow.collect.assemble import assemble_one
from reev_flow.collect.journal_spans import spans_of
from reev_flow.collect.report import Losses
from reev_flow.errors import AmbiguousId, SessionNotFound, TraceNotFound
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.store import SessionQuery, SessionStore
from reev_flow.sessions.told import told
from reev_flow.trace.run import RunRecord
from reev_flow.trace.span import Span
from reev_flow.trace.store import TraceQuery, TraceStore
from reev_flow.trace.trace import Trace

MOST_SEARCHED = 10_000  # sessions, the newest first, for a flow of which only the beginning of its name is given
SEVERAL = 3
UNKNOWN_SERVICE = "unknown_service"  # what SDKs begin the name with when nobody gave one
LEAST_OF_TRACE_ID = 8
HEXADECIMAL = frozenset("0123456789abcdef")

OnLoss = Callable[[str], None]


def read_run(sessions: SessionStore, traces: TraceStore | None, wanted: str, *, on_loss: OnLoss | None = None) -> Trace:
    """`wanted` is a session id, the name of a flow, whose latest run is meant, or a trace id; or the beginning of one, if no other begins
    so. Waits for the stores, so coroutines call it in a thread.

    Raises `SessionNotFound`, which names the stores, and `AmbiguousId`. `on_loss` is told of spans that were damaged in the store.
    """
    session = find_session(sessions, wanted)
    if session is not None:
        own = spans_of(read_record_of(sessions, session))
        others = _stored_spans(traces, session.trace_id, on_loss)
        return assemble_one([*own, *(_with_service(span, session.flow) for span in others)])
    trace_id = _find_trace(traces, wanted)
    if trace_id is None:
        places = sessions.location if traces is None else f"{sessions.location} and {traces.location}"
        raise SessionNotFound(wanted, places)
    return assemble_one(list(_stored_spans(traces, trace_id, on_loss)))


def read_record_of(sessions: SessionStore, session: SessionData) -> RunRecord:
    """What the journal of that session tells."""
    return told(session, sessions.read_journal(session.session_id).result())


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
    by_trace = sessions.find(SessionQuery(trace_id_prefix=wanted.lower(), limit=SEVERAL)).result()
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


def _find_trace(traces: TraceStore | None, wanted: str) -> str | None:
    if traces is None or not wanted:
        return None
    found = traces.find(TraceQuery(id_prefix=wanted.lower(), limit=SEVERAL)).result()
    if len(found) > 1:
        raise AmbiguousId(wanted, tuple(summary.trace_id for summary in found))
    return found[0].trace_id if found else None


def _stored_spans(traces: TraceStore | None, trace_id: str, on_loss: OnLoss | None) -> Iterator[Span]:
    """Nothing when nobody else said anything about the run."""
    if traces is None:
        return
    try:
        stored = traces.read(trace_id).result()
    except TraceNotFound:
        return
    if stored.damaged and on_loss is not None:
        on_loss(
            f"trace {trace_id}: {len(stored.damaged)} of its chunks in {traces.location} are damaged; their spans are missing"
        )
    yield from _decoded(stored.chunks, trace_id)


def _with_service(span: Span, flow: str) -> Span:
    """Where the program that ran a flow did not say which service it is, the flow says more than that nobody knows."""
    if not span.source.service.startswith(UNKNOWN_SERVICE):
        return span
    return replace(span, source=replace(span.source, service=flow))


def _decoded(chunks: Iterable[bytes], trace_id: str) -> Iterator[Span]:
    from reev_flow.collect.otlp_protobuf import spans_of_message  # noqa: PLC0415 - a run without other spans needs no protobuf

    for chunk in chunks:
        yield from (span for span in spans_of_message(chunk, Losses()) if span.trace_id == trace_id)
