"""What a run left behind, in a form in which two runs can be laid beside each other."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from reev_flow.chaos.ledger import Ledger
from reev_flow.chaos.promises import (
    broken_promises,
    calls_of,
    done_in_peace,
    kept_spans,
    trace_ids_of,
)
from reev_flow.chaos.rehearsed import SESSION_ID
from reev_flow.chaos.sights import Sight, Sights
from reev_flow.chaos.span_facts import OwnSpan, ids_in_store, own_spans, spans_below_steps
from reev_flow.errors import ReevFlowError
from reev_flow.runtime.run_reading import read_run
from reev_flow.sessions.history import Standing, StepHistory, read_history
from reev_flow.sessions.journal import EntryKind
from reev_flow.sessions.records import Answer, Failure, Verdict, read_record
from reev_flow.sessions.store import SessionStore
from reev_flow.stores.urls import open_session_store, open_trace_store
from reev_flow.trace.store import TraceStore


class StepFacts(msgspec.Struct, frozen=True):
    """How a step ended, and with what: its encoded result, its error or its answer, after so many attempts."""

    standing: str
    outcome: bytes = b""
    attempts: int = 1


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """`effects` are what happened outside, as (what, identity) pairs; `calls` what each worker called, in its order; `spans` those of the
    flow and its steps, by id, `inner_spans` the names of those of tools and models, by step; `trace_ids` the traces of them all;
    `in_peace` the steps that were done by workers that ended in order; `broken` what workers were promised in vain; `lost` the spans among
    that; `problem` is what keeps the rest from being known.
    """

    state: str = ""
    result: bytes = b""
    error: str = ""
    steps: dict[str, StepFacts] = {}
    effects: tuple[tuple[str, str], ...] = ()
    calls: tuple[tuple[str, ...], ...] = ()
    spans: dict[str, OwnSpan] = {}
    inner_spans: dict[str, tuple[str, ...]] = {}
    trace_ids: tuple[str, ...] = ()
    in_peace: frozenset[str] = frozenset()
    broken: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()
    problem: str = ""


def facts_in(place: Path, ledger: Ledger, sights: Sights) -> Facts:
    """Of the session in that folder, and of the outside world."""
    effects = tuple((one.what, one.identity) for one in ledger.read())
    try:
        store = open_session_store(place)
        try:
            traces = open_trace_store(place)
            try:
                return _read(store, traces, effects, sights.read())
            finally:
                traces.close()
        finally:
            store.close()
    except ReevFlowError as error:
        return Facts(effects=effects, problem=f"{type(error).__name__}: {error}")


def _read(
    store: SessionStore, traces: TraceStore, effects: tuple[tuple[str, str], ...], sights: Sequence[Sight]
) -> Facts:
    session = store.load(SESSION_ID).result()
    entries = store.read_journal(SESSION_ID).result()
    subjects = {message.subject for message in store.messages(SESSION_ID).result()}
    spans = read_run(store, traces, SESSION_ID).spans
    return Facts(
        state=session.state,
        result=session.result,
        error=session.error,
        steps=steps_of(read_history(entries)),
        effects=effects,
        calls=calls_of(sights),
        spans=own_spans(spans),
        inner_spans=spans_below_steps(spans),
        trace_ids=tuple(sorted({span.trace_id for span in spans} | trace_ids_of(sights))),
        in_peace=done_in_peace(sights),
        broken=tuple(broken_promises(sights, entries, subjects)),
        lost=_lost(traces, sights),
        damaged=(*store.damaged().result(), *traces.damaged().result()),
    )


def _lost(traces: TraceStore, sights: Sequence[Sight]) -> tuple[str, ...]:
    """Spans that the store of traces acknowledged and does not have."""
    kept = kept_spans(sights).items()
    return tuple(lost for trace_id, ids in kept for lost in sorted(ids - ids_in_store(traces, trace_id)))


def steps_of(histories: Mapping[str, StepHistory]) -> dict[str, StepFacts]:
    """Whatever order they were recorded in."""
    return {step: _facts_of(history) for step, history in histories.items()}


def _facts_of(history: StepHistory) -> StepFacts:
    last = history.last
    record = None if last.kind is EntryKind.FINISHED else read_record(last)
    match record:
        case None:
            outcome = last.value
        case Verdict():
            outcome = record.result
        case Answer():
            outcome = record.value
        case Failure():
            outcome = f"{record.kind}: {record.message}".encode()
        case _:
            outcome = b""
    return StepFacts(Standing(history.standing).value, outcome, history.attempts)
