"""How long the SQLite session store takes to keep what it is given, beside raw SQLite commits of the same bytes.

Timed is from the call until the acknowledgement, not the making of the entries. The raw commit is one row of an entry's bytes, inserted in
a table with nothing else to it, with WAL and synchronous=FULL, from the calling thread. What a second's worth of appends comes to
depends on the disk more than on anything else, so the ratio is what counts.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from msgspec.structs import replace

from measure import Figure, beside_floor, tell
from raw_commits import RawCommits
from reev_flow.sessions.acknowledgement import awaited
from reev_flow.sessions.data import Lease, SessionData
from reev_flow.sessions.journal import EntryKind, JournalEntry, link
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.store import SessionStore, Write
from reev_flow.stores.urls import open_session_store

VALUE = os.urandom(1_000)
ROUNDS = 21
IN_A_ROW = 50
SESSIONS = 100
EACH = 20

names = map("s-{}".format, count())


class Flow:
    """One session and the writes it makes."""

    def __init__(self, store: SessionStore) -> None:
        self.store = store
        self.session = _new_session(next(names))
        store.create(self.session).result()
        store.append(self.write(state=SessionState.RUNNING)).result()

    def write(self, *entries: JournalEntry, state: SessionState = SessionState.RUNNING) -> Write:
        write = _write_after(self.session, *entries, state=state)
        self.session = write.session
        return write

    def steps(self, number: int) -> list[Write]:
        return [self.write(_entry()) for _ in range(number)]


def _new_session(name: str) -> SessionData:
    return SessionData(session_id=name, flow="benchmark", created_ns=1, updated_ns=1, trace_id="7" * 32)


def _entry() -> JournalEntry:
    return JournalEntry(
        number=0,
        kind=EntryKind.FINISHED,
        time_ns=1,
        epoch=0,
        step="load#1",
        attempt=1,
        arguments=b"d" * 16,
        value=VALUE,
    )


def _write_after(session: SessionData, *entries: JournalEntry, state: SessionState) -> Write:
    chain, linked = session.chain, []
    for number, entry in enumerate(entries, session.entries + 1):
        linked.append(link(chain, session.session_id, replace(entry, number=number, epoch=session.epoch)))
        chain = linked[-1].chain
    after = replace(session, entries=session.entries + len(linked), chain=chain, state=state)
    return Write(session=after, entries=tuple(linked))


def one_after_the_other_in_a_thread(store: SessionStore) -> Callable[[], None]:
    rounds = _rounds_of(Flow(store), IN_A_ROW)

    def append_all() -> None:
        for write in next(rounds):
            store.append(write).result()

    return append_all


def one_after_the_other_in_a_coroutine(store: SessionStore, loop: asyncio.AbstractEventLoop) -> Callable[[], None]:
    rounds = _rounds_of(Flow(store), IN_A_ROW)
    return lambda: loop.run_until_complete(_append_all(store, next(rounds), awaited))


def starts_and_ends(store: SessionStore) -> Callable[[], None]:
    """Made, claimed and started without waiting in between, then ended and let go in the same way."""

    def start_and_end() -> None:
        for _ in range(IN_A_ROW):
            session = _new_session(next(names))
            running = _write_after(replace(session, epoch=1), _entry(), state=SessionState.RUNNING)
            store.create(session)
            lease = store.claim(session.session_id, "worker", 60)
            store.append(running).result()
            _end(store, running.session, lease.result())

    return start_and_end


def _end(store: SessionStore, session: SessionData, lease: Lease) -> None:
    ended = store.append(_write_after(session, _entry(), state=SessionState.COMPLETED))
    store.release(lease).result()
    ended.result()


def all_at_once(
    store: SessionStore, loop: asyncio.AbstractEventLoop, wait: Callable[[Future[None]], Awaitable[None]]
) -> Callable[[], None]:
    rounds = [_rounds_of(Flow(store), EACH) for _ in range(SESSIONS)]

    async def append_all() -> None:
        await asyncio.gather(*(_append_all(store, next(one), wait) for one in rounds))

    return lambda: loop.run_until_complete(append_all())


async def _append_all(
    store: SessionStore, writes: list[Write], wait: Callable[[Future[None]], Awaitable[None]]
) -> None:
    for write in writes:
        await wait(store.append(write))


def _rounds_of(flow: Flow, writes: int) -> Iterator[list[Write]]:
    """Made before anything is timed; one more than there are rounds, for the one that is not counted."""
    return iter([flow.steps(writes) for _ in range(ROUNDS + 1)])


@contextmanager
def opened(folder: Path) -> Iterator[tuple[RawCommits, SessionStore]]:
    raw, store = RawCommits(folder, VALUE), open_session_store(folder / "store")
    _warm_up(raw, Flow(store))
    yield raw, store
    store.close()
    raw.connection.close()


def _warm_up(raw: RawCommits, flow: Flow) -> None:
    """Until both logs have been merged once and are written over from then on: a log that grows costs the file system more."""
    for _ in range(24):
        raw.commit(times=1, rows=1_000)
        flow.session = replace(flow.session, result=os.urandom(1_000_000))
        flow.store.append(Write(session=flow.session)).result()


def figures(raw: RawCommits, store: SessionStore, loop: asyncio.AbstractEventLoop) -> list[Figure]:
    def alone(what: str, work: Callable[[], None]) -> Figure:
        return Figure(what, *beside_floor(work, lambda: raw.commit(IN_A_ROW), rounds=ROUNDS), f"{IN_A_ROW} raw commits")

    def together(what: str, work: Callable[[], None]) -> Figure:
        floor = f"{EACH} raw commits of {SESSIONS} rows"
        return Figure(what, *beside_floor(work, lambda: raw.commit(EACH, SESSIONS), rounds=ROUNDS), floor)

    at_once = f"{SESSIONS} sessions x {EACH} appends at once"
    return [
        alone(f"{IN_A_ROW} appends in a row, a thread waits", one_after_the_other_in_a_thread(store)),
        alone(f"{IN_A_ROW} appends in a row, awaited", one_after_the_other_in_a_coroutine(store, loop)),
        alone(f"{IN_A_ROW} sessions in a row, start and end", starts_and_ends(store)),
        together(f"{at_once}, awaited", all_at_once(store, loop, awaited)),
        together(f"{at_once}, wrap_future", all_at_once(store, loop, asyncio.wrap_future)),
    ]


def main() -> None:
    loop = asyncio.new_event_loop()
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as (raw, store):
        told = figures(raw, store, loop)
    loop.close()
    tell(f"Session store, SQLite, entries of {len(VALUE):,} bytes", told)
    for figure in told[-2:]:
        sys.stdout.write(f"{figure.what}: {SESSIONS * EACH / figure.took:,.0f} durable appends a second\n")


if __name__ == "__main__":
    main()
