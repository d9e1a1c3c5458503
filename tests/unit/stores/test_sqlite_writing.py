"""How an SQLite session store writes: together, whole, and honestly when it cannot."""

import asyncio
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import apsw
import pytest
from msgspec.structs import replace

from reev_flow.errors import SessionConflict, SessionError, StoreError
from reev_flow.sessions.acknowledgement import awaited
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.store import SessionStore, Write
from reev_flow.stores.sqlite import session_tables
from reev_flow.stores.sqlite.group_commit import GroupCommit
from reev_flow.stores.sqlite.room import empty_log
from reev_flow.stores.sqlite.sessions import SqliteSessionStore
from reev_flow.stores.urls import open_session_store
from support.processes import acknowledged, start_appending
from support.session_stores import change, writer_connection
from support.sessions import START_NS, Run, SetClock, answer, entry, is_unbroken, new_session, write_after
from support.small_disk import small_disk


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteSessionStore]:
    opened = SqliteSessionStore(tmp_path / "sessions.db", busy_seconds=0.2)
    yield opened
    opened.close()


def commits(folder: Path) -> int:
    return int((folder / "sessions.high-water").read_text().split()[1])


@contextmanager
def busy_writer(store: SqliteSessionStore) -> Iterator[None]:
    """Whatever is asked for meanwhile waits, and is then done in one go."""
    store._lanes.writer._turn.acquire()
    try:
        yield
    finally:
        store._lanes.writer._turn.release()


def test_what_waits_is_committed_together(store, tmp_path):
    runs = [Run(store, new_session(f"s-{number}")) for number in range(50)]
    before = commits(tmp_path)
    with busy_writer(store):
        waiting = [run.append(entry(1)) for run in runs]
    assert [one.result() for one in waiting] == [None] * 50
    assert commits(tmp_path) - before <= 2


def test_a_refused_job_costs_its_neighbours_nothing(store, tmp_path):
    runs = [Run(store, new_session(f"s-{number}")) for number in range(3)]
    before = commits(tmp_path)
    with busy_writer(store):
        waiting = [runs[0].append(entry(1)), runs[1].append(entry(1), epoch=9), runs[2].append(entry(1))]
    assert [type(one.exception()) for one in waiting] == [type(None), SessionConflict, type(None)]
    assert commits(tmp_path) - before <= 2


def test_a_session_that_is_made_claimed_and_started_without_waiting_is_one_commit(store, tmp_path):
    running = write_after(new_session(epoch=1), entry(1), state=SessionState.RUNNING)
    with busy_writer(store):
        waiting = [store.create(new_session()), store.claim("s-1", "worker", 60), store.append(running)]
    assert [one.exception() for one in waiting] == [None] * 3
    assert commits(tmp_path) == 1


def test_a_session_that_ends_and_is_let_go_without_waiting_is_one_commit(store, tmp_path):
    run = Run(store)
    lease = store.claim("s-1", "worker", 60).result()
    before = commits(tmp_path)
    with busy_writer(store):
        waiting = [run.append(entry(1), epoch=lease.epoch, state=SessionState.COMPLETED), store.release(lease)]
    assert [one.exception() for one in waiting] == [None] * 2
    assert commits(tmp_path) - before == 1


def test_what_changes_nothing_is_not_committed(store, tmp_path):
    run = Run(store)
    before = commits(tmp_path)
    run.append(epoch=9).exception()
    store.create(new_session()).result()
    assert commits(tmp_path) == before


def test_more_may_wait_than_fits_but_not_without_end(store):
    run = Run(store)
    with busy_writer(store):
        store._lanes.writer._most_waiting = 5
        waiting = [store.append(Write(session=run.session)) for _ in range(9)]
    assert [type(one.exception()) for one in waiting[5:]] == [StoreError] * 4
    assert "wait for some before asking for more" in str(waiting[-1].exception())


def test_a_hundred_megabytes_do_not_hold_up_what_follows(store):
    run = Run(store)
    run.step(b"x" * 50_000_000)
    run.step(b"y")
    assert [len(one.value) for one in store.read_journal("s-1").result()] == [50_000_000, 1]


def test_pruning_gives_room_back(store, tmp_path):
    run = Run(store)
    run.step(b"x" * 2_000_000)
    run.end()
    writer_connection(store).wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    before = (tmp_path / "sessions.db").stat().st_size
    store.prune(START_NS * 2).result()
    writer_connection(store).wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    assert (tmp_path / "sessions.db").stat().st_size < before / 2


