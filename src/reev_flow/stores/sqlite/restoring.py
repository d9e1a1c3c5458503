"""A store made anew from a backup, and one session of a store."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import apsw
import msgspec

from reev_flow.clock import Clock
from reev_flow.errors import SessionCorruption, SessionError, SessionForgotten, SessionNotFound, StoreError
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.store import SessionQuery
from reev_flow.stores.sqlite.backup_files import force_to_disk
from reev_flow.stores.sqlite.copying import copy_database, read_only
from reev_flow.stores.sqlite.database import read_commit
from reev_flow.stores.sqlite.driver_errors import driver_errors
from reev_flow.stores.sqlite.high_water import HighWater
from reev_flow.stores.sqlite.loading import name_of
from reev_flow.stores.sqlite.sessions import SqliteSessionStore
from reev_flow.stores.sqlite.sessions_of_backups import Copied, read_copy
from reev_flow.stores.sqlite.verifying import looked_at

EVERY_ONE = 1_000_000_000
AT_ONCE = 1_000
NAMED = """
SELECT CAST(s.session_id AS BLOB), CAST(s.flow AS BLOB), CAST(s.state AS BLOB), coalesce(p.updated_ns, s.updated_ns)
FROM sessions s LEFT JOIN progress p ON p.id = s.id WHERE s.is_named
"""
BUSY_MS = 1_000
LOGS = ("", "-wal", "-shm")
# Another database from now on: whoever still works with the former one is refused, and its mark does not count for this one.
NEW_IDENTITY = "UPDATE store SET store_id = randomblob(16), commit_number = commit_number + 1"
SECOND_NS = 1_000_000_000


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What came back: the sessions that go on from here, how many had ended, and those that were damaged in the backup already.
    `lost` are those that began after the backup was made, as far as what was there before still says: their ids are refused from now on.
    `kept_as` is where what was there before is now, empty when there was nothing.
    """

    interrupted: tuple[str, ...]
    ended: int
    damaged: tuple[str, ...]
    lost: tuple[str, ...] = ()
    kept_as: str = ""


def restore_store(backup: Path, database: Path, clock: Clock) -> Restored:
    """The backup in place of the database, which is put aside and not removed. Fails with `StoreError`, and then nothing has changed.

    When it is killed in the middle the store is as it was, or refuses to be opened until it is restored once more.
    """
    backup, database = backup.expanduser().absolute(), database.absolute()
    fresh = database.with_name(f"{database.stem}.restoring.db")
    with driver_errors(str(database)):
        database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove(fresh)
        _copy(backup, fresh)
        restored = _bring_back(fresh, backup.name, clock, _known_to(database))
        kept_as = _put_in_place(fresh, database, clock.now_ns())
    return msgspec.structs.replace(restored, kept_as=kept_as)


def restore_session(backups: Iterable[Path], store: SqliteSessionStore, session_id: str) -> tuple[SessionData, Path]:
    """From the first backup that has it sound. Raises `SessionNotFound` when none has, `SessionCorruption` when none has it sound."""
    problem: SessionError = SessionNotFound(session_id, "any backup")
    for backup in backups:
        try:
            with driver_errors(str(backup)):
                copied = _read_session(backup, session_id)
        except SessionNotFound:
            continue
        except (SessionCorruption, StoreError) as error:
            problem = error
            continue
        return store.put_back(copied, backup.name).result(), backup
    raise problem


def _read_session(backup: Path, session_id: str) -> Copied:
    with read_only(backup) as copy:
        return read_copy(copy, str(backup), session_id)


def _copy(backup: Path, fresh: Path) -> None:
    """With what is in its log, if it has one."""
    if not backup.is_file():
        raise StoreError(str(backup), "no such file", "`reev-flow doctor` lists the backups there are")
    with _readable(backup) as source:
        source.execute("BEGIN")
        try:
            read_commit(source)
        except apsw.SQLError as error:
            raise StoreError(str(backup), f"not a backup of sessions ({error})", "name another file") from error
        copy_database(source, fresh, str(backup))
    with closing(apsw.Connection(str(fresh))) as connection:
        connection.execute(NEW_IDENTITY)


