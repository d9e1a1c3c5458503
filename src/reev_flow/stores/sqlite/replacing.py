"""A database put in place of another one, which is put aside and not removed."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from glob import escape
from itertools import count
from pathlib import Path

import apsw

from reev_flow.errors import StoreError
from reev_flow.stores.sqlite.backup_files import force_to_disk
from reev_flow.stores.sqlite.copying import read_only
from reev_flow.stores.sqlite.database import read_commit
from reev_flow.stores.sqlite.high_water import HighWater

BUSY_MS = 1_000
ASIDE = ".before-restore-"
SECOND_NS = 1_000_000_000


@contextmanager
def alone_with(database: Path) -> Iterator[apsw.Connection | None]:
    """Nobody else has it open, and nobody opens it meanwhile. None when there is none; what cannot be read is in nobody's use."""
    if not database.exists():
        yield None
        return
    if not os.access(database, os.W_OK):  # then nobody could say whether somebody has it open
        raise StoreError(str(database), "it may not be written", "chmod or chown it")
    has_log = _log_of(database).exists() and _log_of(database).stat().st_size > 0
    with closing(apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READWRITE)) as connection:
        connection.set_busy_timeout(BUSY_MS)
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        try:
            connection.pragma("locking_mode", "EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE; ROLLBACK")
        except (apsw.BusyError, apsw.LockedError) as error:
            advice = "end the processes that use it (workers, `reev-flow serve`), then restore again"
            raise StoreError(str(database), "in use by another process", advice) from error
        except (apsw.NotADBError, apsw.CorruptError):
            pass
        try:
            yield connection
        except BaseException:
            if not has_log:  # then the one that was made for this goes again
                connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0)
            raise


def put_in_place(fresh: Path, database: Path, now_ns: int) -> str:
    """Where the former one is now; empty when there was none. For whoever is alone with it.

    Until the last rename whatever is opened there is refused, because it is not what the mark says. When it fails all is as it was.
    """
    with read_only(fresh) as connection:
        commit = read_commit(connection)
    force_to_disk(fresh)
    mark = database.with_suffix(".high-water")
    former_mark = mark.read_bytes() if mark.exists() else None
    aside = _free_place(database, now_ns)
    try:
        _write_mark(mark, commit)
        _move(database, aside)
        fresh.replace(database)
    except BaseException:
        _move(aside, database)
        _put_back(mark, former_mark)
        raise
    force_to_disk(database.parent)
    return str(aside) if aside.exists() else ""


def put_aside_from(database: Path) -> list[Path]:
    """The one that was put aside last is the last one."""
    found = database.parent.glob(f"{escape(database.stem)}{ASIDE}*.db")
    return sorted(found, key=lambda path: path.stat().st_ctime_ns)


def finish_move(fresh: Path, database: Path) -> None:
    """A process that was killed between two renames left what it was about to put in place, nothing in that place, and perhaps a log there."""
    aside = put_aside_from(database)
    if fresh.exists() and not database.exists() and aside and not _log_of(aside[-1]).exists():
        _move_log(database, aside[-1])


def _write_mark(mark: Path, commit: tuple[str, int]) -> None:
    written = HighWater(mark)
    try:
        written.write(*commit)
    finally:
        written.close()


def _put_back(mark: Path, content: bytes | None) -> None:
    if content is None:
        mark.unlink(missing_ok=True)
    else:
        mark.write_bytes(content)


def _free_place(database: Path, now_ns: int) -> Path:
    """A name that nothing has: what was put aside before stays, too."""
    moment = datetime.fromtimestamp(now_ns // SECOND_NS, UTC).strftime("%Y%m%dT%H%M%SZ")
    stem = f"{database.stem}{ASIDE}{moment}"
    names = (f"{stem}.db" if number == 1 else f"{stem}-{number}.db" for number in count(1))
    return next(path for name in names if not _has_any(path := database.with_name(name)))


def _has_any(path: Path) -> bool:
    return path.exists() or _log_of(path).exists()


def _move(database: Path, to: Path) -> None:
    with suppress(FileNotFoundError):
        database.replace(to)
    _move_log(database, to)


def _move_log(database: Path, to: Path) -> None:
    """Without it a database is not whole. What SQLite keeps beside it to find its way in the log is made anew when it is missing."""
    with suppress(FileNotFoundError):
        if _log_of(database).stat().st_size:
            _log_of(database).replace(_log_of(to))
    for left in ("-wal", "-shm"):
        database.with_name(f"{database.name}{left}").unlink(missing_ok=True)


def _log_of(database: Path) -> Path:
    return database.with_name(f"{database.name}-wal")
