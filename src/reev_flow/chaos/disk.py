"""A file system that counts what SQLite writes and forces to disk, and fails at one place."""

import time
from pathlib import Path
from random import Random
from typing import Any

import apsw

from reev_flow.chaos.points import Fault, store_of
from reev_flow.chaos.trap import Trap, die
from reev_flow.chaos.unsynced import UnsyncedWrite, UnsyncedWrites

NAME = "reev-flow-chaos"
DELAY_SECONDS = 0.45
PARTS = {"-wal": "log", "-journal": "journal"}


class WatchedFile(apsw.VFSFile):
    """One open file. What is not overridden is what SQLite always does."""

    def __init__(self, inherited: str, name: Any, flags: list[int], disk: "WatchedDisk") -> None:
        super().__init__(inherited, name, flags)
        self._trap = disk.trap
        self._path = (name if isinstance(name, str) or name is None else name.filename()) or ""
        self._subject = subject_of(self._path)
        self._unsynced = disk.unsynced if disk.trap.fault is Fault.POWER_CUT and self._path else None

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        trap = self._trap
        is_here = trap.reach(self._subject, "before-write")
        if is_here and trap.fault is Fault.TORN_WRITE:
            super().xWrite(data[: len(data) // 2], offset)
            die()
        if trap.has_sprung and trap.fault is Fault.DISK_FULL:
            raise apsw.FullError("no room is left")
        self._note(offset, data)
        super().xWrite(data, offset)
        trap.reach(self._subject, "after-write")

    def xSync(self, flags: int) -> None:  # noqa: N802
        if self._trap.reach(self._subject, "before-sync") and self._trap.fault is Fault.SLOW_DISK:
            time.sleep(DELAY_SECONDS)
        super().xSync(flags)
        if self._unsynced is not None:
            self._unsynced.forget(self._path)
        self._trap.reach(self._subject, "after-sync")

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self._trap.reach(self._subject, "before-truncate")
        self._note(size, None)
        super().xTruncate(size)
        self._trap.reach(self._subject, "after-truncate")

    def _note(self, offset: int, data: bytes | None) -> None:
        if self._unsynced is not None:
            size = self.xFileSize()
            there = max(0, size - offset) if data is None else min(len(data), max(0, size - offset))
            former = self.xRead(there, offset) if there else b""
            self._unsynced.add(self._path, UnsyncedWrite(offset, former, size, data))


class WatchedDisk(apsw.VFS):
    """Until it is unregistered every connection that is opened in this process goes through it."""

    def __init__(self, trap: Trap) -> None:
        self._inherited = next(name for name in apsw.vfs_names() if name != NAME)
        self.trap = trap
        self.unsynced = UnsyncedWrites()
        super().__init__(NAME, self._inherited, makedefault=True)

    def xOpen(self, name: Any, flags: list[int]) -> WatchedFile:  # noqa: N802
        return WatchedFile(self._inherited, name, flags, self)

    def xDelete(self, name: str, sync: bool) -> None:  # noqa: FBT001, N802
        subject = subject_of(name)
        self.trap.reach(subject, "before-delete")
        self.unsynced.forget(name)
        super().xDelete(name, sync)
        self.trap.reach(subject, "after-delete")

    def cut_power(self, seed: int) -> None:
        """Nothing of this process sees it coming, and what it wrote may be lost as far as it was not forced to disk."""
        self.unsynced.lose(Random(seed))  # noqa: S311 - no secret
        die()


def subject_of(name: str | None) -> str:
    """What a file of a store is called in the name of a point: SQLite opens temporary files without a name."""
    file = Path(name or "temporary").name
    part = next((part for ending, part in PARTS.items() if file.endswith(ending)), "file")
    return f"{store_of(file)}-{part}"