def test_what_thousands_of_sessions_took_is_given_back_while_others_write(store, tmp_path):
    """Both the file and its log; what is left is what a store with the rest needs."""
    staying = Run(store, new_session("staying"))
    for number in range(40):
        Run(store, new_session(f"s-{number}")).end(result=b"x" * 500_000)
    full = size_of(tmp_path)
    while store.prune(START_NS * 2).result():
        staying.step(b"y")
    left = store.give_back().result()
    while left:
        staying.step(b"y")
        left = store.give_back().result()
    assert full > 20_000_000
    assert size_of(tmp_path) < 300_000
    assert is_unbroken(staying.session, store.read_journal("staying").result())


def size_of(folder: Path) -> int:
    """Of the database and its log."""
    return sum(path.stat().st_size for path in folder.glob("sessions.db*") if not path.name.endswith("-shm"))


def test_long_sessions_are_forgotten_a_few_at_a_time(store, monkeypatch):
    monkeypatch.setattr(session_tables, "MOST_ROWS_FORGOTTEN", 30)
    for number in range(5):
        run = Run(store, new_session(f"s-{number}"))
        run.append(*(entry(1) for _ in range(20))).result()
        run.end(second=number)
    assert [len(store.prune(START_NS * 2).result()) for _ in range(4)] == [2, 2, 1, 0]


def test_pruning_that_fails_neither_forgets_a_session_nor_its_id(store):
    run = Run(store)
    run.end()
    writer_connection(store).set_commit_hook(lambda: True)  # the transaction is taken back
    assert isinstance(store.prune(START_NS * 2).exception(), StoreError)
    assert (store.load("s-1").result(), store.create(new_session()).result()) == (run.session, None)


# The disk is full


@contextmanager
def page_limit(store: SqliteSessionStore) -> Iterator[None]:
    """No page more than there are now: SQLite then says that the disk is full."""
    connection = writer_connection(store)
    usual = connection.pragma("max_page_count")
    connection.pragma("max_page_count", 1)  # it is never set below the pages there are
    yield
    writer_connection(store).pragma("max_page_count", usual)


def test_a_full_disk_is_told_and_nothing_is_half_written(store):
    run = Run(store)
    run.step(b"before")
    before = run.session
    with (
        page_limit(store),
        pytest.raises(StoreError, match=r"the disk is full; this write is not kept, .*; make room and try again"),
    ):
        run.append(entry(1, value=b"x" * 100_000)).result()
    assert store.load("s-1").result() == before
    assert is_unbroken(before, store.read_journal("s-1").result())


def test_what_still_fits_is_written_though_its_neighbour_does_not(store):
    large, small = Run(store), Run(store, new_session("s-2"))
    with page_limit(store):
        with busy_writer(store):
            waiting = [large.append(entry(1, value=b"x" * 100_000)), small.append(error="small")]
        assert [type(one.exception()) for one in waiting] == [StoreError, type(None)]


def test_the_same_write_works_when_there_is_room_again(store):
    run = Run(store)
    before = run.session
    with page_limit(store):
        run.append(entry(1, value=b"x" * 100_000)).exception()
    run.session = before
    run.step(b"x" * 100_000)
    assert is_unbroken(run.session, store.read_journal("s-1").result())


@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs is Linux's")
def test_a_really_full_disk_loses_nothing_acknowledged_and_is_usable_again(tmp_path: Path):
    with small_disk(tmp_path / "disk") as disk:
        filler = disk / "filler"
        filler.write_bytes(b"x" * 300_000)
        store = open_session_store(disk)
        run = Run(store)
        before = _fill(run)
        assert is_unbroken(before, store.read_journal("s-1").result())
        filler.unlink()
        run.session = before
        run.step(b"x" * 1_000)
        store.close()
        again = open_session_store(disk)
        assert is_unbroken(run.session, again.read_journal("s-1").result())
        again.close()


def _fill(run: Run) -> SessionData:
    """How the session stands when the first step does not fit."""
    for _ in range(2_000):
        before = run.session
        error = run.append(entry(1, value=b"x" * 1_000)).exception()
        if error is not None:
            assert "the disk is full" in str(error)
            return before
    raise AssertionError("the disk never got full")


# Others use the file


