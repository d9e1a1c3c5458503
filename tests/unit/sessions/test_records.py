"""What stands in the values of journal entries."""

import msgspec
import pytest
from msgspec.structs import replace

from reev_flow.sessions.journal import EntryKind, JournalEntry
from reev_flow.sessions.records import (
    KINDS,
    Answer,
    AnyRecord,
    Began,
    Change,
    Failure,
    Question,
    Stop,
    Verdict,
    read_failure,
    read_record,
)
from reev_flow.sessions.state import SessionState

RECORDS: dict[EntryKind, AnyRecord] = {
    EntryKind.STARTED: Began(name="pay", operation="tool", arguments=b"[[1],{}]"),
    EntryKind.FAILED: Failure(
        kind="builtins:ValueError", message="no", arguments=b'["no"]', is_final=False, retry_ns=7
    ),
    EntryKind.INTERRUPTED: Stop(has_begun=False, heard_ns=5, reason="its worker is gone"),
    EntryKind.SETTLED: Verdict(happened=True, result=b"1", by="person"),
    EntryKind.ASKED: Question(text="all right?", schema=b"{}", deadline_ns=9, in_doubt=True),
    EntryKind.ANSWERED: Answer(value=b"true", sent_ns=3, sender="ann"),
    EntryKind.STATE: Change(state=SessionState.RUNNING, heard_ns=2, reason="resumed"),
}


def entry(kind: EntryKind, value: bytes) -> JournalEntry:
    return JournalEntry(number=1, kind=kind, time_ns=1, epoch=1, value=value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_is_read_as_it_was_written(kind):
    assert read_record(entry(kind, RECORDS[kind].encoded())) == RECORDS[kind]


def test_every_kind_but_a_result_has_a_record():
    assert set(KINDS) == set(RECORDS) == set(EntryKind) - {EntryKind.FINISHED}


@pytest.mark.parametrize("kind", KINDS)
def test_fields_of_later_releases_are_passed_over(kind):
    later = {**msgspec.to_builtins(RECORDS[kind], builtin_types=(bytes,)), "mood": "good"}
    assert read_record(entry(kind, msgspec.msgpack.encode(later))) == RECORDS[kind]


def test_what_says_nothing_special_takes_no_room():
    assert Began(name="pay").encoded() == msgspec.msgpack.encode({"name": "pay"})


def test_what_no_release_wrote_is_not_read():
    with pytest.raises(msgspec.DecodeError):
        read_record(entry(EntryKind.STARTED, b"\xc1"))


def test_what_a_session_failed_with_is_read():
    failure = RECORDS[EntryKind.FAILED]
    assert read_failure(failure.encoded()) == failure


@pytest.mark.parametrize("data", [b"", b"\xc1", msgspec.msgpack.encode({"message": "without a kind"})])
def test_a_failure_that_cannot_be_read_is_none(data):
    assert read_failure(data) is None


def test_records_are_values():
    stop = Stop(has_begun=True)
    assert replace(stop, reason="cancelled") != stop
