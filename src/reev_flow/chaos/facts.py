"""What a run left behind, in a form in which two runs can be laid beside each other."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from reev_flow.chaos.ledger import Ledger
from reev_flow.chaos.rehearsed import SESSION_ID
from reev_flow.errors import ReevFlowError
from reev_flow.runtime.run_reading import read_run
from reev_flow.sessions.history import Standing, StepHistory, read_history
from reev_flow.sessions.journal import EntryKind, JournalEntry
from reev_flow.sessions.records import Answer, Failure, Verdict, read_record
from reev_flow.sessions.store import SessionStore
from reev_flow.stores.urls import open_session_store


class StepFacts(msgspec.Struct, frozen=True):
    """How a step ended, and with what: its encoded result, its error or its answer."""

    standing: str
    outcome: bytes = b""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """`effects` are what happened outside, as (what, identity) pairs; `spans` the ids of the spans of one run by their names;
    `trace_ids` the traces that they are of; `problem` is what keeps the rest from being known.
    """

    state: str = ""
    result: bytes = b""
    error: str = ""
    steps: dict[str, StepFacts] = {}
    effects: tuple[tuple[str, str], ...] = ()
    spans: dict[str, str] = {}
    trace_ids: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()
    problem: str = ""


def facts_in(place: Path, ledger: Ledger) -> Facts:
    """Of the session in that folder, and of the outside world."""
    effects = tuple((one.what, one.identity) for one in ledger.read())
    try:
        store = open_session_store(place)
        try:
            return _read(store, effects)
        finally:
            store.close()
    except ReevFlowError as error:
        return Facts(effects=effects, problem=f"{type(error).__name__}: {error}")


def _read(store: SessionStore, effects: tuple[tuple[str, str], ...]) -> Facts:
    session = store.load(SESSION_ID).result()
    trace = read_run(store, None, SESSION_ID)
    return Facts(
        state=session.state,
        result=session.result,
        error=session.error,
        steps=steps_of(store.read_journal(SESSION_ID).result()),
        effects=effects,
        spans={span.span_id: span.name for span in trace.spans},
        trace_ids=tuple(sorted({span.trace_id for span in trace.spans})),
        damaged=store.damaged().result(),
    )


def steps_of(entries: Iterable[JournalEntry]) -> dict[str, StepFacts]:
    """Whatever order they were recorded in, and however often they were tried."""
    return {step: _facts_of(history) for step, history in read_history(entries).items()}


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
    return StepFacts(Standing(history.standing).value, outcome)
