"""Processes that are really killed while they copy, migrate or prune a store leave it, and its copies, whole."""

import random
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from reev_flow.clock import SystemClock
from reev_flow.errors import SessionForgotten, SessionNotFound, StoreError
from reev_flow.stores.sqlite.restoring import restore_store
from reev_flow.stores.sqlite.sessions import SqliteSessionStore
from reev_flow.stores.sqlite.verifying import verify
from support.backed_up import made, names_in, open_store
from support.kept_store_child import NEXT
from support.processes import environment
from support.sessions import Run, is_unbroken, new_session

CHILD = Path(__file__).parents[1] / "support" / "kept_store_child.py"
KILLS = 12
SESSIONS = 30

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


def killed_while(what: str, folder: Path, seconds: float) -> list[str]:
    """What it said before."""
    command = [sys.executable, str(CHILD), what, str(folder)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment())
    assert child.stdout is not None
    first = child.stdout.readline()
    threading.Event().wait(seconds)
    child.send_signal(signal.SIGKILL)
    rest = child.stdout.read()
    child.stdout.close()
    child.wait()
    return (first + rest).decode().split("\n")[:-1]


def filled(folder: Path, *, has_ended: bool = True) -> dict[str, Run]:
    store = open_store(folder)
    runs = {}
    for number in range(SESSIONS):
        run = runs[f"s-{number}"] = Run(store, new_session(f"s-{number}", second=number))
        run.step(b"x" * 20_000)
        if has_ended:
            run.end(second=number)
    store.close()
    return runs


def test_a_copy_that_is_there_is_whole_whenever_its_maker_is_killed(tmp_path: Path):
    filled(tmp_path)
    moments = random.Random(1)
    known: list[str] = []
    for _ in range(KILLS):
        known += killed_while("back_up", tmp_path, moments.random() * 0.05)
        copies = sorted((tmp_path / "sessions.backups").glob("sessions-*.db"))
        assert [str(copy) for copy in copies if not verify(copy, is_store=False).is_sound] == []
        assert str(copies[-1]) >= known[-1], "what was said to be there is there"
    assert verify(tmp_path / "sessions.db").is_sound
    store = open_store(tmp_path)
    Run(store, new_session("after"))
    assert store.back_up().result() is not None
    store.close()
    assert [name for name in names_in(tmp_path / "sessions.backups") if "part" in name] == []


def test_a_migration_that_is_killed_has_happened_or_not(tmp_path: Path):
    filled(tmp_path / "old", has_ended=False)
    moments = random.Random(2)
    done = 0
    for number in range(KILLS):
        folder = tmp_path / str(number)
        shutil.copytree(tmp_path / "old", folder)
        done += "done" in killed_while("migrate", folder, moments.random() * 0.06)
        store = SqliteSessionStore(folder / "sessions.db", migrations=NEXT)
        for name in (f"s-{one}" for one in range(SESSIONS)):
            assert is_unbroken(store.load(name).result(), store.read_journal(name).result())
        assert store.damaged().result() == ()
        store.close()
        (copy,) = folder.glob("sessions.db.schema-*")
        assert verify(copy, is_store=False).sessions == SESSIONS
    assert done < KILLS, "some were killed in the middle"


def test_what_is_being_pruned_is_there_or_forgotten_whenever_the_pruner_is_killed(tmp_path: Path):
    runs = filled(tmp_path / "full")
    moments = random.Random(3)
    for number in range(KILLS):
        folder = tmp_path / str(number)
        shutil.copytree(tmp_path / "full", folder)
        said = killed_while("prune", folder, moments.random() * 0.05)
        assert verify(folder / "sessions.db").is_sound
        store = open_store(folder)
        for name, run in runs.items():
            if is_there(store, name):
                assert name not in said
                assert is_unbroken(run.session, store.read_journal(name).result())
            else:
                assert isinstance(store.create(new_session(name)).exception(), SessionForgotten)
        store.close()


def is_there(store: SqliteSessionStore, name: str) -> bool:
    error = store.load(name).exception()
    assert isinstance(error, SessionNotFound | None)
    return error is None


def test_a_store_whose_restoring_was_killed_is_whole_or_refused_until_it_is_restored_again(tmp_path: Path):
    filled(tmp_path, has_ended=False)
    store = open_store(tmp_path)
    copy = made(store.back_up().result())
    Run(store, new_session("since then"))
    store.close()
    moments, refused = random.Random(4), 0
    for _ in range(KILLS):
        killed_while("restore", tmp_path, moments.random() * 0.05)
        if is_refused(tmp_path):
            refused += 1
            restore_store(copy, tmp_path / "sessions.db", SystemClock())
        verdict = verify(tmp_path / "sessions.db")
        assert (verdict.is_sound, verdict.sessions) == (True, SESSIONS)
    assert refused < KILLS


def is_refused(folder: Path) -> bool:
    try:
        open_store(folder).close()
    except StoreError as error:
        return "restore a backup" in str(error)
    return False
