"""One database copied to another file while it is in use, as it is at one moment."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import apsw

from reev_flow.errors import StoreError
from reev_flow.stores.sqlite.kinds import refuse_other_kinds

PAGES_AT_ONCE = 1_000
LEAST_BYTES_LEFT = 16 * 1024 * 1024  # for those who write meanwhile


def copy_database(source: apsw.Connection, to: Path, location: str) -> None:
    """`to` is not there yet. The source has a transaction open, so that writers neither change what is copied nor are held up by it.

    The copy is whole and sound, or this fails; it is not forced to disk.
    """
    _refuse_full_disk(source, to.parent, location)
    os.close(os.open(to, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    with closing(apsw.Connection(str(to))) as target:
        target.pragma("journal_mode", "OFF")  # half a copy is worth nothing, so that nothing need be rolled back
        target.pragma("synchronous", "OFF")
        with target.backup("main", source, "main") as backup:
            while not backup.done:
                backup.step(PAGES_AT_ONCE)
    refuse_unsound(to, location)


def is_sound(copy: apsw.Connection) -> bool:
    """As a file of sessions: what is in its rows is checked by whoever reads them. Raises `StoreError` for something else."""
    refuse_other_kinds(copy, "")
    return _verdict(copy) == "ok"


def _verdict(copy: apsw.Connection) -> str:
    """Its last line: the first only says which database is meant."""
    return str(copy.execute("PRAGMA quick_check(1)").get).splitlines()[-1]


def refuse_unsound(path: Path, location: str) -> None:
    with read_only(path) as copy:
        verdict = _verdict(copy)
    if verdict != "ok":
        advice = "run `reev-flow sessions verify`; earlier backups stay as they are"
        raise StoreError(location, f"what is in it is damaged ({verdict}), so no copy of it was kept", advice)


@contextmanager
def read_only(path: Path) -> Iterator[apsw.Connection]:
    """Nothing is made beside it, nothing is locked: for files that nobody writes to and that have no log."""
    if path.exists() and not path.is_file():
        raise apsw.CantOpenError("not a file")  # a pipe would be waited for
    uri = f"file:{quote(str(path.absolute()))}?immutable=1"
    with closing(apsw.Connection(uri, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)) as connection:
        connection.pragma("cell_size_check", 1)
        connection.pragma("trusted_schema", 0)
        yield connection


def _refuse_full_disk(source: apsw.Connection, folder: Path, location: str) -> None:
    """A copy must not take the room that those who write need."""
    wanted = int(source.pragma("page_count")) * int(source.pragma("page_size"))
    stat = os.statvfs(folder) if hasattr(os, "statvfs") else None
    if stat is not None and stat.f_bavail * stat.f_frsize < wanted + LEAST_BYTES_LEFT:
        left = stat.f_bavail * stat.f_frsize
        details = f"no room for a copy in {folder}: {wanted:,} bytes, and {left:,} are left, of which {LEAST_BYTES_LEFT:,} are for those who write"
        raise StoreError(location, details, "make room, or copy to another disk with `reev-flow sessions backup --to`")
