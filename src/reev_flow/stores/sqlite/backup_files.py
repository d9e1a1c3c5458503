"""The folder beside a database where its copies are: what they are called, and who may add one."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import apsw

from reev_flow.sessions.backups import Backup
from reev_flow.stores.sqlite.driver_errors import driver_errors

PART = ".part"
LOCK = "lock"
MOMENT = "%Y%m%dT%H%M%S"
SECOND_NS = 1_000_000_000
NAMED_TO_NS = 1_000_000  # as far as a moment is told by a name


class BackupFolder:
    """`sessions.db` has its copies in `sessions.backups`, as `sessions-NUMBER-MOMENT.db`. They are counted, so that it does not depend on
    clocks which is the newest.
    """

    def __init__(self, database: Path) -> None:
        self.path = database.with_suffix(".backups")
        self._stem = database.stem
        self._name = re.compile(rf"{re.escape(database.stem)}-(\d{{6,}})-(\d{{8}}T\d{{6}})(\d{{3}})Z\.db")

    def newest_first(self) -> list[Backup]:
        """What was being made when a process was killed is not among them. Raises `StoreError` when nobody may look."""
        with driver_errors(str(self.path)), suppress(FileNotFoundError):
            return [backup for _, backup in sorted(self._numbered(), key=lambda one: one[0], reverse=True)]
        return []

    def _numbered(self) -> Iterator[tuple[int, Backup]]:
        for path in self.path.iterdir():
            found = self._name.fullmatch(path.name)
            if found is None or not path.is_file():
                continue
            with suppress(FileNotFoundError, ValueError):  # rotated out just now; no such moment
                moment = datetime.strptime(found[2], MOMENT).replace(tzinfo=UTC)
                made_ns = int(moment.timestamp()) * SECOND_NS + int(found[3]) * NAMED_TO_NS
                yield (
                    int(found[1]),
                    Backup(location=str(path), made_ns=made_ns, size_bytes=path.stat().st_size),
                )

    def next_path(self, made_ns: int) -> Path:
        """For whoever has the lock."""
        number = max((number for number, _ in self._numbered()), default=0) + 1
        moment = datetime.fromtimestamp(made_ns // SECOND_NS, UTC).strftime(MOMENT)
        return self.path / f"{self._stem}-{number:06d}-{moment}{made_ns % SECOND_NS // NAMED_TO_NS:03d}Z.db"

    @contextmanager
    def locked(self) -> Iterator[bool]:
        """Whether nobody else has it. SQLite's own lock on an empty file: the system gives it up when the process is killed."""
        self.path.mkdir(mode=0o700, exist_ok=True)
        with suppress(FileExistsError):  # for the permissions
            os.close(os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        lock = apsw.Connection(str(self.path / LOCK))
        try:
            is_ours = True
            try:
                lock.execute("BEGIN EXCLUSIVE")
            except apsw.BusyError:
                is_ours = False
            yield is_ours
        finally:
            lock.close()

    def clear_parts(self) -> None:
        """What killed processes left half made. For whoever has the lock."""
        for part in self.path.glob(f"*{PART}*"):
            part.unlink(missing_ok=True)


def put_in_place(part: Path, path: Path) -> None:
    """From now on it is there, also after a power cut. What was there is replaced."""
    force_to_disk(part)
    part.replace(path)
    force_to_disk(path.parent)


def force_to_disk(path: Path) -> None:
    """A file, or the names in a folder. Not for a database that this process has open: closing the file would give up its locks."""
    if os.name == "nt" and path.is_dir():
        return
    file = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