def test_a_lock_that_is_not_given_up_is_told(store, tmp_path):
    run = Run(store)
    other = apsw.Connection(str(tmp_path / "sessions.db"))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match=r"another process keeps it locked .*; end that process or try again"):
        run.append(entry(1)).result()
    other.execute("ROLLBACK")
    other.close()


def test_reading_does_not_wait_for_a_lock(store, tmp_path):
    run = Run(store)
    other = apsw.Connection(str(tmp_path / "sessions.db"))
    other.execute("BEGIN IMMEDIATE")
    assert store.load("s-1").result() == run.session
    other.close()


def test_a_store_works_again_after_a_lock(store, tmp_path):
    run = Run(store)
    before = run.session
    other = apsw.Connection(str(tmp_path / "sessions.db"))
    other.execute("BEGIN IMMEDIATE")
    run.append(entry(1)).exception()
    other.close()
    run.session = before
    run.step(b"after")


def test_a_file_removed_while_in_use_is_told_within_a_second(tmp_path):
    clock = SetClock()
    store = open_session_store(tmp_path, clock=clock)
    run = Run(store)
    for path in tmp_path.iterdir():
        path.unlink()
    clock.seconds = 1
    with pytest.raises(StoreError, match="removed or replaced while it was in use"):
        run.append(entry(1)).result()
    store.close()


def test_a_store_that_lost_commits_while_in_use_is_told(store, tmp_path):
    run = Run(store)
    change(tmp_path / "sessions.db", "UPDATE store SET commit_number = 1")
    with pytest.raises(StoreError, match="it lost commits while it was in use"):
        run.append(entry(1)).result()


def test_two_processes_lose_nothing_of_each_other(tmp_path):
    names = [[f"{letter}-{number}" for number in range(5)] for letter in "ab"]
    children = [start_appending(tmp_path, mine, steps=40) for mine in names]
    outputs = [child.communicate(timeout=60)[0] for child in children]
    assert [child.returncode for child in children] == [0, 0]
    store = open_session_store(tmp_path)
    for name, entries in (acknowledged(outputs[0]) | acknowledged(outputs[1])).items():
        assert entries == 40
        assert is_unbroken(store.load(name).result(), store.read_journal(name).result())
    store.close()


