"""How an SQLite trace store keeps its file."""

import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import apsw
import pytest

from reev_flow.errors import NewerSchema, StoreError
from reev_flow.stores.sqlite.traces import SqliteTraceStore
from reev_flow.stores.urls import open_session_store, open_trace_store
from reev_flow.trace.store import TraceQuery
from support.session_stores import change, lead_twice, writer_connection
from support.trace_stores import add, chunk, id_of


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteTraceStore]:
    opened = SqliteTraceStore(tmp_path / "traces.db", busy_seconds=0.2)
    yield opened
    opened.close()


def commits(folder: Path) -> int:
    return int((folder / "traces.high-water").read_text().split()[1])


def test_it_stands_beside_the_sessions(tmp_path: Path):
    for store in (open_session_store(tmp_path), open_trace_store(tmp_path)):
        store.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "sessions.db",
        "sessions.high-water",
        "traces.db",
        "traces.high-water",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are POSIX's")
def test_its_files_are_for_their_owner_only(store, tmp_path):
    add(store, chunk())
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_its_writes_wait_for_the_disk(store):
    connection = writer_connection(store)
    assert (connection.pragma("journal_mode"), connection.pragma("synchronous")) == ("wal", 2)


def test_spans_are_compressed(store, tmp_path):
    add(store, chunk(data=b"the same attribute over and over " * 10_000))
    store.close()
    assert (tmp_path / "traces.db").stat().st_size < 100_000


def test_what_adds_nothing_new_is_not_committed(store, tmp_path):
    add(store, chunk())
    before = commits(tmp_path)
    add(store, chunk())
    store.forget(id_of("b")).result()
    store.prune(0).result()
    assert commits(tmp_path) == before


def test_forgetting_gives_room_back(store, tmp_path):
    add(store, chunk(data=Random(1).randbytes(2_000_000)))
    writer_connection(store).wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    before = (tmp_path / "traces.db").stat().st_size
    store.forget(id_of("a")).result()
    writer_connection(store).wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    assert (tmp_path / "traces.db").stat().st_size < before / 2


def test_a_database_of_sessions_is_no_trace_store(tmp_path):
    open_session_store(tmp_path).close()
    change(tmp_path / "sessions.db", "PRAGMA user_version = 1")
    with pytest.raises(StoreError, match="its tables are not those of a store of this kind"):
        add(SqliteTraceStore(tmp_path / "sessions.db"), chunk())


def test_traces_of_a_newer_release_are_refused(store, tmp_path):
    store.close()
    change(tmp_path / "traces.db", "PRAGMA user_version = 7")
    with pytest.raises(NewerSchema):
        SqliteTraceStore(tmp_path / "traces.db")


def test_a_lock_that_another_process_keeps_is_told(store, tmp_path):
    other = apsw.Connection(str(tmp_path / "traces.db"))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another process keeps it locked"):
        add(store, chunk())
    other.close()
    assert add(store, chunk()) == 1


def test_an_index_that_leads_to_a_trace_twice_is_told(store, tmp_path):
    add(store, chunk("a"), chunk("b"))
    store.close()
    lead_twice(tmp_path / "traces.db", "traces_by_start", "traces", "start_ns")
    again = open_trace_store(tmp_path)
    with pytest.raises(StoreError, match="an index is damaged"):
        again.find(TraceQuery()).result()
    again.close()


def test_damage_that_is_no_traces_is_told(store, tmp_path):
    add(store, chunk())
    change(tmp_path / "traces.db", "PRAGMA writable_schema = 1; DELETE FROM sqlite_schema WHERE name = 'traces_by_age'")
    store.close()
    again = open_trace_store(tmp_path)
    with pytest.raises(StoreError, match="the file is damaged"):
        again.damaged().result()
    again.close()


def test_an_add_of_what_is_no_chunk_fails_with_its_future(store):
    assert isinstance(store.add([None]).exception(), StoreError)


def test_a_hundred_adds_that_wait_are_committed_together(store, tmp_path):
    with store._lanes.writer._turn:
        waiting = [store.add([chunk(data=str(number).encode())]) for number in range(60)]
    assert [one.result() for one in waiting] == [1] * 60
    assert (commits(tmp_path), store.find(TraceQuery()).result()[0].chunks) == (1, 60)


def test_the_disk_has_its_room_back_when_traces_were_forgotten(store, tmp_path):
    add(store, *(chunk(letter, data=Random(letter).randbytes(2_000_000)) for letter in "abcdef"))
    before = size_of(tmp_path)
    store.shrink(3_000_000).result()
    while store.give_back().result():
        pass
    assert size_of(tmp_path) < before / 3


def test_those_who_read_after_room_was_given_back_wait_as_long_for_others_as_before(store):
    def patience(connection: apsw.Connection, _: object) -> object:
        return connection.pragma("busy_timeout")

    before = store._lanes.read_many(patience, None).result()
    store.give_back().result()
    assert store._lanes.read_many(patience, None).result() == before


def test_the_disk_has_its_room_back_later_when_somebody_reads(store, tmp_path):
    add(store, *(chunk(letter, data=Random(letter).randbytes(2_000_000)) for letter in "abcdef"))
    reader = apsw.Connection(str(tmp_path / "traces.db"))
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM traces").fetchall()
    store.shrink(0).result()
    store.give_back().result()
    while_reading = size_of(tmp_path)
    reader.close()
    store.give_back().result()
    assert size_of(tmp_path) < while_reading / 3


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())
