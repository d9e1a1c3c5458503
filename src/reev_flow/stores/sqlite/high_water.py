"""The number of a database's last commit, kept outside of it: a database that is behind has lost commits without saying so.

SQLite believes a damaged write-ahead log only up to the damage, and quietly goes on from there. Nothing inside the file can tell.
"""

import os
from pathlib import Path

from reev_flow.errors import StoreError

LINE_LENGTH = 32 + 1 + 20 + 1


class HighWater:
    """One line in one file: the database's own id and the number. Written after each commit and not forced to disk, because it need
    only survive what the database survives by itself; it is never ahead of the disk, so it raises no false alarm.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None

    def read(self) -> tuple[str, int] | None:
        """The database's id and the number; None when there is no mark."""
        try:
            text = self.path.read_text(encoding="ascii", errors="replace")
        except FileNotFoundError:
            return None
        store_id, _, number = text.strip().partition(" ")
        if not text:
            return None
        if len(text) != LINE_LENGTH or not number.isdecimal():
            raise StoreError(
                str(self.path), "the high-water mark is damaged", "verify the store, then remove that file"
            )
        return store_id, int(number)

    def write(self, store_id: str, number: int) -> None:
        if self._file is None:
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        _write_at_start(self._file, b"%b %020d\n" % (store_id.encode(), number))

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
        self._file = None


def _write_at_start(file: int, line: bytes) -> None:
    if hasattr(os, "pwrite"):
        os.pwrite(file, line, 0)
    else:  # Windows
        os.lseek(file, 0, os.SEEK_SET)
        os.write(file, line)


def refuse_rollback(location: str, mark: Path, found: tuple[str, int], expected: tuple[str, int] | None) -> None:
    """`expected` is the mark as it was before `found` was read from the database: others may commit in between."""
    if expected is None or (found[0] == expected[0] and found[1] >= expected[1]):
        return
    if found[0] == expected[0]:
        details = f"{expected[1] - found[1]:,} acknowledged commits are gone (the last was {expected[1]:,}, found {found[1]:,})"
    elif found[0]:
        details = "not the database that was here before"
    else:
        details = f"the database is gone, with {expected[1]:,} acknowledged commits"
    advice = f"restore a backup; to go on with what is left, remove {mark} or open it with accept_rollback=True"
    raise StoreError(location, details, advice)
