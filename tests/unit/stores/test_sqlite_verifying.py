"""What is said of a store that is looked at, and that looking at it changes nothing."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from reev_flow.stores.sqlite.verifying import Verdict, verify
from support.backed_up import made, open_store
from support.damaged_stores import NAMES, fill, make_logged
from support.older_stores import as_of_schema_1, as_of_schema_2
from support.processes import environment
from support.session_stores import (
    DAMAGES,
    FORGOTTEN_DAMAGES,
    JOURNAL_DAMAGES,
    MESSAGE_DAMAGES,
    OF_A_NEWER_RELEASE,
    change,
)
from support.sessions import START_NS, Run, answer, entry, new_session

ALL_DAMAGES = DAMAGES | JOURNAL_DAMAGES | MESSAGE_DAMAGES


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.endswith("-shm")}


def at(folder: Path) -> Verdict:
    return verify(folder / "sessions.db")


def told(verdict: Verdict) -> str:
    return "\n".join(str(problem) for problem in verdict.problems)


@pytest.mark.parametrize("make", [lambda folder: fill(folder).close(), make_logged], ids=["closed", "killed"])
def test_a_sound_store_is_said_to_be_and_stays_as_it_is(make, tmp_path):
    make(tmp_path / "store")
    before = contents(tmp_path / "store")
    verdict = at(tmp_path / "store")
    assert (verdict.is_sound, verdict.sessions, verdict.entries) == (True, len(NAMES), sum(range(len(NAMES))))
    assert contents(tmp_path / "store") == before


def test_a_store_that_is_used_is_looked_at_as_it_is_at_that_moment(tmp_path):
    store = open_store(tmp_path)
    run = Run(store)
    run.step(b"x")
    assert (at(tmp_path).sessions, at(tmp_path).entries) == (1, 1)
    run.step(b"y")
    assert at(tmp_path).entries == 2
    store.close()


@pytest.mark.parametrize("damage", ALL_DAMAGES)
def test_a_damaged_session_is_named_with_what_is_wrong(damage, tmp_path):
    store = open_store(tmp_path)
    for name in ("s-1", "s-2"):
        run = Run(store, new_session(name))
        run.append(entry(1), entry(2), entry(3)).result()
    store.send(answer("yes")).result()
    store.close()
    change(tmp_path / "sessions.db", ALL_DAMAGES[damage], "s-1")
    verdict = at(tmp_path)
    assert set(verdict.damaged) - {"other"} == {"s-1"}
    assert all(verdict.damaged.values())


def test_what_is_kept_of_forgotten_sessions_is_looked_at_too(tmp_path):
    store = open_store(tmp_path)
    Run(store).end()
    store.prune(START_NS * 2).result()
    store.close()
    change(tmp_path / "sessions.db", FORGOTTEN_DAMAGES["when it ended"], "s-1")
    assert set(at(tmp_path).damaged) == {"s-1"}


def test_a_session_of_a_newer_release_is_not_damaged(tmp_path):
    store = open_store(tmp_path)
    Run(store)
    store.close()
    change(tmp_path / "sessions.db", OF_A_NEWER_RELEASE, "s-1")
    assert (at(tmp_path).is_sound, at(tmp_path).newer) == (True, ("s-1",))


def test_a_database_that_went_back_is_told_and_stays_as_it_is(tmp_path):
    store = open_store(tmp_path)
    Run(store)
    copy = made(store.back_up().result())
    Run(store, new_session("s-2"))
    store.close()
    (tmp_path / "sessions.db").write_bytes(copy.read_bytes())
    before = (tmp_path / "sessions.high-water").read_bytes()
    assert "2 acknowledged commits are gone" in told(at(tmp_path))
    assert (tmp_path / "sessions.high-water").read_bytes() == before


def test_a_database_that_is_gone_is_told(tmp_path):
    open_store(tmp_path).close()
    (tmp_path / "sessions.db").unlink()
    assert "the database is gone" in told(at(tmp_path))


def test_a_damaged_file_is_told_line_by_line(tmp_path):
    fill(tmp_path).close()
    change(
        tmp_path / "sessions.db", "PRAGMA writable_schema = 1; DELETE FROM sqlite_schema WHERE name = 'sessions_by_age'"
    )
    assert "the file is damaged (Page" in told(at(tmp_path))


@pytest.mark.parametrize("content", [b"nonsense" * 1_000, b""], ids=["nonsense", "empty"])
def test_what_is_no_database_is_told(content, tmp_path):
    open_store(tmp_path).close()
    (tmp_path / "sessions.db").write_bytes(content)
    assert not at(tmp_path).is_sound


@pytest.mark.parametrize("schema", [0, 1])
def test_a_database_of_something_else_is_told(schema, tmp_path):
    change(tmp_path / "sessions.db", f"CREATE TABLE recipes (name TEXT); PRAGMA user_version = {schema}")
    assert "its tables are others" in told(at(tmp_path))


def test_a_store_of_a_newer_release_is_told(tmp_path):
    open_store(tmp_path).close()
    change(tmp_path / "sessions.db", "PRAGMA user_version = 7")
    assert "upgrade reev-flow" in told(at(tmp_path))


def test_a_copy_needs_no_mark(tmp_path):
    store = open_store(tmp_path)
    Run(store)
    copy = made(store.back_up().result())
    store.close()
    assert verify(copy, is_store=False).is_sound


def test_a_copy_that_is_not_there_is_told(tmp_path):
    assert "no such file" in told(verify(tmp_path / "nowhere.db", is_store=False))


@pytest.mark.parametrize("content", [b"nonsense" * 1_000, b"", None], ids=["nonsense", "empty", "other tables"])
def test_a_copy_that_is_none_is_told(content, tmp_path):
    copy = tmp_path / "copy.db"
    if content is None:
        change(copy, "CREATE TABLE recipes (name TEXT)")
    else:
        copy.write_bytes(content)
    verdict = verify(copy, is_store=False)
    assert "not a" in told(verdict)
    assert not verdict.was_read


@pytest.mark.parametrize("is_store", [True, False], ids=["store", "copy"])
@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_what_is_no_file_is_told_at_once(make, is_store, tmp_path):
    make(tmp_path / "sessions.db")
    assert "not a file" in told(verify(tmp_path / "sessions.db", is_store=is_store))


def test_a_store_whose_making_was_cut_off_is_as_good_as_none(tmp_path):
    (tmp_path / "sessions.db").touch()
    assert (at(tmp_path).is_sound, at(tmp_path).sessions) == (True, 0)


def test_with_a_damaged_mark_everything_else_is_read(tmp_path):
    fill(tmp_path).close()
    (tmp_path / "sessions.high-water").write_text("nonsense")
    verdict = at(tmp_path)
    assert "the high-water mark is damaged" in told(verdict)
    assert (verdict.sessions, verdict.damaged) == (len(NAMES), {})


@pytest.mark.parametrize("as_of", [as_of_schema_1, as_of_schema_2])
def test_a_store_of_an_earlier_release_is_read_and_stays_as_it_is(as_of, tmp_path):
    fill(tmp_path).close()
    as_of(tmp_path / "sessions.db")
    change(tmp_path / "sessions.db", "VACUUM")
    before = contents(tmp_path)
    verdict = at(tmp_path)
    assert (verdict.is_sound, verdict.sessions) == (True, len(NAMES))
    assert contents(tmp_path) == before


def with_older_page(folder: Path, table: str, later: Callable[[Run], object]) -> None:
    """What `later` does to the session is in that table as little as if the disk had kept an older version of its page."""
    store = open_store(folder)
    run = Run(store)
    run.step(b"x")
    store.close()
    before = rows_of(folder, table)
    run.store = store = open_store(folder)
    later(run)
    store.close()
    change(folder / "sessions.db", f"DELETE FROM {table}")
    connection = apsw.Connection(str(folder / "sessions.db"))
    for row in before:
        connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    connection.close()


def rows_of(folder: Path, table: str) -> list[tuple[object, ...]]:
    connection = apsw.Connection(str(folder / "sessions.db"))
    rows = list(connection.execute(f"SELECT * FROM {table}"))
    connection.close()
    return rows


def test_a_session_that_has_come_less_far_than_its_journal_is_told(tmp_path):
    with_older_page(tmp_path, "progress", lambda run: run.step(b"y"))
    assert "1 sessions ended earlier in their records than in the journal (s-1)" in told(at(tmp_path))


@pytest.mark.parametrize("table", ["sessions", "progress", "contents"])
def test_what_stands_in_two_places_as_of_two_moments_is_damage(table, tmp_path):
    with_older_page(tmp_path, table, lambda run: run.end(result=b"done"))
    assert at(tmp_path).damaged == {"s-1": "how far it has come is not what was written"}


# Another store is looked at first: afterwards not even Python's own files can be read.
LOOK_AS_NOBODY = """
import os, sys
from pathlib import Path
from reev_flow.stores.sqlite.verifying import verify
verify(Path(sys.argv[2]))
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
verdict = verify(Path(sys.argv[1]))
print(verdict.is_sound, verdict.sessions, verdict.problems)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are POSIX's")
def test_a_store_that_may_only_be_read_can_be_looked_at(tmp_path):
    fill(tmp_path / "other").close()
    with tempfile.TemporaryDirectory() as outer:  # pytest's own folders are closed to other users
        folder = Path(outer) / "store"
        fill(folder).close()
        for path in (Path(outer), folder, *folder.iterdir()):
            path.chmod(0o555)
        command = [
            sys.executable,
            "-c",
            LOOK_AS_NOBODY,
            str(folder / "sessions.db"),
            str(tmp_path / "other" / "sessions.db"),
        ]
        done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
        folder.chmod(0o755)
    assert done.stdout == f"True {len(NAMES)} ()\n"


def test_a_page_that_leads_nowhere_costs_the_sessions_in_it(tmp_path):
    """Not all of them: what can still be read is counted."""
    fill(tmp_path).close()
    connection = apsw.Connection(str(tmp_path / "sessions.db"))
    page = int(connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'journal'").get)
    connection.close()
    content = bytearray((tmp_path / "sessions.db").read_bytes())
    content[(page - 1) * 4096 : (page - 1) * 4096 + 8] = b"\xff" * 8
    (tmp_path / "sessions.db").write_bytes(content)
    verdict = at(tmp_path)
    assert not verdict.is_sound
    assert 0 < len(verdict.damaged) <= len(NAMES)
