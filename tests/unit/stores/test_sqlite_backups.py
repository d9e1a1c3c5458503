"""How a database is copied while it is used."""

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from reev_flow.errors import StoreError
from reev_flow.sessions.backups import KeepsBackups
from reev_flow.stores.memory import MemorySessionStore
from reev_flow.stores.sqlite import copying
from reev_flow.stores.sqlite.sessions import SqliteSessionStore
from support.backed_up import in_copy, made, names_in, open_store
from support.session_stores import change
from support.sessions import Run, SetClock, new_session

HOUR = 3_600


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def store(tmp_path: Path, clock: SetClock) -> Iterator[SqliteSessionStore]:
    opened = open_store(tmp_path, clock)
    yield opened
    opened.close()


def test_a_copy_has_everything_that_was_acknowledged(store):
    run = Run(store)
    run.step(b"x")
    copy = made(store.back_up().result())
    assert in_copy(copy)[0] == run.session


def test_a_copy_does_not_change_any_more(store):
    run = Run(store)
    copy = made(store.back_up().result())
    before = run.session
    run.step(b"x")
    assert in_copy(copy)[0] == before


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are POSIX's")
def test_copies_are_for_their_owner_only(store):
    Run(store)
    copy = made(store.back_up().result())
    paths = (copy, copy.parent, copy.with_name("lock"))
    assert [stat.S_IMODE(path.stat().st_mode) for path in paths] == [0o600, 0o700, 0o600]


def test_a_copy_can_be_made_anywhere(store, tmp_path):
    run = Run(store)
    store.back_up(str(tmp_path / "elsewhere.db")).result()
    assert in_copy(tmp_path / "elsewhere.db")[0] == run.session
    assert store.backups().result() == []


def test_a_named_path_is_copied_to_again(store, tmp_path):
    run = Run(store)
    for _ in range(2):
        run.step(b"x")
        store.back_up(str(tmp_path / "elsewhere.db")).result()
    assert in_copy(tmp_path / "elsewhere.db")[0] == run.session


def test_the_store_itself_is_no_place_for_its_copy(store, tmp_path):
    with pytest.raises(StoreError, match="that is the store itself"):
        store.back_up(str(tmp_path / "sessions.db")).result()


def test_a_folder_is_no_place_for_a_copy(store, tmp_path):
    with pytest.raises(StoreError, match="a folder, not a file"):
        store.back_up(str(tmp_path)).result()


def test_a_folder_that_is_not_there_is_told(store, tmp_path):
    Run(store)
    with pytest.raises(StoreError, match="check the folder"):
        store.back_up(str(tmp_path / "nowhere" / "copy.db")).result()


def test_nothing_is_copied_when_nothing_was_written(store):
    Run(store)
    assert store.back_up().result() is not None
    assert store.back_up().result() is None


def test_an_empty_store_is_not_copied_unasked(store):
    assert store.back_up(at_most_every_seconds=HOUR).result() is None


def test_copies_are_not_made_more_often_than_wanted(store, clock):
    run = Run(store)
    kinds = []
    for seconds in (0, HOUR - 1, HOUR):
        clock.seconds = seconds
        run.step(b"x")
        kinds.append(store.back_up(at_most_every_seconds=HOUR).result() is not None)
    assert kinds == [True, False, True]


def test_a_clock_that_was_set_back_does_not_end_the_copying(store, clock):
    run = Run(store)
    store.back_up().result()
    clock.seconds = -2 * HOUR
    run.step(b"x")
    newest = store.back_up(at_most_every_seconds=HOUR).result()
    assert store.backups().result()[0] == newest


def test_old_copies_make_room(store, clock):
    run = Run(store)
    for number in range(20):
        clock.seconds = number * 86_400
        run.step(b"x")
        store.back_up().result()
    assert 4 <= len(store.backups().result()) <= 6


def test_the_newest_copy_that_cannot_be_read_is_no_reason_to_make_none(store):
    Run(store)
    made(store.back_up().result()).write_bytes(b"nonsense")
    assert store.back_up().result() is not None


