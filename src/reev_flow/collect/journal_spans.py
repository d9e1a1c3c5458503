"""The spans of a run as its journal tells it: the flow, every attempt at a step, every question, and the time without a worker."""

from msgspec.structs import replace

from reev_flow.collect.journal_edges import Ids, edges_of
from reev_flow.collect.normalize import normalize
from reev_flow.collect.own_words import STEP_WORDS, WORDS, Words, clean, given, identity, returned, span_name
from reev_flow.collect.redaction import BUILT_IN, Redaction
from reev_flow.trace import semantics
from reev_flow.trace.run import (
    HAPPENED,
    Attempt,
    Fork,
    Gap,
    GapKind,
    Outcome,
    RunRecord,
    flow_span_id,
    gap_span_id,
    question_span_id,
    step_span_id,
)
from reev_flow.trace.span import Attributes, Flag, Operation, Source, Span, SpanKind, SpanLink, Status

SOURCE = Source(scope=semantics.SESSION_SCOPE)
INTERRUPTED = "interrupted"
WORKER_GONE = "its worker is gone"
FAILED_STATES = ("failed", "timed_out", "cancelled")


def spans_of(record: RunRecord, redaction: Redaction = BUILT_IN) -> tuple[Span, ...]:
    """Normalised, and the same whenever the same part of a journal is told: ids come from the session, the step and the attempt.

    All but the flow are its children. What has no end yet is `UNFINISHED`. An attempt that was caught in the middle failed, until it is
    known to have done its work. Questions tell themselves how long a run waited, so a waiting gap has no span of its own. A journal keeps
    values as they are, since a step that is resumed needs them; its spans are shown, so they are freed of secrets.
    """
    attempts = [(attempt_span_id(record, attempt), attempt) for attempt in record.attempts]
    gaps = enumerate((gap for gap in record.gaps if gap.kind is GapKind.DOWN), 1)
    downs = [(gap_span_id(record.session_id, gap.kind, number), gap) for number, gap in gaps]
    edges = edges_of(record, attempts, downs)
    return (
        _told(flow_span(record, redaction), semantics.REEV_JOINED, edges.joined),
        *(
            _told(attempt_span(record, attempt, redaction), semantics.REEV_AFTER, edges.after.get(span_id))
            for span_id, attempt in attempts
        ),
        *(
            _told(
                _understood(redaction, _down_span(record, gap, span_id)), semantics.REEV_AFTER, edges.after.get(span_id)
            )
            for span_id, gap in downs
        ),
    )


def _told(span: Span, name: str, ids: Ids) -> Span:
    return span if ids is None else replace(span, attributes={**span.attributes, name: list(ids)})


def flow_span(record: RunRecord, redaction: Redaction = BUILT_IN) -> Span:
    words = WORDS[Operation.FLOW]
    status, message = Status.UNSET, ""
    if record.state in FAILED_STATES:
        status, message = Status.ERROR, _told_state(record)
    return _understood(
        redaction,
        Span(
            trace_id=record.trace_id,
            span_id=flow_span_id(record.session_id),
            parent_id=record.parent_span_id,
            name=span_name(words, record.flow),
            start_ns=record.started_ns,
            end_ns=record.ended_ns or 0,
            flags=_unfinished(record.ended_ns),
            kind=words.kind,
            status=status,
            status_message=clean(message),
            source=SOURCE,
            links=_link_of(record.forked_from),
            attributes={
                **identity(Operation.FLOW, words, record.flow),
                semantics.REEV_SESSION_ID: clean(record.session_id),
                semantics.REEV_SESSION_STATE: record.state,
                **_told_fork(record.forked_from),
                **given(words, record.arguments),
                **returned(words, record.result),
            },
        ),
    )


def _link_of(fork: Fork | None) -> tuple[SpanLink, ...]:
    """To the run that it was forked from."""
    if fork is None:
        return ()
    return (SpanLink(trace_id=fork.trace_id, span_id=flow_span_id(fork.session_id), attributes=_told_fork(fork)),)


def _told_fork(fork: Fork | None) -> Attributes:
    if fork is None:
        return {}
    return {semantics.REEV_FORKED_FROM: clean(fork.session_id), semantics.REEV_FORKED_STEP: clean(fork.step)}


