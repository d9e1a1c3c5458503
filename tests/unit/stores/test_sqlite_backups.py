"""How a database is copied while it is used."""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest

from reev_flow.errors import StoreError
from reev_flow.sessions.backups import KeepsBackups
from reev_flow.stores.memory import MemorySessionStore
from reev_flow.stores.sqlite import copying
from reev_flow.stores.sqlite.sessions import SqliteSessionStore
from reev_flow.stores.sqlite.traces import SqliteTraceStore
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


def make_other_store(path: Path) -> None:
    other = SqliteSessionStore(path)
    Run(other, new_session("of another"))
    other.close()


def make_opened_copy(path: Path) -> None:
    """Somebody looked into it with another program, which was killed."""
    change(path, "CREATE TABLE store (id)")
    path.with_name(f"{path.name}-wal").write_bytes(b"x")


NO_PLACES: dict[str, tuple[str, Callable[[Path], object]]] = {
    "a folder": ("a folder, not a file", Path.mkdir),
    "a text": ("a file of something else", lambda path: path.write_text("what somebody wrote")),
    "another database": ("a file of something else", lambda path: change(path, "CREATE TABLE recipes (name TEXT)")),
    "traces": ("a store, not a copy", lambda path: SqliteTraceStore(path).close()),
    "another store": ("a store, not a copy", make_other_store),
    "an opened copy": ("somebody uses it", make_opened_copy),
    "a pipe": ("not a file", os.mkfifo),
    "a link to the store": ("that is the store itself", lambda path: path.symlink_to("sessions.db")),
    "the store by another name": (
        "that is the store itself",
        lambda path: path.hardlink_to(path.with_name("sessions.db")),
    ),
}


@pytest.mark.parametrize("kind", NO_PLACES)
def test_what_is_no_copy_is_not_replaced_by_one(store, tmp_path, kind):
    Run(store)
    told, make = NO_PLACES[kind]
    make(tmp_path / "taken.db")
    before = sorted((path.name, path.stat().st_ino) for path in tmp_path.iterdir())
    with pytest.raises(StoreError, match=told) as refused:
        store.back_up(str(tmp_path / "taken.db")).result()
    assert sorted((path.name, path.stat().st_ino) for path in tmp_path.iterdir()) == before
    assert Path(refused.value.location).parent == tmp_path


def test_what_a_restore_put_aside_is_not_replaced(store, tmp_path):
    """Nobody has it a second time."""
    Run(store)
    aside = tmp_path / "sessions.before-restore-20260101T000000Z.db"
    store.back_up(str(tmp_path / "copy.db")).result()
    (tmp_path / "copy.db").rename(aside)
    with pytest.raises(StoreError, match="what a restore put aside"):
        store.back_up(str(aside)).result()


def test_the_store_itself_is_no_place_for_its_copy(store, tmp_path):
    with pytest.raises(StoreError, match="that is the store itself"):
        store.back_up(str(tmp_path / "sessions.db")).result()


def test_a_link_leads_to_the_place_of_the_copy(store, tmp_path):
    run = Run(store)
    (tmp_path / "link.db").symlink_to("elsewhere.db")
    store.back_up(str(tmp_path / "link.db")).result()
    assert (tmp_path / "link.db").is_symlink()
    assert in_copy(tmp_path / "elsewhere.db")[0] == run.session


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0" + b"damaged" * 1_000], ids=["empty", "damaged"])
def test_a_copy_that_is_worth_nothing_is_replaced(store, tmp_path, content):
    run = Run(store)
    (tmp_path / "copy.db").write_bytes(content)
    store.back_up(str(tmp_path / "copy.db")).result()
    assert in_copy(tmp_path / "copy.db")[0] == run.session


def test_a_folder_that_is_not_there_is_told(store, tmp_path):
    Run(store)
    with pytest.raises(StoreError, match="nowhere: no such folder; make it first"):
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
