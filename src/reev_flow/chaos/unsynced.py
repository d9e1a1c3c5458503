"""What was written and not yet forced to disk: a power cut may lose any of it, which a kill never does."""

import os
from random import Random

import msgspec


class UnsyncedWrite(msgspec.Struct, frozen=True):
    """`former` is what stood there, as far as the file went; `data` is None for a file that was cut off at `offset`."""

    offset: int
    former: bytes
    former_size: int
    data: bytes | None


class UnsyncedWrites:
    """Of every file of one process, by path."""

    def __init__(self) -> None:
        self._writes: dict[str, list[UnsyncedWrite]] = {}

    def add(self, path: str, write: UnsyncedWrite) -> None:
        self._writes.setdefault(path, []).append(write)

    def forget(self, path: str) -> None:
        """It is on disk, or the file is gone."""
        self._writes.pop(path, None)

    def lose(self, random: Random) -> None:
        """All of it every other time, else each or not: disks write in whatever order they like."""
        loses_all = random.random() < 0.5
        for path, writes in self._writes.items():
            kept = [write for write in writes if not loses_all and random.random() < 0.5]
            _write_over(path, writes, kept)


def _write_over(path: str, writes: list[UnsyncedWrite], kept: list[UnsyncedWrite]) -> None:
    """As before the first of them, and then with those that were kept."""
    file = os.open(path, os.O_RDWR)
    for write in reversed(writes):
        os.pwrite(file, write.former, write.offset)
        os.ftruncate(file, write.former_size)
    for write in kept:
        if write.data is None:
            os.ftruncate(file, write.offset)
        else:
            os.pwrite(file, write.data, write.offset)
    os.close(file)
