"""A small store whose files are damaged bit by bit, and what can then be read from it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from reev_flow.errors import SessionCorruption, SessionError, SessionNotFound, StoreError
from reev_flow.sessions.data import Message, SessionData
from reev_flow.sessions.journal import JournalEntry
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.store import SessionQuery, SessionStore
from reev_flow.stores.urls import open_session_store
from support.processes import environment
from support.sessions import START_NS, Run, entry, new_session

NAMES = [f"s-{number}" for number in range(12)]
QUERIES = (
    SessionQuery(),
    SessionQuery(states=frozenset({SessionState.RUNNING})),
    SessionQuery(states=frozenset({SessionState.COMPLETED})),
)


class Truth(Struct, frozen=True):
    """What was acknowledged."""

    sessions: dict[str, SessionData]
    journals: dict[str, tuple[JournalEntry, ...]]
    messages: dict[str, tuple[Message, ...]]
    found: dict[SessionQuery, tuple[SessionData, ...]]


def fill(folder: Path) -> SessionStore:
    """A dozen sessions: some over, some with long contents, most with entries, some with messages."""
    store = open_session_store(folder)
    for number, name in enumerate(NAMES):
        run = Run(store, new_session(name, second=number, definition=b"plan" * 10 * number))
        for step in range(number):
            run.step(f"value {step} of {name} ".encode() * (1 + 3 * step))
        for question in range(number % 3):
            store.send(Message(session_id=name, subject=f"ask#{question}", value=b"yes", sent_ns=START_NS)).result()
        if number % 2:
            run.end(second=number, result=b"result" * 10)
    return store


def make_merged(folder: Path) -> None:
    """Everything in the main file."""
    fill(folder).close()


def make_logged(folder: Path) -> None:
    """Most of it in the write-ahead log, as after a kill."""
    subprocess.run([sys.executable, __file__, str(folder)], env=environment(), check=True)


def read_truth(folder: Path, copy: Path) -> Truth:
    """From a copy: reading merges the log."""
    shutil.copytree(folder, copy)
    store = open_session_store(copy)
    truth = Truth(
        {name: store.load(name).result() for name in NAMES},
        {name: store.read_journal(name).result() for name in NAMES},
        {name: store.messages(name).result() for name in NAMES},
        {query: store.find(query).result() for query in QUERIES},
    )
    store.close()
    return truth


def flip(path: Path, bit: int) -> None:
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)


def silent_errors(folder: Path, truth: Truth, *, also_write: bool = False) -> list[str]:
    """Everything that was read and is not right, though nothing was said. None is hoped for."""
    try:
        store = open_session_store(folder)
    except StoreError:
        return []
    try:
        if also_write:
            _write_to_all(store, truth)
            return [name for name in NAMES if _is_wrong_after_writing(store, truth, name)]
        return [*_wrong_reads(store, truth), *_wrong_finds(store, truth)]
    finally:
        store.close()


def _wrong_reads(store: SessionStore, truth: Truth) -> list[str]:
    asked: dict[str, tuple[Callable[[str], Future[Any]], Mapping[str, object]]] = {
        "load": (store.load, truth.sessions),
        "read_journal": (store.read_journal, truth.journals),
        "messages": (store.messages, truth.messages),
    }
    wrong = []
    for verb, (ask, answers) in asked.items():
        for name in NAMES:
            error = ask(name).exception()
            if (error is None and ask(name).result() != answers[name]) or not isinstance(
                error, SessionCorruption | StoreError | None
            ):
                wrong.append(f"{verb} {name}: {error!r}")
    return wrong


def _wrong_finds(store: SessionStore, truth: Truth) -> list[str]:
    """What is left out must be named as damaged, or the damage of the file must be told."""
    told = store.damaged().exception()
    damaged = set(NAMES) if isinstance(told, StoreError) else set(store.damaged().result())
    wrong = []
    for query, right in truth.found.items():
        if isinstance(store.find(query).exception(), StoreError):
            continue
        found = store.find(query).result()
        expected = [session for session in right if session in found or session.session_id not in damaged]
        if list(found) != expected:
            wrong.append(f"find {query}: {[session.session_id for session in found]}, damaged {damaged}")
    return wrong


def _write_to_all(store: SessionStore, truth: Truth) -> None:
    for name in NAMES:
        run = Run.__new__(Run)
        run.store, run.session = store, truth.sessions[name]
        run.append(entry(1, value=b"one more")).exception()
    store.create(new_session("new")).exception()


def _is_wrong_after_writing(store: SessionStore, truth: Truth, name: str) -> bool:
    try:
        session, journal = store.load(name).result(), store.read_journal(name).result()
    except SessionNotFound:
        return True
    except SessionError:
        return False
    before = truth.journals[name]
    return journal[: len(before)] != before or replace(session, entries=0, chain=b"") != replace(
        truth.sessions[name], entries=0, chain=b""
    )


if __name__ == "__main__":
    fill(Path(sys.argv[1]))
    os._exit(0)
