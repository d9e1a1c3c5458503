"""What a session store lets happen: the same for every backend, as functions of what is kept.

Each function gives what is to be kept afterwards, or raises and nothing has changed.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec
from msgspec.structs import replace

from reev_flow.errors import (
    AlreadyAnswered,
    InvalidState,
    LeaseHeld,
    LeaseLost,
    NewerSchema,
    SessionConflict,
    SessionExists,
    SessionForgotten,
)
from reev_flow.sessions import restoring
from reev_flow.sessions.data import SCHEMA_VERSION, Lease, Message, SessionData
from reev_flow.sessions.journal import GENESIS, ChainedEntry, JournalEntry, chain_of, follows
from reev_flow.sessions.state import SessionState, may_follow
from reev_flow.sessions.store import SessionQuery, Write

NS = 1_000_000_000
LAST_NS = 2**63 - 1


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about a session but its entries and messages, of which it knows how many there are and the chain of the last.

    The epoch of the lease is that of the session. No worker, no lease. `heard_ns` is when the last lease was claimed, renewed or released,
    `former_heard_ns` the same of the one before it.
    """

    session: SessionData
    worker: str = ""
    expires_ns: int = 0
    heard_ns: int = 0
    former_heard_ns: int = 0
    messages: int = 0
    messages_chain: bytes = GENESIS


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Who wants a lease, for how long, and whose it may take."""

    session_id: str
    worker: str
    seconds: float
    instead_of: str = ""


def created(existing: SessionData | None, session: SessionData) -> Kept | None:
    """None when it was created before, whether or not it has moved on since."""
    refuse_newer(session.session_id, session.schema_version)
    if existing is None and (session.entries or session.chain != GENESIS):
        raise SessionConflict(
            session.session_id, f"a new session has no journal, this one claims {session.entries} entries"
        )
    if existing is None:
        return Kept(session=session)
    has_moved_on = existing.state is not SessionState.CREATED or existing.epoch > session.epoch
    is_its_birth = _birth(existing) == _birth(session) and existing.arguments == session.arguments
    if existing == session or (has_moved_on and is_its_birth):
        return None
    raise SessionExists(session.session_id)


def appended(kept: Kept, write: Write, chain_at: Callable[[int], bytes | None]) -> Kept | None:
    """None when that write was made before. `chain_at` looks up the chain of a stored entry, which is rarely needed."""
    stored, wanted, entries = kept.session, write.session, write.entries
    if stored.epoch > wanted.epoch:
        raise LeaseLost(stored.session_id, wanted.epoch)
    if _was_made_before(stored, wanted, entries, chain_at):
        return None
    _refuse_conflict(stored, wanted, entries)
    if stored.state.is_end or (stored.state is not wanted.state and not may_follow(stored.state, wanted.state)):
        raise InvalidState(stored.session_id, stored.state, wanted.state)
    return replace(kept, session=wanted)


def _was_made_before(
    stored: SessionData, wanted: SessionData, entries: Sequence[ChainedEntry], chain_at: Callable[[int], bytes | None]
) -> bool:
    """A chain stands for all that came before it, so one is compared and not every entry."""
    if wanted.entries > stored.entries:
        return False
    if wanted.entries == stored.entries:
        return wanted == stored and (not entries or entries[-1].chain == stored.chain)
    if not entries or entries[-1].number != wanted.entries or wanted.entries < 1:
        return False
    return chain_at(wanted.entries) == entries[-1].chain == wanted.chain


def _refuse_conflict(stored: SessionData, wanted: SessionData, entries: Sequence[ChainedEntry]) -> None:
    name = stored.session_id
    if wanted.epoch != stored.epoch:
        raise SessionConflict(name, f"epoch {wanted.epoch} was never claimed, the last one is {stored.epoch}")
    if _birth(stored) != _birth(wanted):
        raise SessionConflict(name, "its flow, trace, time of creation and whether it is named cannot change")
    refuse_newer(name, wanted.schema_version)
    chain = stored.chain
    for number, entry in enumerate(entries, stored.entries + 1):
        if entry.number != number:
            raise SessionConflict(name, f"entry {entry.number} was written where entry {number} is next")
        if not follows(entry, chain, name):
            raise SessionConflict(name, f"entry {number} does not follow the one before it")
        chain = entry.chain
    if (wanted.entries, wanted.chain) != (stored.entries + len(entries), chain):
        raise SessionConflict(name, f"the write says it ends at entry {wanted.entries}, its entries do not")


def _birth(session: SessionData) -> tuple[str, str, int, bool]:
    return session.flow, session.trace_id, session.created_ns, session.is_named


def claimed(kept: Kept, claim: Claim, now_ns: int) -> Kept:
    session = kept.session
    if kept.worker not in {"", claim.worker, claim.instead_of} and now_ns < kept.expires_ns:
        raise LeaseHeld(session.session_id, kept.worker, kept.expires_ns, kept.heard_ns)
    return replace(
        kept,
        session=replace(session, epoch=session.epoch + 1),
        worker=claim.worker,
        expires_ns=_later(now_ns, claim.seconds),
        heard_ns=now_ns,
        former_heard_ns=kept.heard_ns,
    )


def renewed(kept: Kept, lease: Lease, now_ns: int, seconds: float) -> Kept:
    """Never for shorter than it had left when it was last heard of. That counts from now when the clock was set back since, or else nobody
    could succeed its worker before the clock has caught up.
    """
    if not holds(kept, lease):
        raise LeaseLost(lease.session_id, lease.epoch)
    left_until_ns = kept.expires_ns - max(0, kept.heard_ns - now_ns)
    return replace(kept, expires_ns=max(left_until_ns, _later(now_ns, seconds)), heard_ns=now_ns)


def released(kept: Kept, lease: Lease, now_ns: int) -> Kept | None:
    return replace(kept, worker="", expires_ns=0, heard_ns=now_ns) if holds(kept, lease) else None


def brought_back(
    kept: Kept, entries: Iterable[JournalEntry], backup: str, now_ns: int
) -> tuple[Kept, Sequence[ChainedEntry]]:
    """As it goes on after it was read from a backup: whoever had it then has it no longer. One that ended stays as it was."""
    write = restoring.brought_back(kept.session, entries, backup, heard_ns=kept.heard_ns, now_ns=now_ns)
    without_worker = replace(kept, worker="", expires_ns=0)
    return (without_worker, ()) if write is None else (replace(without_worker, session=write.session), write.entries)


def holder(kept: Kept, now_ns: int) -> Lease | None:
    """None when nobody has it, or not any longer, and when nobody can say: the clock was set back by more than the lease lasts since it was
    last heard of.
    """
    is_told_by_clock = kept.heard_ns - now_ns <= kept.expires_ns - kept.heard_ns
    return lease_of(kept) if kept.worker and now_ns < kept.expires_ns and is_told_by_clock else None


def holds(kept: Kept, lease: Lease) -> bool:
    return bool(kept.worker) and (kept.worker, kept.session.epoch) == (lease.worker, lease.epoch)


def lease_of(kept: Kept) -> Lease:
    return Lease(
        session_id=kept.session.session_id,
        worker=kept.worker,
        epoch=kept.session.epoch,
        expires_ns=kept.expires_ns,
        heard_ns=kept.former_heard_ns,
    )


def sent(kept: Kept, message: Message, earlier: Iterable[Message]) -> Kept | None:
    """None when the same one was sent before."""
    for other in earlier:
        if other.subject == message.subject:
            if other == message:
                return None
            raise AlreadyAnswered(message.session_id, message.subject)
    return replace(kept, messages=kept.messages + 1, messages_chain=message_chain(kept.messages_chain, message))


def message_chain(previous: bytes, message: Message) -> bytes:
    return chain_of(previous, message.session_id, msgspec.msgpack.encode(message))


def over_ns(session: SessionData) -> int | None:
    """When it ended; None while it goes on."""
    if not session.state.is_end:
        return None
    return session.updated_ns if session.ended_ns is None else session.ended_ns


def forgotten(session: SessionData, now_ns: int) -> SessionForgotten | None:
    """What the next one that asks for its id is told. None when it goes on, and for an id that nobody chose."""
    ended_ns = over_ns(session)
    if ended_ns is None or not session.is_named:
        return None
    return SessionForgotten(session.session_id, session.flow, session.state.value, ended_ns, now_ns)


def fits(kept: Kept, query: SessionQuery) -> bool:
    session = kept.session
    return (
        (not query.states or session.state in query.states)
        and query.flow in {"", session.flow}
        and session.session_id.startswith(query.id_prefix)
        and session.trace_id.startswith(query.trace_id_prefix)
        and (query.may_go_on_ns is None or kept.messages > 0 or _is_due(session.deadline_ns, query.may_go_on_ns))
    )


def _is_due(deadline_ns: int | None, now_ns: int) -> bool:
    return deadline_ns is not None and deadline_ns <= now_ns


def refuse_newer(session_id: str, schema_version: int) -> None:
    if schema_version > SCHEMA_VERSION:
        raise NewerSchema(f"session {session_id!r}", schema_version, SCHEMA_VERSION)


def _later(now_ns: int, seconds: float) -> int:
    return min(now_ns + int(min(seconds, LAST_NS / NS) * NS), LAST_NS)