def test_only_one_of_many_gets_a_lease(tmp_path):
    stores = [open_session_store(tmp_path) for _ in range(4)]
    Run(stores[0])
    claims: list[object] = []
    threads = [
        threading.Thread(target=_claim, args=(store, f"w-{number}", claims)) for number, store in enumerate(stores)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()
    assert [type(claim).__name__ for claim in claims].count("LeaseHeld") == 3


def _claim(store: SessionStore, worker: str, claims: list[object]) -> None:
    claim = store.claim("s-1", worker, 60)
    claims.append(claim.exception() or claim.result())


# In an event loop


def opens_and_writes_from_a_loop(store: SqliteSessionStore, run: Run) -> None:
    """A loop does not open files, so something was written before."""
    run.step(b"first")

    async def main() -> None:
        await awaited(run.append(entry(1)))

    asyncio.run(main())


def test_a_loop_does_not_wait_for_another_process_that_writes(tmp_path: Path):
    store = SqliteSessionStore(tmp_path / "sessions.db", busy_seconds=30)
    run = Run(store)
    opens_and_writes_from_a_loop(store, run)
    other = apsw.Connection(str(tmp_path / "sessions.db"))

    async def main() -> bool:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.ensure_future(_finished(run.append(entry(1))))
        await asyncio.sleep(0.05)
        was_held_up = waiting.done()
        other.execute("ROLLBACK")
        await waiting
        return was_held_up

    assert not asyncio.run(main())
    other.close()
    store.close()


async def _finished(acknowledgement: Future[None]) -> None:
    await awaited(acknowledgement)


def test_what_a_loop_writes_is_committed_together(store, tmp_path):
    runs = [Run(store, new_session(f"s-{number}")) for number in range(50)]
    before = commits(tmp_path)

    async def main() -> None:
        await asyncio.gather(*(_finished(run.append(entry(1))) for run in runs))

    asyncio.run(main())
    assert commits(tmp_path) - before == 1


def test_a_loop_leaves_the_merging_of_the_log_to_the_thread(store, tmp_path, monkeypatch):
    monkeypatch.setattr("reev_flow.stores.sqlite.group_commit.PAGES_BEFORE_MERGE", 20)
    threads: set[int] = set()
    merge = GroupCommit._merge_log

    def remember(self: GroupCommit, connection: apsw.Connection) -> None:
        threads.add(threading.get_ident())
        merge(self, connection)

    monkeypatch.setattr(GroupCommit, "_merge_log", remember)
    run = Run(store)

    async def main() -> None:
        for _ in range(50):
            await awaited(run.append(entry(1, value=b"x" * 1_000)))

    asyncio.run(main())
    assert threads
    assert threading.get_ident() not in threads
    assert (tmp_path / "sessions.db-wal").stat().st_size < 60 * 4_096


def test_a_file_that_is_replaced_while_it_is_opened_is_not_written_to(tmp_path: Path):
    """Whoever replaces it has it alone, and whoever opens it waits for that: what is opened then is no longer in its place."""
    for name in ("old", "new"):
        made = open_session_store(tmp_path / name)
        Run(made, new_session(f"of the {name}"))
        made.close()
    store = open_session_store(tmp_path / "old")
    database, mark = tmp_path / "old" / "sessions.db", tmp_path / "old" / "sessions.high-water"
    holder = apsw.Connection(str(database))
    holder.pragma("locking_mode", "EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE; ROLLBACK")
    asked = threading.Thread(target=lambda: answers.append(store.load("of the old").exception()))
    answers: list[BaseException | None] = []
    asked.start()
    threading.Event().wait(0.2)
    mark.write_bytes((tmp_path / "new" / "sessions.high-water").read_bytes())
    database.rename(tmp_path / "aside.db")
    (tmp_path / "new" / "sessions.db").rename(database)
    holder.close()
    asked.join()
    assert isinstance(answers[0], SessionError)
    assert store.load("of the new").result().session_id == "of the new"
    store.close()


def test_a_session_is_not_read_again_because_others_wrote_about_other_sessions(tmp_path, monkeypatch):
    here, there = open_session_store(tmp_path), open_session_store(tmp_path)
    run = Run(here)
    other = Run(there, new_session("s-2"))
    monkeypatch.setattr(session_tables, "load_stored", None)
    for _ in range(3):
        run.step(b"here")
        other.step(b"there")
    monkeypatch.undo()
    assert all(is_unbroken(one.session, here.read_journal(one.session.session_id).result()) for one in (run, other))
    here.close()
    there.close()


@pytest.mark.parametrize(
    "change_it",
    [
        lambda store: store.claim("s-1", "another", 60),
        lambda store: store.send(answer("yes")),
        lambda store: store.append(write_after(store.load("s-1").result(), entry(9))),
    ],
    ids=["claimed", "told", "gone on with"],
)
def test_what_others_wrote_about_a_session_is_known_before_it_is_written_to(tmp_path, change_it):
    here, there = open_session_store(tmp_path), open_session_store(tmp_path)
    Run(here).step(b"x")
    change_it(there).result()
    expected, told = there.load("s-1").result(), there.messages("s-1").result()
    here.claim("s-1", "one more", 60, instead_of="another").result()
    assert there.load("s-1").result() == replace(expected, epoch=expected.epoch + 1)
    assert there.messages("s-1").result() == told
    here.close()
    there.close()


@pytest.mark.parametrize("busy_seconds", [0.0, 0.05, 0.3])
def test_another_process_that_writes_is_waited_for_as_long_as_was_said(tmp_path, monkeypatch, busy_seconds):
    waited: list[float] = []
    store = SqliteSessionStore(tmp_path / "sessions.db", busy_seconds=busy_seconds)
    monkeypatch.setattr(time, "sleep", waited.append)
    other = apsw.Connection(str(tmp_path / "sessions.db"))
    other.execute("BEGIN IMMEDIATE")
    assert "locked" in str(store.create(new_session()).exception())
    other.execute("ROLLBACK")
    assert busy_seconds / 2 <= sum(waited) <= 2 * busy_seconds + 0.01
    assert store.create(new_session()).exception() is None
    other.close()
    store.close()


def test_who_emptied_the_log_waits_for_others_as_before(tmp_path):
    open_session_store(tmp_path).close()
    here, there = (apsw.Connection(str(tmp_path / "sessions.db")) for _ in range(2))
    waited: list[int] = []

    def wait(tries: int) -> bool:
        waited.append(tries)
        return tries < 3

    empty_log(here, 10, wait)
    there.execute("BEGIN IMMEDIATE")
    with pytest.raises(apsw.BusyError):
        here.execute("BEGIN IMMEDIATE")
    assert waited == [0, 1, 2, 3]
    here.close()
    there.close()
