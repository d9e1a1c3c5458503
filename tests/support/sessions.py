"""Sessions as tests want them: started in one line, moved on in another."""

from concurrent.futures import Future
from typing import Any

from msgspec.structs import replace

from reev_flow.sessions.data import Message, SessionData
from reev_flow.sessions.journal import GENESIS, ChainedEntry, EntryKind, JournalEntry, bare_bytes, chain_of
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.store import SessionQuery, SessionStore, Write

NS = 1_000_000_000
START_NS = 1_700_000_000 * NS


class SetClock:
    """A clock that shows what it is set to."""

    def __init__(self, seconds: float = 0) -> None:
        self.seconds = seconds

    def now_ns(self) -> int:
        return START_NS + int(self.seconds * NS)

    def monotonic_ns(self) -> int:
        return self.now_ns()


def new_session(session_id: str = "s-1", *, second: int = 0, **facts: Any) -> SessionData:
    """`second` is when it was created."""
    created_ns = START_NS + second * NS
    standard: dict[str, Any] = {
        "flow": "swap_then_lend",
        "created_ns": created_ns,
        "updated_ns": created_ns,
        "trace_id": "7" * 32,
        "arguments": b"amount=3",
        "definition": b"a plan",
    }
    return SessionData(session_id=session_id, **(standard | facts))


def entry(number: int, *, step: str = "", value: bytes = b"", epoch: int = 0) -> JournalEntry:
    return JournalEntry(
        number=number,
        kind=EntryKind.FINISHED,
        time_ns=START_NS + number,
        epoch=epoch,
        step=step or f"step#{number}",
        attempt=1,
        value=value,
    )


def answer(value: str, *, session_id: str = "s-1", subject: str = "approve#1", sent_ns: int = START_NS) -> Message:
    return Message(session_id=session_id, subject=subject, value=value.encode(), sent_ns=sent_ns, sender="ann")


def found(store: SessionStore, **wanted: Any) -> list[str]:
    """The ids of what fits a query, in the order given."""
    return [session.session_id for session in store.find(SessionQuery(**wanted)).result()]


def write_after(session: SessionData, *entries: JournalEntry, **changes: Any) -> Write:
    """A write that continues the session's journal with these entries, numbered and chained anew."""
    chain, linked = session.chain, []
    for number, one in enumerate(entries, session.entries + 1):
        linked.append(chained(chain, session.session_id, replace(one, number=number, epoch=session.epoch)))
        chain = linked[-1].chain
    after = replace(session, entries=session.entries + len(linked), chain=chain, **changes)
    return Write(session=after, entries=written(*linked))


def chained(previous: bytes, session_id: str, entry: JournalEntry) -> JournalEntry:
    """The entry with the chain that makes it follow `previous`."""
    return replace(entry, chain=chain_of(previous, session_id, bare_bytes(entry)))


def written(*entries: JournalEntry) -> tuple[ChainedEntry, ...]:
    """As a worker writes them, with the chains they say they have."""
    return tuple(ChainedEntry(entry.number, bare_bytes(entry), entry.chain) for entry in entries)


class Run:
    """One session in a store, as its worker sees it."""

    def __init__(self, store: SessionStore, session: SessionData | None = None) -> None:
        """Created, and running."""
        self.store = store
        self.session = session or new_session()
        store.create(self.session).result()
        self.append(state=SessionState.RUNNING).result()

    def append(self, *entries: JournalEntry, **changes: Any) -> Future[None]:
        write = write_after(self.session, *entries, **changes)
        self.session = write.session
        return self.store.append(write)

    def step(self, value: bytes = b"", **changes: Any) -> None:
        """One step more, and acknowledged."""
        self.append(entry(1, value=value), **changes).result()

    def end(self, state: SessionState = SessionState.COMPLETED, *, second: int = 0, **changes: Any) -> None:
        ended_ns = START_NS + second * NS
        self.append(state=state, ended_ns=ended_ns, updated_ns=ended_ns, **changes).result()


def is_unbroken(session: SessionData, entries: tuple[JournalEntry, ...]) -> bool:
    """Whether these are all entries of the session, each following the one before; computed here anew."""
    chain = GENESIS
    for number, one in enumerate(entries, 1):
        if one != chained(chain, session.session_id, one) or one.number != number:
            return False
        chain = one.chain
    return (session.entries, session.chain) == (len(entries), chain)
