"""When a database file is short, and when it is cut off."""

import os
import random
from pathlib import Path

import apsw
import pytest

from reev_flow.stores.sqlite.cut_off import LOCKS_AT, pages_between, refuse_cut_off

TRANSACTIONS = 60
STATEMENTS = (
    "INSERT INTO things (bytes) VALUES (randomblob(20000))",
    "INSERT INTO things (bytes) VALUES (randomblob(300000))",
    "DELETE FROM things WHERE id = (SELECT max(id) FROM things)",
    "DELETE FROM things WHERE id IN (SELECT id FROM things LIMIT 3)",
    "PRAGMA incremental_vacuum(40)",
)


@pytest.mark.parametrize("merged_every_pages", [0, 200])
def test_a_file_that_is_short_because_the_log_was_not_merged_is_not_cut_off(tmp_path: Path, merged_every_pages: int):
    choices = random.Random(merged_every_pages)
    connection, times_short = grown(tmp_path / "a.db"), 0
    connection.wal_autocheckpoint(merged_every_pages)
    for _ in range(TRANSACTIONS):
        connection.execute("BEGIN IMMEDIATE")
        for statement in choices.choices(STATEMENTS, k=3):
            connection.execute(statement).fetchall()
        connection.execute(choices.choice(("COMMIT", "COMMIT", "ROLLBACK")))
        refuse_cut_off(connection, tmp_path / "a.db")
        times_short += (tmp_path / "a.db").stat().st_size < connection.pragma("page_count") * 4_096
    connection.close()
    assert times_short > 0


def grown(path: Path) -> apsw.Connection:
    connection = apsw.Connection(str(path))
    connection.pragma("auto_vacuum", "INCREMENTAL")
    connection.pragma("journal_mode", "WAL")
    connection.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, bytes BLOB)")
    return connection


def test_pages_that_neither_the_file_nor_its_log_has_are_missed(tmp_path: Path):
    connection = grown(tmp_path / "a.db")
    connection.execute(STATEMENTS[1])
    connection.wal_checkpoint()
    connection.execute(STATEMENTS[0])
    os.truncate(tmp_path / "a.db", 5 * 4_096 + 1)
    with pytest.raises(apsw.CorruptError, match="the file ends after page 5 of "):
        refuse_cut_off(connection, tmp_path / "a.db")
    connection.close()


def test_the_page_that_sqlite_never_writes_is_not_missed():
    locks = LOCKS_AT // 4_096 + 1
    assert pages_between(locks - 2, locks + 1, 4_096) == {locks - 1, locks + 1}
