"""Whatever is asked of the stores, in any order, by two processes, at any time of the clock: they answer as a plain one would."""

import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from model.plain_store import PlainStore
from reev_flow.errors import SessionError
from reev_flow.sessions.data import Lease, Message, SessionData
from reev_flow.sessions.journal import link
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.store import SessionStore, Write
from reev_flow.stores.urls import open_session_store
from support.sessions import NS, START_NS, SetClock, answer, entry, is_unbroken, new_session

SESSIONS = some.sampled_from(["s-1", "s-1", "s-1", "s-2"])
WORKERS = some.sampled_from(["ann", "bob"])
SECONDS = some.sampled_from([1, 30, 60])
PROCESSES = some.integers(min_value=0, max_value=1)


class Stores(RuleBasedStateMachine):
    """Two SQLite stores at one place, one in memory, and the plain one."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = SetClock()
        self.plain = PlainStore()
        self.folder = Path(tempfile.mkdtemp(prefix="stores-"))
        self.memory = open_session_store("memory:", clock=self.clock)
        self.sqlite = [open_session_store(self.folder, clock=self.clock) for _ in range(2)]
        self.leases: list[Lease] = []
        self.writes: list[Write] = []
        self.known: dict[str, list[SessionData]] = {"s-1": [], "s-2": []}
        self.sent: list[Message] = []

    def teardown(self) -> None:
        for store in (self.memory, *self.sqlite):
            store.close()
        shutil.rmtree(self.folder)

    def answers(self, process: int, ask: Callable[[SessionStore], Future[Any]]) -> Any:
        """What both kinds of store answer: a value, or the class of an error."""
        memory, sqlite = (_outcome(ask(store)) for store in (self.memory, self.sqlite[process]))
        assert memory == sqlite
        return memory

    def learn(self, session_id: str) -> None:
        there = self.plain.sessions.get(session_id)
        if there is not None and there.session not in self.known[session_id]:
            self.known[session_id].append(there.session)

    @initialize()
    def begin(self) -> None:
        """One session is there, and somebody works on it."""
        self.time_passes(0)
        self.create("s-1", 0, 0)
        self.claim("s-1", 0, "ann", 60, "")
        self.append(0, written(replace(self.known["s-1"][-1], state=SessionState.RUNNING), 1))

    @rule(seconds=some.sampled_from([0, 1, 30, 61, 3_600, -1, -30, -3_600]))
    def time_passes(self, seconds: int) -> None:
        self.clock.seconds += seconds
        self.plain.now_ns = self.clock.now_ns()

    @rule(session_id=SESSIONS, process=PROCESSES, second=some.integers(min_value=0, max_value=1))
    def create(self, session_id: str, process: int, second: int) -> None:
        session = new_session(session_id, second=second)
        assert self.answers(process, lambda store: store.create(session)) is self.plain.create(session)
        self.learn(session_id)

    @rule(session_id=SESSIONS, process=PROCESSES, worker=WORKERS, seconds=SECONDS, gone=some.sampled_from(["", "bob"]))
    def claim(self, session_id: str, process: int, worker: str, seconds: int, gone: str) -> None:  # noqa: PLR0917 - what a claim says
        said = self.answers(process, lambda store: store.claim(session_id, worker, seconds, instead_of=gone))
        assert said == self.plain.claim(session_id, worker, seconds, instead_of=gone)
        if isinstance(said, Lease):
            self.leases.append(said)
        self.learn(session_id)

    @precondition(lambda self: self.leases)
    @rule(data=some.data(), process=PROCESSES, seconds=SECONDS)
    def renew(self, data: some.DataObject, process: int, seconds: int) -> None:
        lease = data.draw(some.sampled_from(self.leases[-3:]))
        said = self.answers(process, lambda store: store.renew(lease, seconds))
        expected = self.plain.renew(lease, seconds)
        assert (said.expires_ns if isinstance(said, Lease) else said) == expected

    @precondition(lambda self: self.leases)
    @rule(data=some.data(), process=PROCESSES)
    def release(self, data: some.DataObject, process: int) -> None:
        lease = data.draw(some.sampled_from(self.leases[-3:]))
        assert self.answers(process, lambda store: store.release(lease)) is None
        self.plain.release(lease)

    @precondition(lambda self: any(self.known.values()))
    @rule(
        data=some.data(),
        process=PROCESSES,
        entries=some.integers(min_value=1, max_value=3),
        state=some.sampled_from(
            [SessionState.RUNNING, SessionState.RUNNING, SessionState.WAITING, SessionState.FAILED]
        ),
    )
    def write(self, data: some.DataObject, process: int, entries: int, state: SessionState) -> None:
        """By somebody who knew the session as it is now, or was before, with that epoch or a later one."""
        base = data.draw(
            some.sampled_from([one for known in self.known.values() for one in (*known[-3:], *known[-1:])])
        )
        epoch = base.epoch + data.draw(some.sampled_from([0, 0, 0, 1]))
        ended_ns = self.clock.now_ns() if state.is_end else None
        session = replace(base, epoch=epoch, state=state, ended_ns=ended_ns, updated_ns=self.clock.now_ns())
        self.append(process, written(session, entries))

    @precondition(lambda self: self.writes)
    @rule(data=some.data(), process=PROCESSES)
    def write_again(self, data: some.DataObject, process: int) -> None:
        self.append(process, data.draw(some.sampled_from(self.writes[-4:])))

    def append(self, process: int, write: Write) -> None:
        assert self.answers(process, lambda store: store.append(write)) is self.plain.append(write)
        self.writes.append(write)
        self.learn(write.session.session_id)

    @rule(session_id=SESSIONS, process=PROCESSES, value=some.sampled_from(["yes", "no"]), number=some.integers(1, 2))
    def send(self, session_id: str, process: int, value: str, number: int) -> None:
        message = answer(value, session_id=session_id, subject=f"ask#1@{number}")
        assert self.answers(process, lambda store: store.send(message)) is self.plain.send(message)

    @precondition(lambda self: any(there.session.state.is_end for there in self.plain.sessions.values()))
    @rule(process=PROCESSES, second=some.sampled_from([-3_600, 0, 61]))
    def prune(self, process: int, second: int) -> None:
        before_ns = START_NS + second * NS
        assert self.answers(process, lambda store: store.prune(before_ns)) == self.plain.prune(before_ns)

    @precondition(lambda self: self.plain.forgotten)
    @rule(session_id=SESSIONS, process=PROCESSES)
    def free(self, session_id: str, process: int) -> None:
        assert self.answers(process, lambda store: store.free(session_id)) is self.plain.free(session_id)

    @precondition(lambda self: len(self.writes) % 4 == 0)
    @rule(process=PROCESSES)
    def open_again(self, process: int) -> None:
        self.sqlite[process].close()
        self.sqlite[process] = open_session_store(self.folder, clock=self.clock)

    @invariant()
    def everything_is_there(self) -> None:
        for process in range(2):
            holders = self.answers(process, lambda store: store.holders(["s-1", "s-2"]))
            assert {name: lease.worker for name, lease in holders.items()} == self.plain.holders()
            for name in self.plain.sessions:
                self.is_as_plain(process, name)

    def is_as_plain(self, process: int, name: str) -> None:
        there = self.plain.sessions[name]
        assert self.answers(process, lambda store: store.load(name)) == there.session
        assert is_unbroken(there.session, self.answers(process, lambda store: store.read_journal(name)))
        assert list(self.answers(process, lambda store: store.messages(name))) == there.messages


def _outcome(future: Future[Any]) -> Any:
    error = future.exception()
    if error is not None:
        assert isinstance(error, SessionError)
        return type(error)
    return future.result()


def written(session: SessionData, count: int) -> Write:
    """Chained as workers do it."""
    linked = []
    for number in range(session.entries + 1, session.entries + count + 1):
        one = replace(entry(number), epoch=session.epoch, time_ns=session.updated_ns)
        linked.append(link(session.chain, session.session_id, one))
        session = replace(session, entries=number, chain=linked[-1].chain)
    return Write(session=session, entries=tuple(linked))


Stores.TestCase.settings = settings(max_examples=20, stateful_step_count=40)
TestStores = Stores.TestCase
