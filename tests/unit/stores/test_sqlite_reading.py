"""How an SQLite session store reads, and what it tells when it cannot."""

import threading
from pathlib import Path

import pytest

from reev_flow.errors import SessionCorruption, StoreError
from reev_flow.stores.sqlite import session_tables
from reev_flow.stores.urls import open_session_store
from support.session_stores import JOURNAL_DAMAGES, change, lead_twice
from support.sessions import START_NS, Run, SetClock, entry, found, is_unbroken, new_session


def test_an_index_that_leads_to_a_session_twice_does_not_double_it(tmp_path: Path):
    store = open_session_store(tmp_path)
    Run(store)
    store.close()
    lead_twice(tmp_path / "sessions.db", "sessions_by_age", "sessions", "created_ns")
    again = open_session_store(tmp_path)
    assert found(again) == ["s-1"]
    with pytest.raises(StoreError, match="the file is damaged"):
        again.damaged().result()
    again.close()


def test_a_version_that_is_no_number_is_damage(tmp_path: Path):
    store = open_session_store(tmp_path)
    Run(store)
    change(
        tmp_path / "sessions.db",
        "PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql = replace(sql, 'schema_version INTEGER', 'schema_version ANY')",
    )
    change(tmp_path / "sessions.db", "UPDATE sessions SET schema_version = 'one'")
    store.close()
    again = open_session_store(tmp_path)
    with pytest.raises(SessionCorruption):
        again.load("s-1").result()
    again.close()


def test_a_session_whose_journal_is_damaged_is_not_pruned(tmp_path: Path):
    store = open_session_store(tmp_path)
    run = Run(store)
    run.append(entry(1), entry(2), entry(3)).result()
    run.end()
    change(tmp_path / "sessions.db", JOURNAL_DAMAGES["an entry, gone"], "s-1")
    assert store.prune(START_NS * 2).result() == ()
    store.close()


def test_more_sessions_than_are_remembered_lose_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(session_tables, "MOST_REMEMBERED", 3)
    store = open_session_store(tmp_path)
    runs = [Run(store, new_session(f"s-{number}")) for number in range(8)]
    for run in (*runs, *runs):
        run.step(b"x")
    assert all(is_unbroken(run.session, store.read_journal(run.session.session_id).result()) for run in runs)
    store.close()


def test_a_store_that_was_removed_is_not_read(tmp_path: Path):
    store = open_session_store(tmp_path)
    Run(store)
    for path in tmp_path.glob("sessions.db*"):
        path.unlink()
    with pytest.raises(StoreError, match="the database is gone"):
        store.load("s-1").result()
    store.close()


def test_a_read_that_is_interrupted_is_done_by_the_next(tmp_path: Path):
    store = open_session_store(tmp_path)
    Run(store)
    calls: list[object] = []

    def interrupted_once(*_: object) -> int:
        calls.append(None)
        if len(calls) == 1:
            raise KeyboardInterrupt
        return 7

    lanes = store._lanes  # type: ignore[attr-defined]
    lanes._of_many._thread = threading.main_thread()  # nobody but callers works
    reading = lanes.read_many(interrupted_once, None)
    with pytest.raises(KeyboardInterrupt):
        reading.result()
    lanes._of_many._thread = None
    assert reading.result() == 7
    store.close()


def test_who_reads_a_file_that_was_replaced_reads_within_a_second_what_is_in_its_place(tmp_path: Path):
    clock = SetClock()
    for name in ("old", "new"):
        made = open_session_store(tmp_path / name)
        Run(made, new_session(f"of the {name}"))
        made.close()
    store = open_session_store(tmp_path / "old", clock=clock)
    assert found(store) == ["of the old"]
    for path in (tmp_path / "new").iterdir():
        path.replace(tmp_path / "old" / path.name)
    clock.seconds = 1
    assert found(store) == ["of the new"]
    store.close()


def test_who_reads_a_file_that_was_removed_is_told_within_a_second(tmp_path: Path):
    clock = SetClock()
    store = open_session_store(tmp_path, clock=clock)
    assert found(store) == []
    for path in tmp_path.iterdir():
        path.unlink()
    clock.seconds = 1
    with pytest.raises(StoreError):
        found(store)
    store.close()
