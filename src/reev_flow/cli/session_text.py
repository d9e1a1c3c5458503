"""Sessions as a person reads them on a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import Any

import msgspec

from reev_flow.cli.hints import told_schema
from reev_flow.cli.moments import told_moment
from reev_flow.cli.session_documents import entry_value
from reev_flow.cli.session_lines import told_standing
from reev_flow.cli.session_standing import Seen
from reev_flow.cli.tables import safe_text, table
from reev_flow.collect.redaction import Redaction
from reev_flow.render.terminal_options import TerminalOptions
from reev_flow.runtime.inbox import Asked
from reev_flow.runtime.workers import told_worker
from reev_flow.sessions.journal import Effect, EntryKind, JournalEntry
from reev_flow.sessions.state import SessionState
from reev_flow.trace.durations import told_duration
from reev_flow.trace.run import Attempt, Fork, Gap, GapKind, Outcome, RunRecord

LONGEST_VALUE = 400
STEPS_HEAD = ("step", "try", "outcome", "began", "took", "")
JOURNAL_HEAD = ("no", "at", "what", "worker", "step", "")

ASKED = "in doubt: a person is asked"
IN_DOUBT = {
    Effect.ASK: "in doubt: resume asks you",
    Effect.PROBE: "in doubt: resume asks its probe",
    Effect.RERUN: "resume runs it again",
    Effect.FAIL: "in doubt: resume fails it",
}


TOLD = {
    EntryKind.STARTED: ("effect", "arguments"),
    EntryKind.FAILED: ("kind", "message"),
    EntryKind.INTERRUPTED: ("reason",),
    EntryKind.SETTLED: ("by", "happened", "result"),
    EntryKind.ASKED: ("text",),
    EntryKind.ANSWERED: ("sender", "value"),
    EntryKind.STATE: ("state", "reason"),
}


def session_header(seen: Seen, record: RunRecord, options: TerminalOptions) -> str:
    facts = [(name, value) for name, value in _facts(seen, record, options) if value]
    width = max(len(name) for name, _ in facts) + 2
    return "".join(f"{name:<{width}}{safe_text(value, options)}\n" for name, value in facts)


def _facts(seen: Seen, record: RunRecord, options: TerminalOptions) -> Iterator[tuple[str, str]]:
    session = seen.session
    yield "session", session.session_id
    yield "flow", f"{session.flow} ({session.entry_point})" if session.entry_point else session.flow
    yield "state", told_standing(seen)
    yield "worker", told_worker(seen.worker)
    yield "began", told_moment(session.created_ns, options.zone)
    yield "ended" if session.ended_ns else "changed", told_moment(session.ended_ns or session.updated_ns, options.zone)
    yield "stood still", _told_gaps(record.gaps, options.zone)
    yield "restored", session.restored_from
    yield "forked", _told_fork(record.forked_from)
    yield "versions", ", ".join(f"{name} {number}" for name, number in record.versions)
    yield "trace", session.trace_id
    yield "arguments", _told_value(record.arguments)
    yield "result", _told_value(record.result) if session.state is SessionState.COMPLETED else ""
    yield "error", session.error


def _told_fork(fork: Fork | None) -> str:
    return "" if fork is None else f"from {fork.session_id} before {fork.step}"


def _told_gaps(gaps: Sequence[Gap], zone: tzinfo | None) -> str:
    parts = []
    for kind in (GapKind.DOWN, GapKind.WAITING):
        took_ns = sum(gap.end_ns - gap.start_ns for gap in gaps if gap.kind is kind and gap.end_ns is not None)
        since_ns = min((gap.start_ns for gap in gaps if gap.kind is kind and gap.end_ns is None), default=None)
        parts += [f"{told_duration(took_ns)} {kind}"] if took_ns else []
        parts += [] if since_ns is None else [f"{kind} since {told_moment(since_ns, zone)}"]
    return ", ".join(parts)


def step_table(record: RunRecord, open_effects: Mapping[str, Effect | None], options: TerminalOptions) -> str:
    """Every attempt, after the steps that were taken from another session. `open_effects` are the steps that are in doubt, with what was declared about them."""
    is_over = SessionState(record.state).is_end
    last = {attempt.step: attempt for attempt in record.attempts if not attempt.is_question}
    asked = {attempt.step for attempt in record.attempts if attempt.outcome is Outcome.WAITING}
    rows = [
        (
            attempt.step,
            str(attempt.number),
            "answered" if attempt.is_question and attempt.outcome is Outcome.FINISHED else attempt.outcome.value,
            f"+{told_duration(max(0, attempt.started_ns - record.started_ns))}",
            "" if attempt.ended_ns is None else told_duration(attempt.ended_ns - attempt.started_ns),
            _told_doubt(open_effects[attempt.step], is_asked=attempt.step in asked, is_over=is_over)
            if attempt.step in open_effects and last.get(attempt.step) is attempt
            else _remark(attempt),
        )
        for attempt in record.attempts
    ]
    rows = [(step, "", "kept", "", "", told) for step, told in _taken(record).items()] + rows
    text = table(STEPS_HEAD, rows, options, numbers={"try", "began", "took"}) if rows else "no step has begun\n"
    return text if options.is_unicode else text.replace("µ", "u")


def _taken(record: RunRecord) -> dict[str, str]:
    """The steps that were not done here, each with what came of it."""
    return {attempt.step: _remark(attempt) for attempt in record.kept}


def _told_doubt(effect: Effect | None, *, is_asked: bool, is_over: bool) -> str:
    if is_asked and not is_over:
        return ASKED
    return "in doubt: nobody knows whether it happened" if is_over else IN_DOUBT[effect or Effect.ASK]


def _remark(attempt: Attempt) -> str:
    if attempt.is_question:
        answer = _told_value(attempt.result) if attempt.outcome is Outcome.FINISHED else ""
        by = f" by {attempt.by}" if attempt.by else ""
        return f"{answer}{by}, to {attempt.question}" if answer else attempt.question or attempt.error_message
    if attempt.outcome is Outcome.FAILED:
        return f"{attempt.error_type.rpartition('.')[2]}: {attempt.error_message}"
    if attempt.settled:
        by = f", says {attempt.by}" if attempt.by else ""
        return f"{attempt.settled}{by} {_told_value(attempt.result)}".rstrip()
    return attempt.reason or _told_value(attempt.result)


def questions_text(questions: Mapping[str, Asked], options: TerminalOptions) -> str:
    """A line each, with the kind of answer that is wanted."""
    lines = []
    for step, asked in questions.items():
        wanted = "" if asked.question.in_doubt else told_schema(asked.question.schema)
        until_ns = asked.question.deadline_ns
        until = "" if until_ns is None else f" until {told_moment(until_ns, options.zone)}"
        lines.append(f"  {step}: {asked.question.text}{f' ({wanted})' if wanted else ''}{until}")
    return "".join(f"{safe_text(line, options)}\n" for line in lines)


def next_text(steps: Sequence[tuple[str, str]], options: TerminalOptions) -> str:
    """What can be done; each command on a line of its own, so that it can be copied."""
    lines: list[str] = []
    for when, command in steps:
        if f"{when}:" not in lines:
            lines.append(f"{when}:")
        lines.append(f"  {command}")
    return "".join(f"{safe_text(line, options)}\n" for line in lines)


def journal_table(entries: Sequence[JournalEntry], options: TerminalOptions, redaction: Redaction) -> str:
    """Every entry; times count from the first one."""
    rows = [
        (
            str(entry.number),
            f"+{told_duration(max(0, entry.time_ns - entries[0].time_ns))}",
            entry.kind.value,
            str(entry.epoch),
            f"{entry.step}{f' {entry.attempt}' if entry.attempt > 1 else ''}",
            _told_entry(entry, redaction),
        )
        for entry in entries
    ]
    text = table(JOURNAL_HEAD, rows, options, numbers={"no", "at", "worker"})
    return text if options.is_unicode else text.replace("µ", "u")


def _told_entry(entry: JournalEntry, redaction: Redaction) -> str:
    value = redaction.value("", entry_value(entry))
    if not isinstance(value, dict) or entry.kind not in TOLD:
        return _told_value(value)
    first, *others = (_told_value(value.get(name)) for name in TOLD[entry.kind])
    others = [other for other in others if other]
    return f"{first}: {', '.join(others)}" if first and others else first or ", ".join(others)


def result_text(value: Any, options: TerminalOptions) -> str:
    """A text as it is, line by line; anything else as JSON. Nothing for no result."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    return "".join(f"{safe_text(line, options)}\n" for line in text.rstrip("\n").split("\n"))


def _told_value(value: Any) -> str:
    """On one line, cut where it is long; nothing for no value."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."
