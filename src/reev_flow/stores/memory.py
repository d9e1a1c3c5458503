"""Sessions kept in memory: for tests, and for work that need not survive its process."""

from collections.abc import Iterable, Mapping

import msgspec

from reev_flow.clock import Clock, SystemClock
from reev_flow.errors import SessionForgotten, SessionNotFound
from reev_flow.sessions.acknowledgement import Acknowledgement
from reev_flow.sessions.data import Lease, Message, SessionData
from reev_flow.sessions.journal import ChainedEntry, JournalEntry, read_entry
from reev_flow.sessions.store import SessionQuery, Write
from reev_flow.stores import rules
from reev_flow.stores.at_once import AtOnce

LOCATION = "memory:"


class _Shelf(msgspec.Struct):
    kept: rules.Kept
    entries: list[ChainedEntry] = []
    messages: list[Message] = []


class MemorySessionStore:
    """Keeps every promise of a session store but one: nothing survives the process. Futures are done when they are given."""

    def __init__(self, *, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._work = AtOnce(LOCATION)
        self._shelves: dict[str, _Shelf] = {}
        self._forgotten: dict[str, SessionForgotten] = {}

    @property
    def location(self) -> str:
        return LOCATION

    def create(self, session: SessionData) -> Acknowledgement[None]:
        return self._work.do(self._create, session)

    def append(self, write: Write) -> Acknowledgement[None]:
        return self._work.do(self._append, write)

    def load(self, session_id: str) -> Acknowledgement[SessionData]:
        return self._work.do(lambda: self._shelf(session_id).kept.session)

    def read_journal(self, session_id: str) -> Acknowledgement[tuple[JournalEntry, ...]]:
        return self._work.do(lambda: tuple(read_entry(entry) for entry in self._shelf(session_id).entries))

    def find(self, query: SessionQuery) -> Acknowledgement[tuple[SessionData, ...]]:
        return self._work.do(self._find, query)

    def damaged(self) -> Acknowledgement[tuple[str, ...]]:
        return self._work.do(tuple[str, ...])

    def claim(self, session_id: str, worker: str, seconds: float, *, instead_of: str = "") -> Acknowledgement[Lease]:
        claim = rules.Claim(session_id=session_id, worker=worker, seconds=seconds, instead_of=instead_of)
        return self._work.do(self._claim, claim)

    def renew(self, lease: Lease, seconds: float) -> Acknowledgement[Lease]:
        return self._work.do(self._renew, lease, seconds)

    def release(self, lease: Lease) -> Acknowledgement[None]:
        return self._work.do(self._release, lease)

    def holders(self, session_ids: Iterable[str]) -> Acknowledgement[Mapping[str, Lease]]:
        return self._work.do(self._holders, tuple(session_ids))

    def send(self, message: Message) -> Acknowledgement[None]:
        return self._work.do(self._send, message)

    def messages(self, session_id: str) -> Acknowledgement[tuple[Message, ...]]:
        return self._work.do(lambda: tuple(self._shelf(session_id).messages))

    def prune(self, ended_before_ns: int, limit: int = 1_000) -> Acknowledgement[tuple[str, ...]]:
        return self._work.do(self._prune, ended_before_ns, limit)

    def give_back(self) -> Acknowledgement[int]:
        return self._work.do(lambda: 0)

    def free(self, session_id: str) -> Acknowledgement[bool]:
        return self._work.do(lambda: self._forgotten.pop(session_id, None) is not None)

    def close(self) -> None:
        self._work.close()

    def _shelf(self, session_id: str) -> _Shelf:
        if session_id not in self._shelves:
            raise SessionNotFound(session_id, LOCATION)
        return self._shelves[session_id]

    def _create(self, session: SessionData) -> None:
        shelf = self._shelves.get(session.session_id)
        if (told := self._forgotten.get(session.session_id)) is not None:
            raise SessionForgotten(*told.args)
        if (kept := rules.created(shelf.kept.session if shelf else None, session)) is not None:
            self._shelves[session.session_id] = _Shelf(kept)

    def _append(self, write: Write) -> None:
        shelf = self._shelf(write.session.session_id)
        kept = rules.appended(shelf.kept, write, lambda number: shelf.entries[number - 1].chain)
        if kept is not None:
            shelf.kept = kept
            shelf.entries.extend(write.entries)

    def _find(self, query: SessionQuery) -> tuple[SessionData, ...]:
        wanted = [shelf.kept.session for shelf in self._shelves.values() if rules.fits(shelf.kept, query)]
        wanted.sort(key=lambda session: (-session.created_ns, session.session_id))
        return tuple(wanted[: max(query.limit, 0)])

    def _claim(self, claim: rules.Claim) -> Lease:
        shelf = self._shelf(claim.session_id)
        shelf.kept = rules.claimed(shelf.kept, claim, self._clock.now_ns())
        return rules.lease_of(shelf.kept)

    def _renew(self, lease: Lease, seconds: float) -> Lease:
        shelf = self._shelf(lease.session_id)
        shelf.kept = rules.renewed(shelf.kept, lease, self._clock.now_ns(), seconds)
        return rules.lease_of(shelf.kept)

    def _release(self, lease: Lease) -> None:
        shelf = self._shelves.get(lease.session_id)
        if shelf is not None:
            shelf.kept = rules.released(shelf.kept, lease, self._clock.now_ns()) or shelf.kept

    def _holders(self, session_ids: tuple[str, ...]) -> dict[str, Lease]:
        now_ns = self._clock.now_ns()
        there = [self._shelves[name] for name in session_ids if name in self._shelves]
        leases = [rules.holder(shelf.kept, now_ns) for shelf in there]
        return {lease.session_id: lease for lease in leases if lease is not None}

    def _send(self, message: Message) -> None:
        shelf = self._shelf(message.session_id)
        kept = rules.sent(shelf.kept, message, shelf.messages)
        if kept is not None:
            shelf.kept = kept
            shelf.messages.append(message)

    def _prune(self, ended_before_ns: int, limit: int) -> tuple[str, ...]:
        over = [(rules.over_ns(shelf.kept.session), name) for name, shelf in self._shelves.items()]
        old = sorted((moment, name) for moment, name in over if moment is not None and moment < ended_before_ns)
        forgotten = tuple(name for _, name in old[: max(limit, 0)])
        for name in forgotten:
            told = rules.forgotten(self._shelves.pop(name).kept.session, self._clock.now_ns())
            if told is not None:
                self._forgotten[name] = told
        return forgotten
