"""What every session store promises."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import Protocol

import msgspec

from reev_flow.sessions.data import Lease, Message, SessionData
from reev_flow.sessions.journal import ChainedEntry, JournalEntry
from reev_flow.sessions.state import SessionState


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """What one worker adds to one session in one go: entries that continue its journal, and how the session stands after them.

    `session.entries` and `session.chain` are those of the last entry. Entries may be empty.
    """

    session: SessionData
    entries: Sequence[ChainedEntry] = ()


class SessionQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which sessions are wanted; empty means all. The prefixes are compared with the beginning of the id and of the trace's id.
    `may_go_on_ns` wants those alone to which something was ever sent, or whose deadline is not after that moment.
    """

    states: frozenset[SessionState] = frozenset()
    flow: str = ""
    id_prefix: str = ""
    trace_id_prefix: str = ""
    may_go_on_ns: int | None = None
    limit: int = 100


class SessionStore(Protocol):
    """Keeps sessions where a crash cannot reach them.

    Every method returns at once; its future is done when the work is. Failures are `SessionError`s and come with the future: no driver's
    own error leaves a store. What is acknowledged survives the process, and with a durable store the power cut. What failed with
    `StoreError` was not acknowledged; after an error of the disk it may still turn out to be there, so it is asked for again as it was.

    What one caller asks for happens in the order asked: a read sees the writes asked for before it, acknowledged or not. It happens also
    when nobody waits any longer: futures cannot be cancelled. When more is waiting than the store's queue holds, the next call fails with
    `StoreError` and changes nothing.

    Coroutines wait with `awaited` (acknowledgement.py); `asyncio.wrap_future` works too and costs more.
    """

    @property
    def location(self) -> str:
        """Where it keeps things, as a person would name it."""

    def create(self, session: SessionData) -> Future[None]:
        """Fails with `SessionExists` when the id is taken, and changes nothing; with `SessionForgotten` when it is the id of a session that
        was forgotten and has not been freed since; with `SessionConflict` when the session claims to have a journal. Creating the very
        same session again changes nothing, also when it has moved on since: it is the same when flow, trace, time of creation, arguments
        and whether it is named are.
        """

    def append(self, write: Write) -> Future[None]:
        """All of it or nothing, and no other write with it.

        Fails, changing nothing, with `LeaseLost` when the session has a later epoch than the write; with `SessionConflict` when the entries
        do not continue the journal, by number and by chain, when the epoch was never claimed, and when flow, trace, time of
        creation or whether it is named differ; with `InvalidState` when the state may not follow the stored one. A session may stay in its state, but one that ended
        takes nothing more. The same write again changes nothing, also when others came after it: it is known by its entries, so one that was
        followed by one without any fails with `SessionConflict` then, and one without any that was followed by another such is made anew.
        """

    def load(self, session_id: str) -> Future[SessionData]:
        """Fails with `SessionNotFound`, with `SessionCorruption` when what was stored cannot be trusted, and with `NewerSchema` when a
        newer release wrote it. Other sessions still load.
        """

    def read_journal(self, session_id: str) -> Future[tuple[JournalEntry, ...]]:
        """Every entry, by number. Fails like `load`, and with `SessionCorruption` when the chain or the count does not hold."""

    def find(self, query: SessionQuery) -> Future[tuple[SessionData, ...]]:
        """Newest first, ties by id. Sessions whose record is damaged are left out; `damaged` names them. Those of a newer release are
        left out too.
        """

    def damaged(self) -> Future[tuple[str, ...]]:
        """The ids of the sessions that cannot be trusted: their record, their journal, their messages, or what is kept of them since they
        were forgotten. Reads everything there is. Fails with `StoreError` when the store is damaged in a way that is no session's.
        """

    def claim(self, session_id: str, worker: str, seconds: float, *, instead_of: str = "") -> Future[Lease]:
        """The lease with the next epoch, which is the session's epoch from now on. Fails with `LeaseHeld`, which says by whom and until
        when, while another worker's is running, unless that worker is the one named `instead_of`: the caller knows that it is gone. The
        same worker gets a new epoch too. Whatever was written with an earlier epoch is over.

        The lease says when the former one was last heard of: when it was claimed, renewed or released, by the store's clock.
        """

    def renew(self, lease: Lease, seconds: float) -> Future[Lease]:
        """The same epoch, for longer and never for shorter than it had left when it was last heard of, also when it had expired and nobody
        took it. When the clock was set back since, that counts from now. Fails with `LeaseLost` when somebody took it, and when it was
        released.
        """

    def release(self, lease: Lease) -> Future[None]:
        """Nothing happens when the lease was lost, or the session forgotten."""

    def holders(self, session_ids: Iterable[str]) -> Future[Mapping[str, Lease]]:
        """The leases that run, by session. A session is left out when nobody has it, when its lease was released or has run out by the
        store's clock, when that clock was set back by more than the lease lasts since it was last heard of, when the session is not there,
        and when it cannot be trusted. Asking changes nothing and is no sign of life.
        """

    def send(self, message: Message) -> Future[None]:
        """Kept until the session is pruned, whether or not a worker lives and whether or not the session has ended. Of several with one
        subject, the first is kept and the others fail with `AlreadyAnswered`; the same one again changes nothing.
        """

    def messages(self, session_id: str) -> Future[tuple[Message, ...]]:
        """Everything put to the session so far, in the order in which it was kept. Fails like `load`."""

    def prune(self, ended_before_ns: int, limit: int = 1_000) -> Future[tuple[str, ...]]:
        """Forgets sessions that ended before that moment, journals and messages too; the ids of those it forgot, the oldest first. A
        session that ended without saying when counts from its last change. Damaged sessions stay, and those of a newer release. No more
        than `limit`, and fewer when they are long, so that others have their turn: it is done when nothing is forgotten.

        The id of one that is named is kept for good, with what `SessionForgotten` says, in the same go: it is not found any more, and it
        cannot be created again before it is freed. Of the others nothing is kept.
        """

    def give_back(self) -> Future[int]:
        """Gives the disk back what was forgotten, a part at a time so that others have their turn; how many bytes are left to give back. While
        others read, files stay as long as they are.
        """

    def free(self, session_id: str) -> Future[bool]:
        """Lets the id of a session that was forgotten be created again; whether there was such a one. Nothing happens to sessions that
        are there.
        """

    def close(self) -> None:
        """Everything asked for before is done first. Later calls fail with `StoreError`; closing again does nothing."""
