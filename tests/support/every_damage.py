"""Every byte of a small store damaged in turn, and its files cut off at every place: what is then read, by kinds.

`python tests/support/every_damage.py [--stride N] [--processes N]` does all of it; tests take a sample.
"""

import argparse
import json
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from enum import StrEnum
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from reev_flow.errors import SessionCorruption, SessionForgotten, StoreError
from reev_flow.sessions.data import Message, SessionData
from reev_flow.sessions.journal import JournalEntry
from reev_flow.sessions.store import SessionQuery, SessionStore
from reev_flow.stores.urls import open_session_store
from support.processes import environment
from support.sessions import START_NS, Run, new_session

DATABASE, LOG, MARK = "sessions.db", "sessions.db-wal", "sessions.high-water"
MOMENTS = "moments.pickle"
FILLING = "import sys, support.every_damage as damage; damage.fill_and_die(sys.argv[1])"
FORGOTTEN = "forgotten"
SECTOR = 512
NAMES = ("s-1", "s-2", "s-3")
EVERYTHING = SessionQuery()
MEMORY = Path("/dev/shm")  # where waiting for the disk costs nothing


class Outcome(StrEnum):
    """The first three are what is promised."""

    RIGHT = "right"  # everything is as it was acknowledged
    SESSION = "session refused"  # one or more sessions are SessionCorruption, or named as damaged; the others are right
    STORE = "store refused"  # StoreError, when it is opened or when it is read
    LOST = "loss within the window"  # right as of an earlier commit that the mark does not rule out
    WRONG = "wrong"


class Kind(StrEnum):
    """What a disk does to a file."""

    BIT = "bit"  # one is turned over
    CUT = "cut"  # the end is gone
    ZEROS = "zeros"  # a sector was never written
    GARBAGE = "garbage"  # a sector is something else's


