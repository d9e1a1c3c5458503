"""The recorded outcomes of a session, each chained to the one before it."""

from enum import StrEnum
from hashlib import blake2b

import msgspec

GENESIS = b"\0" * 16

_encoder = msgspec.msgpack.Encoder()


class EntryKind(StrEnum):
    """What an entry records."""

    STARTED = "started"  # an attempt at a step began
    FINISHED = "finished"  # it gave a result
    FAILED = "failed"  # it raised; the step may be tried again
    INTERRUPTED = "interrupted"  # its worker is gone and nobody knows its outcome
    SETTLED = "settled"  # a person or a probe said what became of an interrupted attempt
    ASKED = "asked"  # a question was put
    ANSWERED = "answered"  # and answered
    STATE = "state"  # the session changed its state


class Effect(StrEnum):
    """What may be done with an attempt that was caught in the middle."""

    ASK = "ask"
    RERUN = "rerun"
    FAIL = "fail"
    PROBE = "probe"


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One recorded fact. `number` counts from 1 within the session; `value` is the encoded result, error, question or answer.

    `chain` is the digest of everything above it and of the chain before it, so that nothing can be changed, left out or reordered unnoticed.
    """

    number: int
    kind: EntryKind
    time_ns: int
    epoch: int
    step: str = ""  # identity: flow path, branch, name and key or ordinal
    attempt: int = 0
    effect: Effect | None = None
    arguments: bytes = b""  # digest of the arguments
    value: bytes = b""
    chain: bytes = GENESIS


class Origin(msgspec.Struct, frozen=True, gc=False):
    """What a chain was computed from, and what came out."""

    previous: bytes
    session_id: str
    bare: bytes
    chain: bytes


class ChainedEntry(msgspec.Struct, frozen=True, gc=False):
    """An entry as it is written and stored: beside its number the bytes that its chain is computed from."""

    number: int
    bare: bytes
    chain: bytes
    origin: Origin | None = None


_decoder = msgspec.msgpack.Decoder(JournalEntry)


def bare_bytes(entry: JournalEntry) -> bytes:
    """The entry without its chain, encoded: what the chain is computed from, and what stores keep beside it.

    Stores keep these bytes and not a form of their own, so that a chain can be checked without encoding anything again: an entry with
    fields this release does not know keeps its chain.
    """
    return _encoder.encode(entry if entry.chain == GENESIS else msgspec.structs.replace(entry, chain=GENESIS))


def chain_of(previous: bytes, session_id: str, bare: bytes) -> bytes:
    """The chain of an entry that follows the one with the chain `previous`."""
    # The bytes are those of the pair (session_id, bare entry), so that an entry cannot be moved to another session either.
    return blake2b(b"\x92" + _encoder.encode(session_id) + bare, key=previous, digest_size=16).digest()


def link(previous: bytes, session_id: str, entry: JournalEntry) -> ChainedEntry:
    """The entry as it is written after the one with the chain `previous`."""
    bare = bare_bytes(entry)
    chain = chain_of(previous, session_id, bare)
    return ChainedEntry(entry.number, bare, chain, Origin(previous, session_id, bare, chain))


def follows(entry: ChainedEntry, previous: bytes, session_id: str) -> bool:
    """Whether its chain is what comes out after `previous`. Known without computing it again when `link` made it of these very bytes."""
    origin = entry.origin
    if origin is not None and origin.bare is entry.bare and origin.chain is entry.chain:
        return origin.previous == previous and origin.session_id == session_id
    return chain_of(previous, session_id, entry.bare) == entry.chain


def read_entry(stored: ChainedEntry) -> JournalEntry:
    """Raises `msgspec.DecodeError`."""
    return msgspec.structs.replace(_decoder.decode(stored.bare), chain=stored.chain)
