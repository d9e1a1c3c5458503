"""What a session store promises, in the plainest words: lists and dictionaries, and nothing about how it is done."""

from msgspec.structs import replace

from reev_flow.errors import (
    AlreadyAnswered,
    InvalidState,
    LeaseHeld,
    LeaseLost,
    SessionConflict,
    SessionError,
    SessionExists,
    SessionForgotten,
    SessionNotFound,
)
from reev_flow.sessions.data import Lease, Message, SessionData
from reev_flow.sessions.state import FOLLOWERS
from reev_flow.sessions.store import Write
from support.sessions import NS

Refusal = type[SessionError]


class Plain:
    """One session. `chains` are those of its journal, the first one is what a journal begins with."""

    def __init__(self, session: SessionData) -> None:
        self.born = self.session = session
        self.chains = [session.chain]
        self.worker = ""
        self.expires_ns = 0
        self.heard_ns = 0
        self.messages: list[Message] = []


class PlainStore:
    """Each method gives what the store is to give, or the error that it is to fail with."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.sessions: dict[str, Plain] = {}
        self.forgotten: set[str] = set()

    def create(self, session: SessionData) -> Refusal | None:
        if session.session_id in self.forgotten:
            return SessionForgotten
        there = self.sessions.setdefault(session.session_id, Plain(session))
        return None if there.born == session else SessionExists

    def claim(self, session_id: str, worker: str, seconds: int, *, instead_of: str) -> Refusal | Lease:
        there = self.sessions.get(session_id)
        if there is None:
            return SessionNotFound
        if there.worker and there.worker not in {worker, instead_of} and self.now_ns < there.expires_ns:
            return LeaseHeld
        heard_ns, there.heard_ns = there.heard_ns, self.now_ns
        there.worker, there.expires_ns = worker, self.now_ns + seconds * NS
        there.session = replace(there.session, epoch=there.session.epoch + 1)
        epoch = there.session.epoch
        return Lease(session_id=session_id, worker=worker, epoch=epoch, expires_ns=there.expires_ns, heard_ns=heard_ns)

    def renew(self, lease: Lease, seconds: int) -> Refusal | int:
        """When it ends."""
        there = self.sessions.get(lease.session_id)
        if there is None:
            return SessionNotFound
        if not self._has(there, lease):
            return LeaseLost
        left_ns = there.expires_ns - max(there.heard_ns, self.now_ns)
        there.expires_ns = self.now_ns + max(left_ns, seconds * NS)
        there.heard_ns = self.now_ns
        return there.expires_ns

    def release(self, lease: Lease) -> None:
        there = self.sessions.get(lease.session_id)
        if there is not None and self._has(there, lease):
            there.worker, there.heard_ns = "", self.now_ns

    def append(self, write: Write) -> Refusal | None:
        """Of writes that have entries."""
        wanted, first = write.session, write.entries[0].number
        there = self.sessions.get(wanted.session_id)
        if there is None:
            return SessionNotFound
        if wanted.epoch < there.session.epoch:
            return LeaseLost
        is_there = there.chains[first : first + len(write.entries)] == [entry.chain for entry in write.entries]
        is_last = wanted.entries == len(there.chains) - 1
        if is_there and (not is_last or wanted == there.session):
            return None
        if is_there or first != len(there.chains) or not self._follows(there, write):
            return SessionConflict
        state = there.session.state
        if state.is_end or (wanted.state is not state and wanted.state not in FOLLOWERS[state]):
            return InvalidState
        there.session = wanted
        there.chains += [entry.chain for entry in write.entries]
        return None

    def send(self, message: Message) -> Refusal | None:
        there = self.sessions.get(message.session_id)
        if there is None:
            return SessionNotFound
        same = [other for other in there.messages if other.subject == message.subject]
        if same:
            return None if same == [message] else AlreadyAnswered
        there.messages.append(message)
        return None

    def prune(self, before_ns: int) -> tuple[str, ...]:
        old = sorted(
            (there.session.ended_ns, name)
            for name, there in self.sessions.items()
            if there.session.ended_ns is not None and there.session.ended_ns < before_ns
        )
        for _, name in old:
            del self.sessions[name]
            self.forgotten.add(name)
        return tuple(name for _, name in old)

    def free(self, session_id: str) -> bool:
        was_forgotten = session_id in self.forgotten
        self.forgotten.discard(session_id)
        return was_forgotten

    def holders(self) -> dict[str, str]:
        """Workers, by session: those that can be told by the clock."""
        return {name: there.worker for name, there in self.sessions.items() if there.worker and self._runs(there)}

    def _runs(self, there: Plain) -> bool:
        lasts_ns = there.expires_ns - there.heard_ns
        return there.heard_ns - lasts_ns <= self.now_ns < there.expires_ns

    def _has(self, there: Plain, lease: Lease) -> bool:
        return (there.worker, there.session.epoch) == (lease.worker, lease.epoch)

    def _follows(self, there: Plain, write: Write) -> bool:
        """Whether it was written by somebody who knew the whole journal, with the epoch that was claimed last."""
        origin = write.entries[0].origin
        knew = origin is not None and origin.previous == there.chains[-1]
        return knew and write.session.epoch == there.session.epoch