class Damage(msgspec.Struct, frozen=True):
    """One that a file can have, from that byte on."""

    file: str
    offset: int
    kind: Kind

    def do(self, content: bytes) -> bytes:
        if self.kind is Kind.CUT:
            return content[: self.offset]
        changed = bytearray(content)
        if self.kind is Kind.BIT:
            changed[self.offset] ^= 1 << (self.offset * 5 + self.offset // 8) % 8
        else:
            sector = changed[self.offset : self.offset + SECTOR]
            changed[self.offset : self.offset + SECTOR] = (
                bytes(len(sector)) if self.kind is Kind.ZEROS else Random(self.offset).randbytes(len(sector))
            )
        return bytes(changed)


class Truth(msgspec.Struct, frozen=True):
    """What was acknowledged."""

    sessions: dict[str, SessionData]
    journals: dict[str, tuple[JournalEntry, ...]]
    messages: dict[str, tuple[Message, ...]]
    found: tuple[SessionData, ...]


class Specimen(msgspec.Struct, frozen=True):
    """The files of a store as a process left them. `truths` are what was in it after each of the commits that its mark does not rule out, the
    last one first.
    """

    files: dict[str, bytes]
    truths: list[Truth]

    def damages(self, stride: int = 1) -> Iterator[Damage]:
        for name, content in self.files.items():
            for offset in range(0, len(content), stride):
                yield Damage(name, offset, Kind.BIT)
                yield Damage(name, offset, Kind.CUT)
            for offset in range(0, len(content), SECTOR * (1 if stride == 1 else 3)):
                yield Damage(name, offset, Kind.ZEROS)
                yield Damage(name, offset, Kind.GARBAGE)


def fill(folder: Path) -> list[Run]:
    """Sessions that go on, entries, and one that was forgotten; closed."""
    store = open_session_store(folder)
    Run(store, new_session(FORGOTTEN)).end()
    store.prune(START_NS * 2).result()
    runs = [Run(store, new_session(name, second=number)) for number, name in enumerate(NAMES)]
    for run in runs:
        run.step(f"value of {run.session.session_id}".encode())
    store.close()
    return runs


def closed(folder: Path) -> Specimen:
    """Everything is in the database."""
    fill(folder)
    return Specimen(_files(folder), [_truth(folder)])


def killed(folder: Path) -> Specimen:
    """The last commits are in the log."""
    return _specimen(folder, lag=0)


def after_a_power_cut(folder: Path) -> Specimen:
    """The same, but the mark, which is not forced to disk, is from three commits before."""
    return _specimen(folder, lag=3)


def _specimen(folder: Path, lag: int) -> Specimen:
    subprocess.run([sys.executable, "-c", FILLING, str(folder)], env=environment(), check=True)
    moments: list[tuple[bytes, Truth]] = pickle.loads((folder / MOMENTS).read_bytes())
    (folder / MARK).write_bytes(moments[-1 - lag][0])
    return Specimen(_files(folder), [truth for _, truth in moments[-1 - lag :]][::-1])


def fill_and_die(place: str) -> None:
    """In a process of its own. Beside the store it leaves what its mark said and what was in it after each of the last commits."""
    folder = Path(place)
    runs = fill(folder)
    store = open_session_store(folder)
    moments = [((folder / MARK).read_bytes(), read_all(store))]
    for change in _last_changes(store, runs):
        change()
        moments.append(((folder / MARK).read_bytes(), read_all(store)))
    (folder / MOMENTS).write_bytes(pickle.dumps(moments))
    os._exit(0)


def _last_changes(store: SessionStore, runs: list[Run]) -> list[Callable[[], object]]:
    """Each is one commit."""
    for run in runs:
        run.store = store
    question = Message(session_id="s-2", subject="ask#1", value=b"yes", sent_ns=START_NS)
    return [
        lambda: runs[0].step(b"one more"),
        lambda: store.send(question).result(),
        lambda: runs[1].step(b"and another"),
        lambda: runs[2].end(result=b"result"),
    ]


def _files(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in (DATABASE, LOG, MARK) if (folder / name).exists()}


def _truth(folder: Path) -> Truth:
    store = open_session_store(folder)
    truth = read_all(store)
    store.close()
    return truth


def read_all(store: SessionStore) -> Truth:
    return Truth(
        {name: store.load(name).result() for name in NAMES},
        {name: store.read_journal(name).result() for name in NAMES},
        {name: store.messages(name).result() for name in NAMES},
        store.find(EVERYTHING).result(),
    )


def outcome_of(specimen: Specimen, damage: Damage, folder: Path) -> Outcome:
    """What the first process reads that finds it, if the next one, after that has closed it, reads nothing wrong either."""
    for left in folder.iterdir():
        left.unlink()
    for name, content in specimen.files.items():
        (folder / name).write_bytes(damage.do(content) if name == damage.file else content)
    outcome = _opened_and_read(specimen, folder)
    return Outcome.WRONG if _opened_and_read(specimen, folder) is Outcome.WRONG else outcome


def _opened_and_read(specimen: Specimen, folder: Path) -> Outcome:
    try:
        store = open_session_store(folder)
    except StoreError:
        return Outcome.STORE
    try:
        return _read(store, specimen.truths)
    finally:
        store.close()


def _read(store: SessionStore, truths: list[Truth]) -> Outcome:
    asked = store.damaged()
    told = asked.exception()
    if not isinstance(told, StoreError | None):
        return Outcome.WRONG
    damaged = None if told else frozenset(asked.result())
    answers = _Answers(store)
    fits = [_fits(answers, truth, damaged) for truth in truths]
    if not any(fits) or not isinstance(answers.created, SessionForgotten | SessionCorruption | StoreError):
        return Outcome.WRONG
    if not fits[0]:
        return Outcome.LOST
    return Outcome.STORE if damaged is None else Outcome.SESSION if damaged else Outcome.RIGHT


class _Answers:
    """What the store says, asked once: a value or an error."""

    def __init__(self, store: SessionStore) -> None:
        asks = (store.load, store.read_journal, store.messages)
        self.of = {(ask.__name__, name): _answer(ask(name)) for ask in asks for name in NAMES}
        self.found = _answer(store.find(EVERYTHING))
        self.created = _answer(store.create(new_session(FORGOTTEN)))


def _answer(asked: Future[Any]) -> Any:
    return asked.exception() or asked.result()


def _fits(answers: _Answers, truth: Truth, damaged: frozenset[str] | None) -> bool:
    """`damaged` are the only sessions that may be missing where all are listed; None when anything may."""
    right = {"load": truth.sessions, "read_journal": truth.journals, "messages": truth.messages}
    for (asked, name), answer in answers.of.items():
        is_refused = isinstance(answer, SessionCorruption | StoreError)
        if not is_refused and answer != right[asked][name]:  # type: ignore[index]
            return False
    if isinstance(answers.found, StoreError):
        return True
    missing = {one.session_id for one in truth.found} - {one.session_id for one in answers.found}
    is_in_order = list(answers.found) == [one for one in truth.found if one in answers.found]
    return is_in_order and (damaged is None or missing <= damaged)


def tally(
    specimen: Specimen, damages: list[Damage], folder: Path
) -> tuple[Counter[tuple[str, str, str]], list[Damage]]:
    """By file, kind of damage and outcome; and the damages with which something wrong was read."""
    counts: Counter[tuple[str, str, str]] = Counter()
    wrong = []
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        for damage in damages:
            outcome = outcome_of(specimen, damage, Path(scratch))
            counts[damage.file, damage.kind, outcome] += 1
            if outcome is Outcome.WRONG:
                wrong.append(damage)
    return counts, wrong


MAKERS = (closed, killed, after_a_power_cut)


def scratch_folder() -> Path:
    return MEMORY if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) else Path(tempfile.gettempdir())


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--stride", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    failed = False
    for make in MAKERS:
        began = time.monotonic()
        folder = Path(tempfile.mkdtemp())
        specimen = make(folder / "store")
        shutil.rmtree(folder)
        damages = list(specimen.damages(asked.stride))
        parts = [damages[number :: asked.processes * 8] for number in range(asked.processes * 8)]
        counts: Counter[tuple[str, str, str]] = Counter()
        with ProcessPoolExecutor(asked.processes) as pool:
            for its_counts, wrong in pool.map(partial(tally, specimen, folder=scratch_folder()), parts):
                counts += its_counts
                failed = failed or bool(wrong)
                for damage in wrong:
                    sys.stdout.write(f"WRONG {make.__name__} {damage}\n")
        sizes = {name: len(content) for name, content in specimen.files.items()}
        took = f"{time.monotonic() - began:.0f} s"
        sys.stdout.write(f"{make.__name__}: {json.dumps(sizes)} bytes, {len(damages):,} damages in {took}\n")
        for (name, kind, outcome), count in sorted(counts.items()):
            sys.stdout.write(f"  {name:<20} {kind:<8} {outcome:<24} {count:>8,}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    from support import every_damage

    sys.exit(every_damage.main())