def test_other_files_among_the_copies_are_left_alone(store, tmp_path):
    run = Run(store)
    store.back_up().result()
    others = ["notes.txt", "sessions-000007-20269999T999999000Z.db"]
    for name in others:
        (tmp_path / "sessions.backups" / name).write_text("mine")
    run.step(b"x")
    store.back_up().result()
    assert len(store.backups().result()) == 2
    assert set(others) <= set(names_in(tmp_path / "sessions.backups"))


def test_what_a_killed_process_left_half_made_is_removed(store, tmp_path):
    run = Run(store)
    store.back_up().result()
    left = tmp_path / "sessions.backups" / "sessions-000009-20260101T000000000Z.db.part"
    left.write_bytes(b"half")
    run.step(b"x")
    store.back_up().result()
    assert not left.exists()


def test_only_one_of_many_makes_a_copy(store, tmp_path):
    Run(store)
    other = apsw.Connection(str(made(store.back_up().result()).with_name("lock")))
    other.execute("BEGIN EXCLUSIVE")
    Run(store, new_session("s-2"))
    assert store.back_up().result() is None
    other.close()
    assert store.back_up().result() is not None


def test_a_damaged_database_is_not_copied_over_the_good_ones(store, tmp_path):
    run = Run(store)
    store.back_up().result()
    run.step(b"x")
    before = store.backups().result()
    change(
        tmp_path / "sessions.db", "PRAGMA writable_schema = 1; DELETE FROM sqlite_schema WHERE name = 'sessions_by_age'"
    )
    with pytest.raises(StoreError, match=r"damaged .*; run `reev-flow sessions verify`"):
        store.back_up().result()
    assert store.backups().result() == before
    assert names_in(tmp_path / "sessions.backups") == sorted(["lock", *(Path(one.location).name for one in before)])


def test_no_copy_is_made_where_there_is_no_room(store, tmp_path, monkeypatch):
    run = Run(store)
    monkeypatch.setattr(copying, "LEAST_BYTES_LEFT", 2**62)
    with pytest.raises(StoreError, match="no room for a copy"):
        store.back_up().result()
    monkeypatch.undo()
    run.step(b"x")
    assert store.back_up().result() is not None


def test_those_who_write_do_not_wait_for_a_copy(store):
    """While it is being made, more is written than is copied at once; the copy is of one moment."""
    run = Run(store)
    run.step(b"x" * 20_000_000)
    copying_now = store.back_up()
    steps = 0
    while not copying_now.done() and steps < 10_000:
        run.step(b"y")
        steps += 1
    session, journal = in_copy(made(copying_now.result()))
    assert session.entries == len(journal)
    assert steps > 0


def test_a_database_that_was_replaced_while_in_use_is_not_copied(store, tmp_path, clock):
    Run(store)
    store.back_up().result()
    Run(store, new_session("s-2"))
    (tmp_path / "sessions.db").rename(tmp_path / "moved.db")
    clock.seconds = 2
    with pytest.raises(StoreError, match="removed or replaced"):
        store.back_up().result()
    assert len(store.backups().result()) == 1
    (tmp_path / "moved.db").rename(tmp_path / "sessions.db")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_process_makes_copies_of_its_own(store, tmp_path):
    Run(store)
    store.back_up().result()
    pid = os.fork()
    if pid == 0:
        Run(store, new_session("s-2"))
        os._exit(0 if store.back_up().result() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert len(store.backups().result()) == 2


def test_closing_waits_for_the_copy_that_was_asked_for(tmp_path):
    store = open_store(tmp_path)
    Run(store)
    asked = store.back_up()
    store.close()
    assert made(asked.result()).exists()


def test_sqlite_keeps_backups_and_memory_does_not(store):
    assert isinstance(store, KeepsBackups)
    assert not isinstance(MemorySessionStore(), KeepsBackups)