@contextmanager
def _readable(path: Path) -> Iterator[apsw.Connection]:
    log = path.with_name(f"{path.name}-wal")
    if not log.exists() or not log.stat().st_size:
        with read_only(path) as connection:
            yield connection
        return
    with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)) as connection:
        yield connection


def _bring_back(fresh: Path, backup: str, clock: Clock, known: Sequence[SessionForgotten]) -> Restored:
    """In the file that is not the store yet. Closing it merges its log. `known` is what was there before."""
    store = SqliteSessionStore(fresh, clock=clock)
    try:
        damaged = store.damaged().result()
        found = [one for one in store.find(SessionQuery(limit=EVERY_ONE)).result() if one.session_id not in damaged]
        going_on = [one.session_id for one in found if not one.state.is_end]
        for some in batched(going_on):
            for answer in [store.bring_back(session_id, backup) for session_id in some]:
                answer.result()
        there = {one.session_id for one in found} | set(damaged)
        lost = [told for told in known if told.session_id not in there]
        for told in lost:
            store.remember_lost(told).result()
    finally:
        store.close()
    return Restored(
        interrupted=tuple(going_on),
        ended=len(found) - len(going_on),
        damaged=damaged,
        lost=tuple(told.session_id for told in lost),
    )


def batched(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many as may wait in a store's queue."""
    return (names[first : first + AT_ONCE] for first in range(0, len(names), AT_ONCE))


def _known_to(database: Path) -> list[SessionForgotten]:
    """The sessions with chosen ids in what is there before, damaged or not, as far as it can be read: they may have run."""
    known: list[SessionForgotten] = []
    if database.exists():
        with suppress(apsw.Error, OSError), looked_at(database) as connection:
            for name, flow, state, updated_ns in connection.execute(NAMED):
                known.append(SessionForgotten(name_of(name), name_of(flow), name_of(state), updated_ns, updated_ns))
    return known


def _put_in_place(fresh: Path, database: Path, now_ns: int) -> str:
    """Until the last rename whatever is opened there is refused, because it is not what the mark says."""
    fresh_mark = fresh.with_suffix(".high-water")
    with read_only(fresh) as connection:
        commit = read_commit(connection)
    force_to_disk(fresh)
    with _alone(database):
        mark = HighWater(database.with_suffix(".high-water"))
        mark.write(*commit)
        mark.close()
        kept_as = _put_aside(database, now_ns)
        fresh.replace(database)
    force_to_disk(database.parent)
    fresh_mark.unlink(missing_ok=True)
    _remove(fresh)
    return kept_as


def _put_aside(database: Path, now_ns: int) -> str:
    moment = datetime.fromtimestamp(now_ns // SECOND_NS, UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = database.with_name(f"{database.stem}.before-restore-{moment}.db")
    kept_as = ""
    for log in LOGS:
        with suppress(FileNotFoundError):
            database.with_name(f"{database.name}{log}").replace(aside.with_name(f"{aside.name}{log}"))
            kept_as = str(aside)
    return kept_as


@contextmanager
def _alone(database: Path) -> Iterator[None]:
    """Nobody else has the database open, and nobody opens it meanwhile."""
    if not database.exists():
        yield
        return
    with closing(apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READWRITE)) as connection:
        connection.set_busy_timeout(BUSY_MS)
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        try:
            connection.pragma("locking_mode", "EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE; ROLLBACK")
        except (apsw.BusyError, apsw.LockedError) as error:
            advice = "end the processes that use it (workers, `reev-flow serve`), then restore again"
            raise StoreError(str(database), "in use by another process", advice) from error
        except apsw.Error:
            pass  # what cannot be read is in nobody's use
        yield


def _remove(fresh: Path) -> None:
    """What a restore that was killed left."""
    for left in fresh.parent.glob(f"{fresh.stem}.*"):
        left.unlink(missing_ok=True)
