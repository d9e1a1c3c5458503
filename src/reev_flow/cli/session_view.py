"""Everything about one session that a person may want to see, and what can be done about it."""

import asyncio
from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from reev_flow.cli.hints import Hints
from reev_flow.cli.session_standing import Seen, seen
from reev_flow.collect.redacted_record import redacted_record
from reev_flow.collect.redaction import BUILT_IN, Redaction
from reev_flow.runtime.inbox import Asked, open_questions
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.history import Standing, read_history
from reev_flow.sessions.journal import Effect, EntryKind, JournalEntry
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.store import SessionStore
from reev_flow.sessions.told import told
from reev_flow.trace.run import Outcome, RunRecord

WORKER_GONE = "its worker is gone"  # what the next worker would note


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """Without secrets, but for entries, which `redaction` is for. `questions` are open; `in_doubt` are the steps of which nobody knows whether they happened, with what was declared about them."""

    seen: Seen
    entries: tuple[JournalEntry, ...]
    record: RunRecord
    questions: dict[str, Asked]
    in_doubt: dict[str, Effect | None]
    redaction: Redaction = BUILT_IN


def view_of(store: SessionStore, session: SessionData, redaction: Redaction = BUILT_IN) -> SessionView:
    (standing,) = seen(store, [session])
    session = standing.session
    entries = store.read_journal(session.session_id).result()
    is_over = session.state.is_end
    record = redacted_record(told(session, entries), redaction)
    return SessionView(
        seen=standing,
        entries=entries,
        record=_without_worker(record) if standing.is_worker_gone else record,
        questions={} if is_over else questions_of(store, session.session_id),
        in_doubt=_in_doubt(entries, is_running=standing.state is SessionState.RUNNING),
        redaction=redaction,
    )


def questions_of(store: SessionStore, session_id: str) -> dict[str, Asked]:
    """By step; without those that were answered."""
    return asyncio.run(open_questions(store, session_id))


def next_steps(view: SessionView, hints: Hints) -> list[tuple[str, str]]:
    """What can be done, each with the command that does it; the commands of questions come first."""
    session_id = view.seen.session.session_id
    answers = [("answer", command) for command in hints.answers(session_id, view.questions)]
    match view.seen.state:
        case state if state.is_end:
            return []
        case SessionState.WAITING if view.questions:
            return [*answers, ("then, unless its process waits for the answer", hints.resume(session_id))]
        case SessionState.WAITING:
            return [("it was answered; unless its process waits for the answer", hints.resume(session_id))]
        case SessionState.RUNNING:
            return [*answers, ("if its process is gone", hints.resume(session_id))]
        case _:
            return [*answers, ("go on with it", hints.resume(session_id))]


def _without_worker(record: RunRecord) -> RunRecord:
    """What nobody runs any longer was interrupted, though nobody has noted it yet."""
    attempts = (
        replace(attempt, outcome=Outcome.INTERRUPTED, reason=WORKER_GONE)
        if attempt.outcome is Outcome.RUNNING
        else attempt
        for attempt in record.attempts
    )
    return replace(record, attempts=tuple(attempts))


def _in_doubt(entries: Iterable[JournalEntry], *, is_running: bool) -> dict[str, Effect | None]:
    """What began and is not over is in doubt unless somebody still works on it."""
    effects = {entry.step: entry.effect for entry in entries if entry.kind is EntryKind.STARTED}
    return {
        step: effects.get(step)
        for step, history in read_history(entries).items()
        if history.standing is Standing.IN_DOUBT and not (is_running and history.last.kind is EntryKind.STARTED)
    }
