"""What stands in the value of a journal entry, by its kind."""

from typing import TypeAlias

import msgspec

from reev_flow.sessions.journal import EntryKind, JournalEntry
from reev_flow.sessions.state import SessionState


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry's value. Unknown fields of later releases are ignored."""

    def encoded(self) -> bytes:
        return _encoder.encode(self)


class Began(Record, frozen=True, kw_only=True):
    """STARTED: an attempt at a step. `arguments` is the encoded pair of args and kwargs; empty when they cannot be stored or are large."""

    name: str
    operation: str = "step"
    arguments: bytes = b""


class Failure(Record, frozen=True, kw_only=True):
    """FAILED: what a step raised. `kind` is `module:qualname` of its class, `arguments` what it was made of, empty when that cannot be
    stored. Not final means that another attempt follows, not before `retry_ns`.
    """

    kind: str
    message: str = ""
    arguments: bytes = b""
    is_final: bool = True
    retry_ns: int | None = None


class Stop(Record, frozen=True, kw_only=True):
    """INTERRUPTED: an attempt that nobody follows any longer. Whether it had an effect is known only when it had not begun."""

    has_begun: bool = True
    heard_ns: int | None = None
    reason: str = ""


class Verdict(Record, frozen=True, kw_only=True):
    """SETTLED: what a person or a probe (`by`) knows of an interrupted attempt; `result` is its encoded result if it happened."""

    happened: bool
    result: bytes = b""
    by: str = ""


class Question(Record, frozen=True, kw_only=True):
    """ASKED: what is put to a person. `schema` is the JSON Schema of the answer, empty for any. `in_doubt` is asked by this package: the
    answer is a verdict on an interrupted attempt.
    """

    text: str
    schema: bytes = b""
    deadline_ns: int | None = None
    in_doubt: bool = False


class Answer(Record, frozen=True, kw_only=True):
    """ANSWERED: the encoded answer as it was sent."""

    value: bytes = b""
    sent_ns: int = 0
    sender: str = ""


class ForkedFrom(Record, frozen=True, kw_only=True):
    """Another session and its trace, from which all was taken that had ended when `step` was first heard of."""

    session_id: str
    trace_id: str
    step: str


class Change(Record, frozen=True, kw_only=True):
    """STATE: the state the session is in from now on. `heard_ns` is when its former worker was last heard of, if that worker is gone.
    `parent_span_id` is the span that the session began in, if there was one; `restored_from` the backup that it came from just now.
    `forked_from` is what all earlier entries were taken from.
    """

    state: SessionState
    heard_ns: int | None = None
    reason: str = ""
    parent_span_id: str = ""
    restored_from: str = ""
    forked_from: ForkedFrom | None = None


AnyRecord: TypeAlias = Began | Failure | Stop | Verdict | Question | Answer | Change

KINDS: dict[EntryKind, type[AnyRecord]] = {
    EntryKind.STARTED: Began,
    EntryKind.FAILED: Failure,
    EntryKind.INTERRUPTED: Stop,
    EntryKind.SETTLED: Verdict,
    EntryKind.ASKED: Question,
    EntryKind.ANSWERED: Answer,
    EntryKind.STATE: Change,
}

_encoder = msgspec.msgpack.Encoder()
_decoders = {kind: msgspec.msgpack.Decoder(record) for kind, record in KINDS.items()}


def read_record(entry: JournalEntry) -> AnyRecord:
    """For every kind but FINISHED, whose value is an encoded result. Raises `msgspec.DecodeError` for what no release wrote."""
    return _decoders[entry.kind].decode(entry.value)


def read_failure(data: bytes) -> Failure | None:
    """What a session that did not complete ended with; None when nothing readable was kept."""
    try:
        return _decoders[EntryKind.FAILED].decode(data) if data else None  # type: ignore[return-value]
    except msgspec.DecodeError:
        return None
