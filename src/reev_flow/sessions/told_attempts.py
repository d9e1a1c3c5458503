"""The attempts and questions that a journal tells of, and how each ended."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePath
from typing import Any, TypeAlias

import msgspec
from msgspec.structs import replace

from reev_flow.sessions.data import SessionData
from reev_flow.sessions.identity import is_version, parse_identity
from reev_flow.sessions.journal import EntryKind, JournalEntry
from reev_flow.sessions.records import Answer, AnyRecord, Began, Change, Failure, Question, Stop, Verdict, read_record
from reev_flow.sessions.state import SessionState
from reev_flow.trace.run import HAPPENED, NOT_HAPPENED, Attempt, Outcome, step_span_id
from reev_flow.trace.span import Operation
from reev_flow.values.shown import shown, shown_call

Told: TypeAlias = tuple[JournalEntry, AnyRecord | None]
"""An entry and what stands in its value; None for a result."""

NO_SIGNS: Mapping[str, int] = {}
OPERATIONS = {operation.value: operation for operation in Operation}


def read_all(entries: Iterable[JournalEntry]) -> list[Told]:
    """Without those whose value cannot be read."""
    journal: list[Told] = []
    for entry in entries:
        try:
            journal.append((entry, None if entry.kind is EntryKind.FINISHED else read_record(entry)))
        except (msgspec.DecodeError, KeyError):
            continue
    return journal


def last_heard(journal: Iterable[Told], session_id: str = "", signs_ns: Mapping[str, int] = NO_SIGNS) -> dict[int, int]:
    """By epoch, when its worker was last heard of: by what it wrote, by what the next one knew of it, or by what ended inside of its
    attempts. `signs_ns` says that by the id of the attempt's span; nobody was at work when the next worker was.
    """
    journal = tuple(journal)
    heard_ns = _heard_in(journal)
    began_ns = _first_of(journal)
    for entry, _ in journal:
        if signs_ns and entry.kind is EntryKind.STARTED:
            sign_ns = signs_ns.get(step_span_id(session_id, entry.step, entry.attempt), 0)
            next_ns = min((began for epoch, began in began_ns.items() if epoch > entry.epoch), default=sign_ns)
            heard_ns[entry.epoch] = max(heard_ns[entry.epoch], min(sign_ns, next_ns))
    return heard_ns


def _first_of(journal: Iterable[Told]) -> dict[int, int]:
    """When the worker of each epoch wrote for the first time."""
    began_ns: dict[int, int] = {}
    for entry, _ in journal:
        began_ns.setdefault(entry.epoch, entry.time_ns)
    return began_ns


def _heard_in(journal: Iterable[Told]) -> dict[int, int]:
    heard_ns: dict[int, int] = {}
    former: int | None = None
    for entry, record in journal:
        if entry.epoch not in heard_ns:
            former = max(heard_ns, default=None)
        heard_ns[entry.epoch] = max(heard_ns.get(entry.epoch, entry.time_ns), entry.time_ns)
        known_ns = record.heard_ns if isinstance(record, Change | Stop) else None
        if known_ns is not None and former is not None:
            heard_ns[former] = max(heard_ns[former], min(known_ns, entry.time_ns))
    return heard_ns


def attempts_of(session: SessionData, journal: Iterable[Told], heard_ns: Mapping[int, int]) -> tuple[Attempt, ...]:
    """In the order in which they began. One that nobody follows any longer ends when its worker was last heard of."""
    book = _Book(heard_ns)
    for entry, record in journal:
        keep = None if is_version(entry.step) else KEEPERS.get(entry.kind)
        if keep is not None:
            keep(book, entry, record)
    return tuple(book.closed(session))


class _Book:
    """What is known of each attempt and question so far, by their places in the order in which they began."""

    def __init__(self, heard_ns: Mapping[int, int]) -> None:
        self._heard_ns = heard_ns
        self._known: list[Attempt] = []
        self._epochs: list[int] = []
        self._places: dict[tuple[str, int], int] = {}
        self._open_questions: dict[str, int] = {}

    def begin(self, entry: JournalEntry, began: Began | None) -> None:
        name, operation, arguments = parse_identity(entry.step).name, Operation.STEP, b""
        if began is not None:
            name, operation, arguments = began.name, OPERATIONS.get(began.operation, operation), began.arguments
        self._places[entry.step, entry.attempt] = self._add(
            entry,
            Attempt(
                step=entry.step,
                name=name,
                number=entry.attempt,
                operation=operation,
                effect=entry.effect or "",
                started_ns=entry.time_ns,
                arguments=shown_call(arguments),
            ),
        )

    def ask(self, entry: JournalEntry, question: Question) -> None:
        name = parse_identity(entry.step).name
        self._open_questions[entry.step] = self._add(
            entry,
            Attempt(
                step=entry.step,
                name=f"ask about {name}" if question.in_doubt else name,
                number=entry.attempt,
                started_ns=entry.time_ns,
                outcome=Outcome.WAITING,
                question=question.text,
                is_in_doubt=question.in_doubt,
            ),
        )

    def answer(self, entry: JournalEntry, answer: Answer) -> None:
        place = self._open_questions.pop(entry.step, None)
        if place is not None:
            ended = {"ended_ns": entry.time_ns, "outcome": Outcome.FINISHED}
            self._change(place, **ended, result=shown(answer.value), by=answer.sender)

    def finish(self, entry: JournalEntry, _: None) -> None:
        place = self._place(entry)
        self._end(place, entry, Outcome.FINISHED)
        was_interrupted = self._known[place].outcome is Outcome.INTERRUPTED
        self._change(place, result=shown(entry.value), settled=HAPPENED if was_interrupted else "")

    def fail(self, entry: JournalEntry, failure: Failure) -> None:
        """While a question about a step is open, it is the question that fails."""
        place = self._open_questions.pop(entry.step, None)
        place = self._place(entry) if place is None else place
        self._end(place, entry, Outcome.FAILED)
        self._change(place, error_type=_class_name(failure.kind), error_message=failure.message)

    def interrupt(self, entry: JournalEntry, stop: Stop) -> None:
        place = self._place(entry)
        self._end(place, entry, Outcome.INTERRUPTED)
        if self._epochs[place] != entry.epoch:  # told by another worker, later
            self._change(place, ended_ns=self._last_heard_ns(place))
        self._change(place, reason=stop.reason)

    def settle(self, entry: JournalEntry, verdict: Verdict) -> None:
        found = HAPPENED if verdict.happened else NOT_HAPPENED
        self._change(self._place(entry), settled=found, by=verdict.by, result=shown(verdict.result))

    def closed(self, session: SessionData) -> list[Attempt]:
        """What is still open is over when the session is, or when its worker is gone."""
        for place, attempt in enumerate(self._known):
            if attempt.ended_ns is not None or not self._is_over(session, place):
                continue
            ended_ns = self._last_heard_ns(place)
            if session.ended_ns is not None and (attempt.is_question or self._is_of_last_worker(session, place)):
                ended_ns = max(session.ended_ns, attempt.started_ns)
            reason = session.state if attempt.is_question else ""
            self._change(place, outcome=Outcome.INTERRUPTED, ended_ns=ended_ns, reason=reason)
        return self._known

    def _is_over(self, session: SessionData, place: int) -> bool:
        """A question stays open when its worker goes."""
        if session.state.is_end or self._known[place].is_question:
            return session.state.is_end
        return session.state is SessionState.INTERRUPTED or not self._is_of_last_worker(session, place)

    def _is_of_last_worker(self, session: SessionData, place: int) -> bool:
        return self._epochs[place] >= max(session.epoch, *self._heard_ns)

    def _last_heard_ns(self, place: int) -> int:
        return max(self._known[place].started_ns, self._heard_ns[self._epochs[place]])

    def _add(self, entry: JournalEntry, attempt: Attempt) -> int:
        self._known.append(attempt)
        self._epochs.append(entry.epoch)
        return len(self._known) - 1

    def _place(self, entry: JournalEntry) -> int:
        """An attempt whose beginning was never recorded began when this was."""
        if (entry.step, entry.attempt) not in self._places:
            self.begin(entry, None)
        return self._places[entry.step, entry.attempt]

    def _end(self, place: int, entry: JournalEntry, outcome: Outcome) -> None:
        """What was interrupted stays so, whatever is found out about it later."""
        if self._known[place].outcome is not Outcome.INTERRUPTED:
            self._change(place, outcome=outcome, ended_ns=entry.time_ns)

    def _change(self, place: int, **facts: object) -> None:
        self._known[place] = replace(self._known[place], **facts)


KEEPERS: Mapping[EntryKind, Callable[[_Book, JournalEntry, Any], None]] = {
    EntryKind.STARTED: _Book.begin,
    EntryKind.FINISHED: _Book.finish,
    EntryKind.FAILED: _Book.fail,
    EntryKind.INTERRUPTED: _Book.interrupt,
    EntryKind.SETTLED: _Book.settle,
    EntryKind.ASKED: _Book.ask,
    EntryKind.ANSWERED: _Book.answer,
}


def told_failure(failure: Failure | None) -> str:
    """Its class and what it said; nothing for none."""
    parts = () if failure is None else (_class_name(failure.kind).rpartition(".")[2], failure.message)
    return ": ".join(part for part in parts if part)


def _class_name(kind: str) -> str:
    """`module:Qualname` as other tools write it; a script is its name."""
    module, _, qualname = kind.rpartition(":")
    if not module or not qualname or module == "builtins":
        return qualname if module else kind
    return f"{PurePath(module).stem if module.endswith('.py') else module}.{qualname}"
