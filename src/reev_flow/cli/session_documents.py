"""Sessions as `--json` prints them. Times are decimal strings of UTC nanoseconds: as numbers, some readers would lose digits."""

from collections.abc import Mapping
from typing import Any

import msgspec

from reev_flow.cli.json_document import Document, ns_text
from reev_flow.cli.session_lines import session_summary
from reev_flow.runtime.inbox import Asked
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.journal import EntryKind, JournalEntry
from reev_flow.sessions.records import Began, read_record
from reev_flow.sessions.state import SessionState
from reev_flow.trace.run import Attempt, Fork, Gap
from reev_flow.values.shown import shown, shown_call


def session_document(session: SessionData) -> Document:
    """Everything but the journal. Values are as plain JSON shows them."""
    interruption = session.interruption
    return {
        **session_summary(session),
        "is_plan": bool(session.definition),
        "interruption": None
        if interruption is None
        else {"step_index": interruption.step_index, "context": interruption.context},
        "restored_from": session.restored_from,
        "workers": session.epoch,
        "entries": session.entries,
        "arguments": shown_call(session.arguments),
        "result": shown(session.result) if session.state is SessionState.COMPLETED else None,
    }


def question_documents(questions: Mapping[str, Asked]) -> list[Document]:
    return [
        {
            "step": step,
            "question": asked.question.text,
            "schema": shown(asked.question.schema),
            "deadline_ns": ns_text(asked.question.deadline_ns),
            "in_doubt": asked.question.in_doubt,
        }
        for step, asked in questions.items()
    ]


def attempt_document(attempt: Attempt) -> Document:
    return {
        "step": attempt.step,
        "name": attempt.name,
        "attempt": attempt.number,
        "operation": attempt.operation,
        "effect": attempt.effect,
        "started_ns": str(attempt.started_ns),
        "ended_ns": ns_text(attempt.ended_ns),
        "outcome": attempt.outcome,
        "arguments": attempt.arguments,
        "result": attempt.result,
        "error_type": attempt.error_type,
        "error_message": attempt.error_message,
        "reason": attempt.reason,
        "settled": attempt.settled,
        "by": attempt.by,
        "question": attempt.question,
        "is_in_doubt": attempt.is_in_doubt,
    }


def fork_document(fork: Fork | None) -> Document | None:
    return None if fork is None else {"session_id": fork.session_id, "step": fork.step, "trace_id": fork.trace_id}


def gap_document(gap: Gap) -> Document:
    return {"kind": gap.kind, "start_ns": str(gap.start_ns), "end_ns": ns_text(gap.end_ns), "label": gap.label}


def entry_document(entry: JournalEntry) -> Document:
    return {
        "number": entry.number,
        "kind": entry.kind,
        "time_ns": str(entry.time_ns),
        "epoch": entry.epoch,
        "step": entry.step,
        "attempt": entry.attempt,
        "value": entry_value(entry),
        "chain": entry.chain.hex(),
    }


def entry_value(entry: JournalEntry) -> Any:
    """What stands in an entry, as plain JSON; None for what no release wrote."""
    if entry.kind is EntryKind.FINISHED:
        return shown(entry.value)
    try:
        record = read_record(entry)
    except msgspec.DecodeError:
        return None
    told = {name: _plain(name, getattr(record, name)) for name in record.__struct_fields__}
    return (
        {"effect": entry.effect, **told, "arguments": shown_call(record.arguments)}
        if isinstance(record, Began)
        else told
    )


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, bytes):
        return shown(value)
    return ns_text(value) if name.endswith("_ns") else value
