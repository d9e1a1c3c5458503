"""Spans out of the session logs of reev: one trace for each session, one span for each call of a tool."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from hashlib import blake2b

from reev_flow.collect.json_text import Unread
from reev_flow.collect.otlp_values import settle_times
from reev_flow.collect.reev_events import ReevEvent, What, read_events
from reev_flow.collect.report import Losses
from reev_flow.trace import semantics
from reev_flow.trace.span import Attributes, Source, Span, SpanEvent, SpanKind, Status

MOST_SESSIONS = 256  # of which something is remembered; logs of more than one are rare
MOST_OPEN_CALLS = 256
SERVICE = AGENT = "reev"
PROMPT = "user_prompt"
CONVERSATION = "gen_ai.conversation.id"
UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE).fullmatch
NO_ID = "0" * 32


class _Session:
    """What is remembered of one session: how it began, and which calls have not ended."""

    def __init__(self, first: ReevEvent) -> None:
        self.session_id = first.session_id
        self.trace_id = _trace_id(first.session_id)
        self.root_id = _span_id(first.session_id)
        self.start_ns = self.last_ns = first.time_ns
        self.is_closed = False
        self.open_calls: list[ReevEvent] = []
        self.source = Source(
            service=SERVICE,
            scope=SERVICE,
            scope_version=first.version,
            resource={semantics.SERVICE_NAME: SERVICE},
        )
        self._alike: Counter[tuple[str, int]] = Counter()

    def root(self, *events: SpanEvent, attributes: Attributes | None = None, end_ns: int = 0) -> Span:
        """A record of the session's own span; what several of them say belongs together."""
        start_ns, settled_ns, flags = settle_times(self.start_ns, end_ns)
        return Span(
            trace_id=self.trace_id,
            span_id=self.root_id,
            name=f"invoke_agent {AGENT}",
            start_ns=start_ns,
            end_ns=settled_ns,
            kind=SpanKind.INTERNAL,
            source=self.source,
            attributes={
                semantics.GEN_AI_OPERATION: "invoke_agent",
                semantics.GEN_AI_AGENT: AGENT,
                CONVERSATION: self.session_id,
                **(attributes or {}),
            },
            events=events,
            flags=flags,
        )

    def call_id(self, name: str, time_ns: int) -> str:
        """The same whenever the log is read again, also when it has grown."""
        self._alike[name, time_ns] += 1
        return _span_id(self.session_id, name, str(time_ns), str(self._alike[name, time_ns]))


class ReevLog:
    """Reads the lines of one input in their order, as a call is told in two of them.

    A session lasts until its log says that it was closed; as long as it does not, its span has no end.
    """

    def __init__(self) -> None:
        self._sessions: dict[str, _Session] = {}

    def read(self, fields: Mapping[str, Unread], losses: Losses) -> Iterator[Span]:
        events = read_events(fields)
        if not events:
            losses.misshapen("reev events")
        for event in events:
            session = self._sessions.pop(event.session_id, None)
            if session is None:
                session = _Session(event)
                yield session.root()
            if len(self._sessions) >= MOST_SESSIONS:
                yield from _end(self._sessions.pop(next(iter(self._sessions))))
            self._sessions[event.session_id] = session  # the one heard of last is the last to be forgotten
            yield from _take(session, event)

    def end(self) -> Iterator[Span]:
        """What was still open when the input ended."""
        for session in self._sessions.values():
            yield from _end(session)
        self._sessions.clear()


def _take(session: _Session, event: ReevEvent) -> Iterator[Span]:
    if event.what is What.CLOSED:
        session.is_closed = True
        return
    session.last_ns = max(session.last_ns, event.time_ns)
    if event.what is What.NOTED:
        prompt = event.told.get(PROMPT)
        noted = SpanEvent(time_ns=event.time_ns, name=event.name, attributes=event.told)
        yield session.root(noted, attributes={semantics.REEV_INPUT: prompt} if prompt else None)
    elif event.what is What.BEGAN:
        session.open_calls.append(event)
        if len(session.open_calls) > MOST_OPEN_CALLS:
            yield _call(session, session.open_calls.pop(0), None)
    else:
        yield _call(session, _beginning_of(session, event), event)


def _end(session: _Session) -> Iterator[Span]:
    for call in session.open_calls:
        yield _call(session, call, None)
    if session.is_closed:
        yield session.root(end_ns=session.last_ns)


def _beginning_of(session: _Session, ended: ReevEvent) -> ReevEvent | None:
    """Of the calls that are open and have that name, if there is one, the call that has lasted nearest to what was measured; the last of equals."""
    candidates = [call for call in session.open_calls if call.name == ended.name] if ended.name else []
    candidates = candidates or ([] if ended.arguments is not None else session.open_calls)
    if not candidates:
        return None
    nearest = min(reversed(candidates), key=lambda call: abs(ended.time_ns - call.time_ns - ended.lasted_ns))
    session.open_calls.remove(nearest)
    return nearest


def _call(session: _Session, began: ReevEvent | None, ended: ReevEvent | None) -> Span:
    """A call of which only one half is known is as long as that half says."""
    known = began or ended
    assert known is not None  # noqa: S101 - one of them is what is being told
    start_ns = began.time_ns if began else max(known.time_ns - known.lasted_ns, 0)
    settled = settle_times(start_ns, max(ended.time_ns, start_ns) if ended else 0)
    attributes: Attributes = {
        semantics.GEN_AI_OPERATION: "execute_tool",
        semantics.GEN_AI_TOOL: known.name,
        semantics.GEN_AI_ARGUMENTS: began.arguments if began else None,
        semantics.GEN_AI_RESULT: ended.result if ended else None,
        CONVERSATION: session.session_id,
    }
    return Span(
        trace_id=session.trace_id,
        span_id=session.call_id(known.name, start_ns),
        parent_id=session.root_id,
        name=f"execute_tool {known.name}".rstrip(),
        start_ns=settled[0],
        end_ns=settled[1],
        kind=SpanKind.INTERNAL,
        status=(Status.ERROR if ended.has_failed else Status.OK) if ended else Status.UNSET,
        status_message=ended.message if ended else "",
        source=session.source,
        attributes={name: value for name, value in attributes.items() if value not in (None, "")},
        flags=settled[2],
    )


def _trace_id(session_id: str) -> str:
    """Reev names its sessions by UUIDs, which have the form of a trace id; other names get one of their own."""
    digits = session_id.replace("-", "").lower()
    if UUID(session_id) and digits != NO_ID:
        return digits
    return blake2b(session_id.encode(errors="replace"), digest_size=16).hexdigest()


def _span_id(*parts: str) -> str:
    return blake2b("\0".join(parts).encode(errors="replace"), digest_size=8).hexdigest()
