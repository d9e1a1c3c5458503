"""The watched disk is SQLite's own, but for what is counted and for the one place at which it fails."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import pytest

from reev_flow.chaos import disk
from reev_flow.chaos.children import Child
from reev_flow.chaos.disk import WatchedDisk, subject_of
from reev_flow.chaos.points import Fault, Point
from reev_flow.chaos.trap import Trap

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@contextmanager
def watched(trap: Trap) -> Iterator[None]:
    watching = WatchedDisk(trap)
    try:
        yield
    finally:
        watching.unregister()


def write_rows(file: Path, count: int) -> None:
    connection = apsw.Connection(str(file))
    try:
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS rows(n)")
        for number in range(count):
            connection.execute("INSERT INTO rows VALUES (?)", (number,))
    finally:
        connection.close()


def rows_in(file: Path) -> int:
    connection = apsw.Connection(str(file))
    try:
        return len(connection.execute("SELECT n FROM rows").fetchall())
    finally:
        connection.close()


def test_what_is_written_and_forced_to_disk_is_counted_before_and_after(tmp_path):
    trap = Trap()
    with watched(trap):
        write_rows(tmp_path / "a.db", 3)
    counts = Counter((point.subject, point.edge) for point in trap.passed)
    for what in ("write", "sync"):
        assert counts["store-log", f"before-{what}"] == counts["store-log", f"after-{what}"] >= 3
    assert counts["store-log", "after-delete"] == 1
    assert rows_in(tmp_path / "a.db") == 3


def test_afterwards_nothing_is_counted_any_more(tmp_path):
    trap = Trap()
    with watched(trap):
        pass
    write_rows(tmp_path / "a.db", 1)
    assert trap.passed == []


def test_from_its_point_on_the_disk_is_full_and_keeps_what_it_had(tmp_path):
    passed = Trap()
    with watched(passed):
        write_rows(tmp_path / "whole.db", 3)
    last = [point for point in passed.passed if (point.subject, point.edge) == ("store-log", "before-write")][-1]
    with watched(Trap(last, Fault.DISK_FULL)), pytest.raises(apsw.FullError):
        write_rows(tmp_path / "a.db", 3)
    assert rows_in(tmp_path / "a.db") == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_torn_write_is_the_process_end_and_keeps_what_was_committed_before(tmp_path):
    passed = Trap()
    with watched(passed):
        write_rows(tmp_path / "whole.db", 3)
    last = [point for point in passed.passed if (point.subject, point.edge) == ("store-log", "before-write")][-1]

    def write_until_torn() -> bytes:
        with watched(Trap(last, Fault.TORN_WRITE)):
            write_rows(tmp_path / "a.db", 3)
        return b"was not torn"

    assert Child(write_until_torn, seconds=20, output=tmp_path / "out.txt").wait().was_killed
    assert (tmp_path / "a.db-wal").stat().st_size % 8 == 0
    assert rows_in(tmp_path / "a.db") == 2


def test_a_slow_disk_holds_up_one_wait_for_it(tmp_path, monkeypatch):
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    with watched(Trap(Point("store-log", "before-sync", 2), Fault.SLOW_DISK)):
        write_rows(tmp_path / "a.db", 3)
    assert slept == [disk.DELAY_SECONDS]


@pytest.mark.parametrize(
    ("file", "subject"),
    [
        ("/x/sessions.db", "store-file"),
        ("/x/sessions.db-wal", "store-log"),
        ("/x/sessions.db-journal", "store-journal"),
        (None, "store-file"),
    ],
)
def test_files_are_called_by_what_they_are(file, subject):
    assert subject_of(file) == subject
