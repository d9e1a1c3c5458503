"""Where SQLite's errors and those of the file system become ours."""

from collections.abc import Iterator
from contextlib import contextmanager

import apsw

from reev_flow.errors import StoreError

# What happened, and what to do next. The first class that fits counts.
MEANINGS: tuple[tuple[type[Exception], str, str], ...] = (
    (apsw.BusyError, "another process keeps it locked", "end that process or try again"),
    (apsw.LockedError, "it is locked", "try again"),
    (
        apsw.FullError,
        "the disk is full; this write is not kept, those acknowledged before it are",
        "make room and try again",
    ),
    (
        apsw.NotADBError,
        "not a store of this kind (not an SQLite database)",
        "name another path, or move that file away",
    ),
    (apsw.CorruptError, "the file is damaged", "restore a backup, and keep this file for examination"),
    (apsw.ReadOnlyError, "it cannot be written", "check the permissions of the file and of its folder"),
    (apsw.CantOpenError, "it cannot be opened", "check that the folder exists and may be written"),
    (apsw.PermissionsError, "it may not be used", "check the permissions of the file and of its folder"),
    (apsw.NoMemError, "there is not enough memory", "free some and try again"),
    (apsw.TooBigError, "a value is larger than SQLite's limit of 1 GB", "keep such values in a file of their own"),
    # Some file systems say so of a full disk, and not that it is full.
    (
        apsw.IOError,
        "the disk answered with an error",
        "make room if it is full and try again, else check the disk before trusting it again",
    ),
    (apsw.SQLError, "its tables are not those of a store of this kind", "restore a backup, or name another path"),
    (apsw.Error, "SQLite failed", "keep the file for examination"),
    (PermissionError, "it may not be used", "check the permissions of the folder"),
    (OSError, "its files cannot be used", "check the folder, and that its disk has room"),
)


def as_store_error(error: Exception, location: str) -> StoreError:
    """For errors of the driver, of the file system, and for values that cannot be stored."""
    for kind, details, advice in MEANINGS:
        if isinstance(error, kind):
            return _caused(StoreError(location, f"{details} ({error})", advice), error)
    return _caused(StoreError(location, f"cannot be stored ({error!r})", "correct what was to be stored"), error)


@contextmanager
def driver_errors(location: str) -> Iterator[None]:
    """Whatever SQLite or the file system raise inside leaves as `StoreError`."""
    try:
        yield
    except (apsw.Error, OSError) as error:
        raise as_store_error(error, location) from error


def _caused(store_error: StoreError, cause: Exception) -> StoreError:
    store_error.__cause__ = cause
    return store_error
