"""A store made anew from a backup, and one session of a store."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import apsw
import msgspec

from reev_flow.clock import Clock
from reev_flow.errors import SessionCorruption, SessionError, SessionForgotten, SessionNotFound, StoreError
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.store import SessionQuery
from reev_flow.stores.sqlite.backup_files import BackupFolder
from reev_flow.stores.sqlite.copying import copy_database, read_only
from reev_flow.stores.sqlite.driver_errors import as_store_error, driver_errors
from reev_flow.stores.sqlite.former_ids import ids_refused, ids_that_ran
from reev_flow.stores.sqlite.kinds import refuse_other_kinds
from reev_flow.stores.sqlite.replacing import alone_with, finish_move, put_aside_from, put_in_place
from reev_flow.stores.sqlite.sessions import SqliteSessionStore
from reev_flow.stores.sqlite.sessions_of_backups import Copied, read_copy
from reev_flow.stores.sqlite.verifying import looked_at

EVERY_ONE = 1_000_000_000
AT_ONCE = 1_000
# Another database from now on: whoever still works with the former one is refused, and its mark does not count for this one.
NEW_IDENTITY = "UPDATE store SET store_id = randomblob(16), commit_number = commit_number + 1"


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What came back: the sessions that go on from here, how many had ended, and those that were damaged in the backup already.
    `lost` are those that began after the backup was made, forgotten since or not, as far as what was there before still says: their ids are
    refused from now on.
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
        if database.exists() and backup.exists() and backup.samefile(database):
            raise StoreError(str(backup), "that is the store itself", "name a backup of it")
        database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with BackupFolder(database).locked() as is_ours, alone_with(database) as former:
            if not is_ours:
                raise StoreError(str(database), "another process makes or restores a backup of it", "try again")
            try:
                finish_move(fresh, database)
                _remove(fresh)
                _copy(backup, fresh)
                ran = _ran_before(database, former, clock.now_ns())
                restored = _bring_back(fresh, backup.name, clock, ran)
                kept_as = put_in_place(fresh, database, clock.now_ns())
            finally:
                _remove(fresh)
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


def _ran_before(database: Path, former: apsw.Connection | None, now_ns: int) -> list[SessionForgotten]:
    """When there is none, a restore may have been killed that had put it aside already."""
    if former is not None:
        return ids_that_ran(former, now_ns)
    ran: list[SessionForgotten] = []
    for aside in put_aside_from(database):
        with suppress(apsw.Error, OSError), looked_at(aside) as connection:
            ran += ids_that_ran(connection, now_ns)
    return ran


def _copy(backup: Path, fresh: Path) -> None:
    """With what is in its log, if it has one."""
    if not backup.exists():
        raise StoreError(str(backup), "no such file", "`reev-flow doctor` lists the backups there are")
    if not backup.is_file():
        raise StoreError(str(backup), "not a file", "`reev-flow doctor` lists the backups there are")
    try:
        with _readable(backup) as source:
            source.execute("BEGIN")
            refuse_other_kinds(source, str(backup))
            copy_database(source, fresh, str(backup))
    except (apsw.FullError, apsw.IOError):
        raise  # rather of the disk that the store is on
    except apsw.Error as error:
        raise as_store_error(error, str(backup)) from error
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
        there |= ids_refused(fresh)
        lost = list({told.session_id: told for told in known if told.session_id not in there}.values())
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


def _remove(fresh: Path) -> None:
    """What a restore that failed or was killed left."""
    for left in fresh.parent.glob(f"{fresh.stem}.*"):
        left.unlink(missing_ok=True)
