"""What a copy of the sessions takes while others write, what verifying and restoring take, what pruning gives back, and what leaving a
manager takes with and without a copy.

A writer commits one entry after the other on the store's own thread; its times are told apart by whether a copy was being made.
`python benchmarks/backups.py [--mib N]`
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import apsw
from msgspec.structs import replace

from reev_flow.clock import SystemClock
from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.runtime.manager import SessionManager
from reev_flow.runtime.room import give_back_all
from reev_flow.sessions.config import SessionConfig
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.journal import EntryKind, JournalEntry, link
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.store import Write
from reev_flow.stores.sqlite.backup_files import force_to_disk
from reev_flow.stores.sqlite.restoring import restore_store
from reev_flow.stores.sqlite.sessions import SqliteSessionStore
from reev_flow.stores.sqlite.verifying import verify

MIB = 1024 * 1024
LEAVINGS = 25
STEPS_EACH, BYTES_EACH = 20, 1_000
ALONE = 2_000


class Writer:
    """One session, step by step."""

    def __init__(self, store: SqliteSessionStore, name: str) -> None:
        self.store = store
        self.session = SessionData(session_id=name, flow="bench", created_ns=1, updated_ns=1, trace_id="7" * 32)
        store.create(self.session).result()

    def step(self, **changes: object) -> None:
        session = replace(self.session, **changes)
        entry = JournalEntry(
            number=session.entries + 1,
            kind=EntryKind.FINISHED,
            time_ns=1,
            epoch=0,
            step="step#1",
            value=b"x" * BYTES_EACH,
        )
        linked = link(session.chain, session.session_id, entry)
        self.session = replace(session, entries=linked.number, chain=linked.chain)
        self.store.append(Write(session=self.session, entries=(linked,))).result()


def fill(store: SqliteSessionStore, mib: int) -> int:
    count = mib * MIB // (STEPS_EACH * BYTES_EACH * 11 // 10)
    for number in range(count):
        writer = Writer(store, f"s-{number}")
        entries, chain = [], writer.session.chain
        for step in range(1, STEPS_EACH + 1):
            entry = JournalEntry(
                number=step, kind=EntryKind.FINISHED, time_ns=1, epoch=0, step=f"step#{step}", value=b"x" * BYTES_EACH
            )
            entries.append(link(chain, writer.session.session_id, entry))
            chain = entries[-1].chain
        after = replace(writer.session, state=SessionState.RUNNING, entries=STEPS_EACH, chain=chain)
        store.append(Write(session=after, entries=entries))
        ended = replace(after, state=SessionState.COMPLETED, ended_ns=2)
        last = store.append(Write(session=ended))
        if number % 500 == 0:
            last.result()
    last.result()
    return count


@contextmanager
def timed(what: str, told: str = "") -> Iterator[None]:
    began = time.perf_counter()
    yield
    sys.stdout.write(f"{what:<46} {time.perf_counter() - began:8.3f} s {told}\n")


def tell_gaps(what: str, gaps_ms: list[float]) -> None:
    cuts = statistics.quantiles(gaps_ms, n=100)
    sys.stdout.write(
        f"{what:<46} p50 {cuts[49]:.3f} ms, p99 {cuts[98]:.3f} ms, longest {max(gaps_ms):.1f} ms, {len(gaps_ms):,} commits\n"
    )


def step_times(writer: Writer, goes_on: Iterator[bool]) -> list[float]:
    times = []
    for _ in goes_on:
        began = time.perf_counter()
        writer.step()
        times.append((time.perf_counter() - began) * 1_000)
    return times


def until(done: Future[Any]) -> Iterator[bool]:
    while not done.done():
        yield True


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("sessions.db*") if not path.name.endswith("-shm"))


def tell_ways_to_copy(database: Path) -> None:
    """Page by page as it is done, with nobody writing; and made anew from what can be read."""
    source = apsw.Connection(str(database))
    for way in ("page by page", "VACUUM INTO"):
        copy = database.with_name("way.db")
        with timed(f"a copy {way}, forced to disk"):
            if way == "VACUUM INTO":
                source.execute("VACUUM INTO ?", (str(copy),))
            else:
                with closing(apsw.Connection(str(copy))) as target:
                    target.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
                    with target.backup("main", source, "main") as backup:
                        while not backup.done:
                            backup.step(1_000)
            force_to_disk(copy)
        with timed("reading it through (quick_check)"), closing(apsw.Connection(str(copy))) as connection:
            connection.execute("PRAGMA quick_check").fetchall()
        copy.unlink()
    source.close()


async def look() -> int:
    return 1


@flow
async def looking(session: SessionHandle) -> None:
    await session.step(look, on_interrupt="rerun")


async def leave_manager(place: Path, *, is_copied: bool) -> float:
    async with SessionManager(place, config=SessionConfig(backup_enabled=is_copied)) as manager:
        await manager.run(looking)
        began = time.perf_counter()
    return (time.perf_counter() - began) * 1_000


def tell_leaving() -> None:
    for is_copied in (True, False):
        with tempfile.TemporaryDirectory() as place:
            times = [asyncio.run(leave_manager(Path(place), is_copied=is_copied)) for _ in range(LEAVINGS)]
        what = "leaving a manager, a copy made" if is_copied else "leaving a manager, backups switched off"
        sys.stdout.write(f"{what:<46} p50 {statistics.median(times):.1f} ms of {LEAVINGS}\n")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--mib", type=int, default=100)
    mib = parser.parse_args().mib
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        store = SqliteSessionStore(folder / "sessions.db")
        count = fill(store, mib)
        sys.stdout.write(f"{count:,} sessions of {STEPS_EACH} steps, {size_of(folder) / MIB:.1f} MiB\n")
        writer = Writer(store, "writer")
        writer.step(state=SessionState.RUNNING)
        tell_gaps("a commit, nothing else going on", step_times(writer, iter([True] * ALONE)))
        began = time.perf_counter()
        copying = store.back_up()
        gaps = step_times(writer, until(copying))
        took = time.perf_counter() - began
        copy = copying.result()
        assert copy is not None
        sys.stdout.write(f"{'a copy while one writes':<46} {took:8.3f} s, {copy.size_bytes / MIB / took:,.0f} MiB/s\n")
        tell_gaps("a commit while a copy is made", gaps)
        with timed("a look that finds nothing to copy"):
            store.back_up(at_most_every_seconds=300).result()
        tell_ways_to_copy(folder / "sessions.db")
        with timed("verify, reading everything"):
            assert verify(folder / "sessions.db").is_sound
        before = size_of(folder)
        with timed("prune all that ended, room given back"):
            while store.prune(3).result():
                pass
            give_back_all(store)
        sys.stdout.write(f"{'size before and after pruning':<46} {before:,} and {size_of(folder):,} bytes\n")
        store.close()
        with timed("restore the copy"):
            restored = restore_store(Path(copy.location), folder / "sessions.db", SystemClock())
        sys.stdout.write(f"{'restored':<46} {restored.ended:,} ended, {len(restored.interrupted):,} interrupted\n")
    tell_leaving()


if __name__ == "__main__":
    main()
