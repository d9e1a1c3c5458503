"""Copies of sessions when the disk is full, when a folder may not be written, and when there is room again."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reev_flow.clock import SystemClock
from reev_flow.errors import StoreError
from reev_flow.stores.sqlite import copying
from reev_flow.stores.sqlite.restoring import restore_store
from reev_flow.stores.sqlite.sessions import SqliteSessionStore
from reev_flow.stores.sqlite.verifying import verify
from support.backed_up import made, names_in, open_store
from support.sessions import Run, is_unbroken, new_session
from support.small_disk import small_disk

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="tmpfs is Linux's")


@contextmanager
def nearly_full(disk: Path) -> Iterator[tuple[SqliteSessionStore, Run]]:
    """Most of it is one session, so that no copy fits."""
    store = open_store(disk)
    try:
        run = Run(store)
        run.step(b"x" * 2_500_000)
        yield store, run
    finally:
        store.close()


def test_no_copy_takes_the_room_that_those_who_write_need(tmp_path: Path):
    with small_disk(tmp_path / "disk", "20m") as disk, nearly_full(disk) as (store, run):
        with pytest.raises(StoreError, match="no room for a copy"):
            store.back_up().result()
        run.step(b"there is room for this")
        assert names_in(disk / "sessions.backups") == ["lock"]


def test_a_disk_that_fills_up_while_a_copy_is_made_costs_the_copy_alone(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(copying, "LEAST_BYTES_LEFT", -(2**62))
    with small_disk(tmp_path / "disk", "4m") as disk, nearly_full(disk) as (store, run):
        with pytest.raises(StoreError, match="disk"):
            store.back_up().result()
        assert names_in(disk / "sessions.backups") == ["lock"]
        run.step(b"there is room for this")
        assert is_unbroken(run.session, store.read_journal("s-1").result())


def test_copies_are_made_again_when_there_is_room(tmp_path: Path):
    with small_disk(tmp_path / "disk", "30m") as disk:
        (disk / "filler").write_bytes(b"x" * 15_000_000)
        with nearly_full(disk) as (store, run):
            assert isinstance(store.back_up().exception(), StoreError)
            (disk / "filler").unlink()
            assert verify(made(store.back_up().result()), is_store=False).entries == run.session.entries


def test_a_disk_that_is_too_full_to_restore_on_leaves_the_store_as_it_is(tmp_path: Path):
    with small_disk(tmp_path / "disk", "20m") as disk, nearly_full(disk) as (store, _):
        store.back_up(str(tmp_path / "copy.db")).result()
        run = Run(store, new_session("since then"))
        store.close()
        with pytest.raises(StoreError, match="no room"):
            restore_store(tmp_path / "copy.db", disk / "sessions.db", SystemClock())
        again = open_store(disk)
        assert again.load("since then").result() == run.session
        again.close()


def test_a_folder_that_may_not_be_written_is_told_and_costs_the_copy_alone(tmp_path: Path):
    with small_disk(tmp_path / "disk", "1m") as disk:
        store = open_store(tmp_path / "store")
        run = Run(store)
        (tmp_path / "store" / "sessions.backups").symlink_to(disk / "nowhere" / "at all")
        with pytest.raises(StoreError):
            store.back_up().result()
        run.step(b"x")
        store.close()
