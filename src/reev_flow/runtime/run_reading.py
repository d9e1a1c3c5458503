"""One run out of the stores: what the journals of its sessions tell, and what others said about it, as one trace."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from reev_flow.clock import Clock, SystemClock
from reev_flow.collect.assemble import assemble_one
from reev_flow.collect.journal_spans import spans_of
from reev_flow.collect.report import Losses
from reev_flow.errors import SessionError, SessionNotFound, TraceNotFound
from reev_flow.runtime.run_finding import find_session, find_trace, sessions_of
from reev_flow.runtime.run_standing import standing_of
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.store import SessionStore
from reev_flow.sessions.told import told
from reev_flow.sessions.told_attempts import NO_SIGNS
from reev_flow.trace.run import RunRecord
from reev_flow.trace.span import Span
from reev_flow.trace.standing import RunState
from reev_flow.trace.store import TraceQuery, TraceStore, TraceSummary
from reev_flow.trace.trace import Trace

UNKNOWN_SERVICE = "unknown_service"  # what SDKs begin the name with when nobody gave one

OnLoss = Callable[[str], None]


class StoredRun(msgspec.Struct, frozen=True, kw_only=True):
    """Every record of the spans of one run, as they were received, and whether more is to come."""

    trace_id: str
    records: tuple[Span, ...]
    state: RunState


def read_run(
    sessions: SessionStore,
    traces: TraceStore | None,
    wanted: str,
    *,
    on_loss: OnLoss | None = None,
    adjust_clocks: bool = False,
) -> Trace:
    """`wanted` is a session id, the name of a flow, whose latest run is meant, or a trace id; or the beginning of one, if no other begins
    so. Waits for the stores, so coroutines call it in a thread.

    Raises `SessionNotFound`, which names the stores, and `AmbiguousId`. `on_loss` is told of spans that were damaged in the store.
    With `adjust_clocks` what was timed by a clock that was off is moved so that it fits.
    """
    stored = read_stored_run(sessions, traces, wanted, on_loss=on_loss)
    return assemble_one(stored.records, adjust_clocks=adjust_clocks)


def read_stored_run(
    sessions: SessionStore,
    traces: TraceStore | None,
    wanted: str,
    *,
    on_loss: OnLoss | None = None,
    clock: Clock | None = None,
) -> StoredRun:
    """The same run in its parts, to be assembled, maybe with what else is known of it."""
    session = find_session(sessions, wanted)
    trace_id = find_trace(traces, wanted) if session is None else session.trace_id
    if trace_id is None:
        places = sessions.location if traces is None else f"{sessions.location} and {traces.location}"
        raise SessionNotFound(wanted, places)
    told_loss = on_loss or _keep_silent
    owners = () if session is None else sessions_of(sessions, trace_id)
    others = list(_stored_spans(traces, trace_id, told_loss))
    if owners:
        others = [_with_service(span, owners[0].flow) for span in others]
    signs_ns = _signs_of_life(others)
    own = [span for owner in owners for span in _journal_spans(sessions, owner, session, told_loss, signs_ns=signs_ns)]
    standing = standing_of(_summary(traces, trace_id), owners)
    return StoredRun(
        trace_id=trace_id,
        records=(*own, *others),
        state=standing.state((clock or SystemClock()).now_ns()),
    )


def read_record_of(sessions: SessionStore, session: SessionData, signs_ns: Mapping[str, int] = NO_SIGNS) -> RunRecord:
    """What the journal of that session tells."""
    return told(session, sessions.read_journal(session.session_id).result(), signs_ns)


def _signs_of_life(spans: Iterable[Span]) -> Mapping[str, int]:
    """When something last ended inside of a span, by its id: an attempt that was killed had lived until then."""
    signs_ns: dict[str, int] = {}
    for span in spans:
        if span.parent_id is not None:
            signs_ns[span.parent_id] = max(signs_ns.get(span.parent_id, 0), span.end_ns)
    return signs_ns


def _keep_silent(_: str) -> None:
    pass


def _journal_spans(
    sessions: SessionStore,
    owner: SessionData,
    asked_for: SessionData | None,
    on_loss: OnLoss,
    *,
    signs_ns: Mapping[str, int],
) -> Sequence[Span]:
    """A session that cannot be read keeps another one in its trace from nothing."""
    try:
        return spans_of(read_record_of(sessions, owner, signs_ns))
    except SessionError as error:
        if asked_for is not None and owner.session_id == asked_for.session_id:
            raise
        on_loss(str(error))
        return ()


def _summary(traces: TraceStore | None, trace_id: str) -> TraceSummary | None:
    found = () if traces is None else traces.find(TraceQuery(id_prefix=trace_id, limit=1)).result()
    return found[0] if found else None


def _stored_spans(traces: TraceStore | None, trace_id: str, on_loss: OnLoss) -> Iterator[Span]:
    """Nothing when nobody else said anything about the run."""
    if traces is None:
        return
    try:
        stored = traces.read(trace_id).result()
    except TraceNotFound:
        return
    if stored.damaged:
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
