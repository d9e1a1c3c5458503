"""Whether a database file has all its pages: SQLite takes those that are missing at the end for empty ones."""

from pathlib import Path

import apsw

HEADER_BYTES = 32
LOCKS_AT = 2**30
FRAME_HEADER_BYTES = 24
SALT = slice(16, 24)  # of the log's header; each frame of this log repeats it
FRAME_SALT = slice(8, 16)


def refuse_cut_off(connection: apsw.Connection, path: Path) -> None:
    """A file that grew may be short as long as what it grew by is in the log."""
    pages, page_size = int(connection.pragma("page_count")), int(connection.pragma("page_size"))
    there = path.stat().st_size // page_size
    if there >= pages:
        return
    log = path.with_name(f"{path.name}-wal")
    missing = pages_between(there, pages, page_size) - _pages_in(log, page_size)
    if missing and path.stat().st_size // page_size == there:  # else somebody merged the log meanwhile
        raise apsw.CorruptError(f"the file ends after page {there:,} of {pages:,}")


def pages_between(there: int, pages: int, page_size: int) -> set[int]:
    """The numbers after `there` up to `pages`, without the one page that SQLite never writes: its locks are at that place."""
    return set(range(there + 1, pages + 1)) - {LOCKS_AT // page_size + 1}


def _pages_in(log: Path, page_size: int) -> set[int]:
    if not log.exists():
        return set()
    pages = set()
    with log.open("rb") as file:
        salt = file.read(HEADER_BYTES)[SALT]
        while len(frame := file.read(FRAME_HEADER_BYTES)) == FRAME_HEADER_BYTES and frame[FRAME_SALT] == salt:
            pages.add(int.from_bytes(frame[:4], "big"))
            file.seek(page_size, 1)
    return pages
