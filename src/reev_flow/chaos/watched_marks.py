"""The high-water marks beside the stores, whose writes are places at which something can go wrong, too."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from reev_flow.chaos.points import MARK, Fault, store_of
from reev_flow.chaos.trap import Trap, die
from reev_flow.chaos.unsynced import UnsyncedWrite, UnsyncedWrites
from reev_flow.stores.sqlite.high_water import LINE_LENGTH, HighWater


@contextmanager
def watched_marks(trap: Trap, unsynced: UnsyncedWrites) -> Iterator[None]:
    """In this process, as long as the context lasts."""
    shipped = HighWater.write

    def write(mark: HighWater, store_id: str, number: int) -> None:
        subject = f"{store_of(mark.path.name)}-{MARK}"
        is_here = trap.reach(subject, "before-write")
        former = mark.path.read_bytes() if mark.path.exists() else b""
        if trap.has_sprung and trap.fault is Fault.DISK_FULL and not former:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(mark.path))
        shipped(mark, store_id, number)
        if is_here and trap.fault is Fault.TORN_WRITE and not former:
            os.truncate(mark.path, 0)  # so short a line at the beginning of a file is written at once or not at all
            die()
        if trap.fault is Fault.POWER_CUT:
            written = mark.path.read_bytes()[:LINE_LENGTH]
            unsynced.add(str(mark.path), UnsyncedWrite(0, former, len(former), written))
        trap.reach(subject, "after-write")

    HighWater.write = write  # type: ignore[assignment,method-assign]  # nothing in the shipped rooms is to know of this
    try:
        yield
    finally:
        HighWater.write = shipped  # type: ignore[method-assign]  # as above
