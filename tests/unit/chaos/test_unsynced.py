"""A power cut takes what was not forced to disk, all of it or parts, and nothing else."""

from pathlib import Path
from random import Random

import apsw
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.chaos.disk import WatchedDisk
from reev_flow.chaos.points import Fault
from reev_flow.chaos.trap import Trap
from reev_flow.chaos.unsynced import UnsyncedWrite, UnsyncedWrites

WRITES = st.lists(st.tuples(st.integers(0, 40), st.binary(min_size=1, max_size=20) | st.none()), max_size=8)


def write(content: bytes, offset: int, data: bytes | None) -> bytes:
    """What a file holds after a write, or after it was cut off."""
    if data is None:
        return content[:offset].ljust(offset, b"\0")
    return content[:offset].ljust(offset, b"\0") + data + content[offset + len(data) :]


@given(synced=st.binary(max_size=40), writes=WRITES, seed=st.integers(0, 1_000))
def test_the_file_is_as_it_was_with_some_of_the_writes(tmp_path_factory, synced, writes, seed):
    file = tmp_path_factory.mktemp("disk") / "file"
    unsynced, contents = UnsyncedWrites(), [synced]
    for offset, data in writes:
        before = contents[-1]
        end = len(before) if data is None else offset + len(data)
        unsynced.add(str(file), UnsyncedWrite(offset, before[offset:end], len(before), data))
        contents.append(write(before, offset, data))
    file.write_bytes(contents[-1])
    unsynced.lose(Random(seed))
    assert file.read_bytes() in possible(synced, writes)


def possible(synced: bytes, writes: list[tuple[int, bytes | None]]) -> set[bytes]:
    """What may be left: each write was kept, or was not."""
    found = {synced}
    for offset, data in writes:
        found |= {write(content, offset, data) for content in found}
    return found


def test_what_was_forced_to_disk_is_kept(tmp_path):
    disk = WatchedDisk(Trap(fault=Fault.POWER_CUT))
    connection = apsw.Connection(str(tmp_path / "a.db"))
    try:
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "FULL")
        connection.execute("CREATE TABLE rows(n)")
        connection.execute("INSERT INTO rows VALUES (1)")
        connection.pragma("synchronous", "NORMAL")
        connection.execute("INSERT INTO rows VALUES (2)")
        for seed in range(10):
            disk.unsynced.lose(Random(seed))
        assert rows_after_a_crash(tmp_path / "a.db") == [1]
    finally:
        connection.close()
        disk.unregister()


def rows_after_a_crash(file: Path) -> list[int]:
    """By somebody who knows no more than what is in the files."""
    copy = file.with_name("copy.db")
    for ending in ("", "-wal"):
        Path(f"{copy}{ending}").write_bytes(Path(f"{file}{ending}").read_bytes())
    connection = apsw.Connection(str(copy))
    try:
        return [number for (number,) in connection.execute("SELECT n FROM rows")]
    finally:
        connection.close()