def attempt_span(record: RunRecord, attempt: Attempt, redaction: Redaction = BUILT_IN) -> Span:
    words = STEP_WORDS[attempt.operation]
    is_open = attempt.outcome in {Outcome.RUNNING, Outcome.WAITING}
    status, message = _status(attempt)
    return _understood(
        redaction,
        Span(
            trace_id=record.trace_id,
            span_id=attempt_span_id(record, attempt),
            parent_id=flow_span_id(record.session_id),
            name=span_name(words, attempt.name),
            start_ns=attempt.started_ns,
            end_ns=0 if is_open else attempt.ended_ns or attempt.started_ns,
            flags=_unfinished(None if is_open else attempt.ended_ns),
            kind=words.kind,
            status=status,
            status_message=clean(message),
            source=SOURCE,
            attributes=_attempt_attributes(record, attempt, words),
        ),
    )


def attempt_span_id(record: RunRecord, attempt: Attempt) -> str:
    if attempt.is_question:
        return question_span_id(record.session_id, attempt.step, attempt.number)
    return step_span_id(record.session_id, attempt.step, attempt.number)


def _attempt_attributes(record: RunRecord, attempt: Attempt, words: Words) -> Attributes:
    told: Attributes = {
        semantics.REEV_SESSION_ID: record.session_id,
        semantics.REEV_STEP_ID: attempt.step,
        semantics.REEV_STEP_EFFECT: attempt.effect,
        semantics.REEV_OUTCOME: attempt.outcome.value,
        semantics.REEV_REASON: attempt.reason,
        semantics.REEV_SETTLED: attempt.settled,
        semantics.REEV_BY: attempt.by,
        semantics.REEV_QUESTION: attempt.question,
        semantics.REEV_GAP: GapKind.WAITING.value if attempt.is_question else "",
        semantics.ERROR_TYPE: attempt.error_type,
    }
    return {
        **identity(attempt.operation, words, attempt.name),
        semantics.REEV_STEP_ATTEMPT: attempt.number,
        **{name: clean(value) for name, value in told.items() if isinstance(value, str) and value},
        **given(words, attempt.question or attempt.arguments),
        **returned(words, attempt.result),
    }


def _status(attempt: Attempt) -> tuple[Status, str]:
    """An error's message begins with its class, as it stands in the words that analysis reads."""
    if attempt.outcome is Outcome.FAILED:
        return Status.ERROR, _told_error(attempt)
    if attempt.outcome is not Outcome.INTERRUPTED or attempt.settled == HAPPENED:
        return Status.UNSET, ""
    if attempt.reason.startswith("cancelled"):
        return Status.ERROR, attempt.reason
    is_worker_gone = attempt.reason in {"", WORKER_GONE}
    return Status.ERROR, INTERRUPTED if is_worker_gone else f"{INTERRUPTED}: {attempt.reason}"


def _told_error(attempt: Attempt) -> str:
    name = attempt.error_type.rpartition(".")[2]
    return ": ".join(part for part in (name, attempt.error_message) if part)


def _told_state(record: RunRecord) -> str:
    state = record.state.replace("_", " ")
    if not record.error:
        return state
    return record.error if record.state == "failed" else f"{state}: {record.error}"


def _down_span(record: RunRecord, gap: Gap, span_id: str) -> Span:
    reason: Attributes = {semantics.REEV_REASON: clean(gap.label)} if gap.label else {}
    return Span(
        trace_id=record.trace_id,
        span_id=span_id,
        parent_id=flow_span_id(record.session_id),
        name=gap.kind.value,
        start_ns=gap.start_ns,
        end_ns=gap.end_ns or 0,
        flags=_unfinished(gap.end_ns),
        kind=SpanKind.INTERNAL,
        source=SOURCE,
        attributes={
            semantics.REEV_OPERATION: Operation.STEP.value,
            semantics.REEV_SESSION_ID: clean(record.session_id),
            semantics.REEV_GAP: gap.kind.value,
            **reason,
        },
    )


def _understood(redaction: Redaction, span: Span) -> Span:
    return normalize(redaction.span(span))


def _unfinished(ended_ns: int | None) -> frozenset[Flag]:
    return frozenset({Flag.UNFINISHED}) if ended_ns is None else frozenset()
