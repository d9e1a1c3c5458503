"""What a journal knows of each step."""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from reev_flow.sessions.identity import is_version, version_name
from reev_flow.sessions.journal import EntryKind, JournalEntry
from reev_flow.sessions.records import Question, Stop, Verdict, read_record
from reev_flow.values.tagged import decode


class Standing(StrEnum):
    """How a step stands after its last entry."""

    OPEN = "open"  # it may be started: nothing of the last attempt happened
    IN_DOUBT = "in doubt"  # an attempt began and nobody knows what became of it
    FINISHED = "finished"
    FAILED = "failed"
    RETRYING = "retrying"  # it failed and is to be tried again
    ASKED = "asked"  # a question waits for its answer
    ANSWERED = "answered"


ENDED = frozenset({Standing.FINISHED, Standing.FAILED, Standing.ANSWERED})


class StepHistory(msgspec.Struct):
    """One step so far. `last` is its last entry, `arguments` the digest it was last started with, `attempts` how often it was started."""

    last: JournalEntry
    standing: Standing
    arguments: bytes = b""
    attempts: int = 0
    asked: JournalEntry | None = None


def read_history(entries: Iterable[JournalEntry]) -> dict[str, StepHistory]:
    """By step, in the order in which they were first heard of."""
    steps: dict[str, StepHistory] = {}
    for entry in entries:
        if entry.kind is not EntryKind.STATE and not is_version(entry.step):
            add_to_history(steps, entry)
    return steps


def read_versions(entries: Iterable[JournalEntry]) -> dict[str, int]:
    """By the name of the piece of code, in the order in which they were chosen."""
    chosen = (entry for entry in entries if is_version(entry.step))
    return {version_name(entry.step): int(decode(entry.value)) for entry in chosen}


def add_to_history(steps: dict[str, StepHistory], entry: JournalEntry) -> None:
    standing = standing_after(entry)
    now = steps.setdefault(entry.step, StepHistory(entry, standing))
    now.last, now.standing = entry, standing
    if entry.kind is EntryKind.STARTED:
        now.attempts = entry.attempt
        now.arguments = entry.arguments
    elif entry.kind is EntryKind.ASKED:
        now.asked = entry


def standing_after(entry: JournalEntry) -> Standing:
    if entry.kind in _ALWAYS:
        return _ALWAYS[entry.kind]
    record = read_record(entry)
    match entry.kind:
        case EntryKind.FAILED:
            return Standing.FAILED if getattr(record, "is_final", True) else Standing.RETRYING
        case EntryKind.INTERRUPTED:
            return Standing.IN_DOUBT if isinstance(record, Stop) and record.has_begun else Standing.OPEN
        case EntryKind.SETTLED:
            return Standing.FINISHED if isinstance(record, Verdict) and record.happened else Standing.OPEN
        case _:
            is_about_doubt = isinstance(record, Question) and record.in_doubt
            return Standing.IN_DOUBT if is_about_doubt else Standing.ASKED


_ALWAYS = {
    EntryKind.STARTED: Standing.IN_DOUBT,  # until its outcome is read, or for ever
    EntryKind.FINISHED: Standing.FINISHED,
    EntryKind.ANSWERED: Standing.ANSWERED,
}


def first_open_step(standings: Iterable[Standing]) -> int:
    """The position, from 0, of the first step without an outcome; how many steps there are when all have one."""
    number = 0
    for standing in standings:
        if standing not in ENDED:
            return number
        number += 1
    return number
