"""Everything in a store looked at, and nothing changed: neither its files nor what is beside them."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import apsw
import msgspec

from reev_flow.errors import NewerSchema, SessionCorruption, SessionNotFound, StoreError
from reev_flow.stores.sqlite.copying import read_only
from reev_flow.stores.sqlite.cut_off import refuse_cut_off
from reev_flow.stores.sqlite.database import NOTHING, read_commit
from reev_flow.stores.sqlite.driver_errors import as_store_error
from reev_flow.stores.sqlite.forgotten import damaged_ids
from reev_flow.stores.sqlite.high_water import HighWater, refuse_rollback
from reev_flow.stores.sqlite.kinds import is_new, refuse_other_kinds
from reev_flow.stores.sqlite.loading import ALL_IDS, load_journal, load_messages, load_stored, name_of
from reev_flow.stores.sqlite.migrations import brought_up, migrations_of, refuse_newer
from reev_flow.stores.sqlite.record_age import told_of_old_records

MOST_LINES = 20  # of what SQLite says about the file
BUSY_MS = 1_000
FORGOTTEN_DAMAGE = "what is kept of it since it was forgotten is not what was written"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """How much was read, and what is wrong: by session, and with the store itself."""

    sessions: int = 0
    entries: int = 0
    damaged: dict[str, str] = {}
    newer: tuple[str, ...] = ()
    problems: tuple[StoreError, ...] = ()
    was_read: bool = True  # else nobody knows how much of it is sound

    @property
    def is_sound(self) -> bool:
        return not self.damaged and not self.problems


def verify(path: Path, *, is_store: bool = True, is_whole: bool = True) -> Verdict:
    """`is_store` is false for a copy, which has no mark to be compared with. Without `is_whole` only what is quick also with a large file:
    that it is all there, of this release, and as far as its mark says.
    """
    path = path.absolute()
    verdict = _verified(path, is_store=is_store, is_whole=is_whole)
    if verdict.is_sound or not _is_there(path.with_name(f"{path.name}-wal")):
        return verdict
    return _verified(path, is_store=is_store, is_whole=is_whole)  # somebody may have begun to use it meanwhile


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # not to be looked at
        return False


def _verified(path: Path, *, is_store: bool, is_whole: bool) -> Verdict:
    try:
        expected, problems = _expected(path) if is_store else (None, [])
        if not path.exists():
            refuse_rollback(str(path), path.with_suffix(".high-water"), NOTHING, expected)
            return _unread(StoreError(str(path), "no such file", "`reev-flow doctor` lists what there is"))
        if not path.is_file():
            return _unread(StoreError(str(path), "not a file", "name another path, or move it away"))
        with looked_at(path) as connection:
            schema = _schema(connection, path, expected, problems, is_store=is_store)
            return _read(connection, path, schema, problems) if is_whole else Verdict(problems=tuple(problems))
    except StoreError as error:
        return _unread(error)
    except (apsw.Error, OSError) as error:
        return _unread(as_store_error(error, str(path)))


def _expected(path: Path) -> tuple[tuple[str, int] | None, list[StoreError]]:
    """What the mark says; without it all the rest can still be looked at."""
    try:
        return HighWater(path.with_suffix(".high-water")).read(), []
    except StoreError as damage:
        return None, [damage]


def _unread(problem: StoreError) -> Verdict:
    return Verdict(problems=(problem,), was_read=False)


@contextmanager
def looked_at(path: Path) -> Iterator[apsw.Connection]:
    """All of it at one moment. While nobody has a database open it has no log, and can be read without leaving a trace."""
    if not has_log(path):
        with read_only(path) as connection:
            yield connection
        return
    with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)) as connection:
        connection.set_busy_timeout(BUSY_MS)
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        connection.pragma("cell_size_check", 1)
        connection.pragma("trusted_schema", 0)
        connection.execute("BEGIN")
        yield connection


def has_log(path: Path) -> bool:
    return path.with_name(f"{path.name}-wal").exists()


def _schema(
    connection: apsw.Connection,
    path: Path,
    expected: tuple[str, int] | None,
    problems: list[StoreError],
    *,
    is_store: bool,
) -> int:
    """What it is and how far it is; 0 for a database that is new. What is wrong with that is added to the problems."""
    location = str(path)
    schema = refuse_newer(connection, location, migrations_of("sessions")[-1].number)
    if schema or not is_store or not is_new(connection):
        refuse_other_kinds(connection, location)
    try:
        found = read_commit(connection) if schema else NOTHING
        refuse_rollback(location, path.with_suffix(".high-water"), found, expected)
    except StoreError as error:
        problems.append(error)
    refuse_cut_off(connection, path)
    return schema


def _read(connection: apsw.Connection, path: Path, schema: int, problems: list[StoreError]) -> Verdict:
    location = str(path)
    problems += _of_the_file(connection, location)
    if not schema:
        return Verdict(problems=tuple(problems))
    with brought_up(connection, migrations_of("sessions")) as current:
        return _with_sessions(current, location, problems)


def _of_the_file(connection: apsw.Connection, location: str) -> Iterator[StoreError]:
    """What SQLite finds: it does not know what was written, but how it must hang together."""
    try:
        lines = [str(row[0]) for row in connection.execute(f"PRAGMA integrity_check({MOST_LINES})")]
    except apsw.CorruptError as error:
        lines = [str(error)]
    told = [line for text in lines for line in text.splitlines() if line != "ok" and not line.startswith("***")]
    for line in told[:MOST_LINES]:
        yield _damage(location, line)


def _damage(location: str, told: object) -> StoreError:
    return StoreError(location, f"the file is damaged ({told})", "restore a backup, and keep this file for examination")


def _with_sessions(connection: apsw.Connection, location: str, problems: list[StoreError]) -> Verdict:
    damaged, newer, entries = dict[str, str](), list[str](), 0
    names: list[str] = []
    try:
        names += [name_of(row[0]) for row in connection.execute(ALL_IDS)]
        damaged |= dict.fromkeys(damaged_ids(connection), FORGOTTEN_DAMAGE)
        if told := told_of_old_records(connection):
            problems.append(_damage(location, told))
    except apsw.CorruptError as error:
        problems.append(_damage(location, error))
    for name in names:
        try:
            entries += _read_session(connection, location, name)
        except SessionCorruption as error:
            damaged[name] = error.details
        except apsw.CorruptError as error:
            damaged[name] = f"the pages it is in are damaged ({error})"
        except NewerSchema:
            newer.append(name)
        except SessionNotFound:
            continue
    return Verdict(sessions=len(names), entries=entries, damaged=damaged, newer=tuple(newer), problems=tuple(problems))


def _read_session(connection: apsw.Connection, location: str, session_id: str) -> int:
    stored = load_stored(connection, location, session_id)
    load_messages(connection, stored)
    return len(load_journal(connection, stored))
