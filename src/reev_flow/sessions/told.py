"""A session and its journal as a record of the run: which attempts there were, how each ended, and when nothing could go on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeGuard

from reev_flow.sessions.data import SessionData
from reev_flow.sessions.identity import is_version, version_name
from reev_flow.sessions.journal import JournalEntry
from reev_flow.sessions.records import Change, read_failure
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.told_attempts import NO_SIGNS, Told, attempts_of, last_heard, read_all, told_failure
from reev_flow.trace.run import Attempt, Fork, Gap, GapKind, RunRecord
from reev_flow.values.shown import shown, shown_call


def told(session: SessionData, entries: Iterable[JournalEntry], signs_ns: Mapping[str, int] = NO_SIGNS) -> RunRecord:
    """What the journal says so far. Entries that no release wrote are left out; it never raises.

    `signs_ns` are what is known from elsewhere: when something ended inside of an attempt, by the id of the attempt's span.
    """
    taken, journal = _parted(read_all(entries))
    heard_ns = last_heard(journal, session.session_id, signs_ns)
    attempts = attempts_of(session, journal, heard_ns)
    failure = None if session.state is SessionState.COMPLETED else read_failure(session.result)
    return RunRecord(
        session_id=session.session_id,
        flow=session.flow,
        trace_id=session.trace_id,
        parent_span_id=next((change.parent_span_id for _, change in journal if _has_parent(change)), None),
        state=session.state,
        started_ns=_started_ns(session, journal),
        ended_ns=session.ended_ns,
        attempts=attempts,
        gaps=(*_down(journal, heard_ns), *_waiting(attempts)),
        arguments=shown_call(session.arguments),
        result=None if failure is not None else shown(session.result),
        error=session.error or told_failure(failure),
        versions=_versions((*taken, *journal)),
        forked_from=next((fork for _, record in journal if (fork := _fork_of(record)) is not None), None),
        kept=attempts_of(session, taken, last_heard(taken)),
    )


def _parted(journal: Sequence[Told]) -> tuple[Sequence[Told], Sequence[Told]]:
    """What was taken from another session, and what is this one's own."""
    places = [place for place, (_, record) in enumerate(journal) if _fork_of(record) is not None]
    place = max(places, default=0)
    return journal[:place], journal[place:]


def _fork_of(record: object) -> Fork | None:
    if not isinstance(record, Change) or record.forked_from is None:
        return None
    origin = record.forked_from
    return Fork(session_id=origin.session_id, trace_id=origin.trace_id, step=origin.step)


def _versions(journal: Iterable[Told]) -> tuple[tuple[str, int], ...]:
    chosen = ((entry.step, shown(entry.value)) for entry, _ in journal if is_version(entry.step))
    return tuple((version_name(step), number) for step, number in chosen if isinstance(number, int))


def _has_parent(record: object) -> TypeGuard[Change]:
    return isinstance(record, Change) and bool(record.parent_span_id)


def _started_ns(session: SessionData, journal: Sequence[Told]) -> int:
    """When its first worker took it up: before that it may have waited for its turn."""
    began = (entry.time_ns for entry, record in journal if _is_change(record, SessionState.RUNNING))
    return next(began, session.created_ns)


def _down(journal: Sequence[Told], heard_ns: dict[int, int]) -> Iterator[Gap]:
    """A worker that is gone is noticed by the next one, who knows when it was last heard of; one that leaves in good order says so."""
    for place, (entry, record) in enumerate(journal):
        if not isinstance(record, Change) or record.state is not SessionState.INTERRUPTED or record.forked_from:
            continue  # a fork has not begun
        if record.heard_ns is None:
            left_ns, taken_ns = entry.time_ns, _next_worker_ns(journal, place)
        else:
            former = max((epoch for epoch in heard_ns if epoch < entry.epoch), default=None)
            left_ns = min(record.heard_ns, entry.time_ns) if former is None else heard_ns[former]
            taken_ns = _next_worker_ns(journal, place) if record.restored_from else entry.time_ns
        if taken_ns is None or left_ns < taken_ns:
            yield Gap(kind=GapKind.DOWN, start_ns=left_ns, end_ns=taken_ns, label=record.reason)


def _next_worker_ns(journal: Sequence[Told], place: int) -> int | None:
    """When somebody with a later lease wrote for the first time after that entry."""
    epoch = journal[place][0].epoch
    return next((entry.time_ns for entry, _ in journal[place + 1 :] if entry.epoch > epoch), None)


def _waiting(attempts: Iterable[Attempt]) -> Iterator[Gap]:
    for attempt in attempts:
        if attempt.is_question:
            yield Gap(
                kind=GapKind.WAITING, start_ns=attempt.started_ns, end_ns=attempt.ended_ns, label=attempt.question
            )


def _is_change(record: object, state: SessionState) -> bool:
    return isinstance(record, Change) and record.state is state
