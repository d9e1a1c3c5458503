"""Copies of the sessions' database, made while others write, in a small rotation."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import apsw
import msgspec

from reev_flow.clock import Clock
from reev_flow.errors import ReevFlowError, SessionCorruption, StoreError
from reev_flow.sessions.backups import Backup
from reev_flow.stores import forks
from reev_flow.stores.backup_rotation import worth_keeping
from reev_flow.stores.lane import Job, Lane
from reev_flow.stores.sqlite.backup_files import NAMED_TO_NS, PART, BackupFolder, put_in_place
from reev_flow.stores.sqlite.copy_places import place_for_copy
from reev_flow.stores.sqlite.copying import copy_database, read_only
from reev_flow.stores.sqlite.database import Database, Link, read_commit
from reev_flow.stores.sqlite.driver_errors import as_store_error
from reev_flow.stores.sqlite.sessions_of_backups import read_copy

SECOND_NS = 1_000_000_000
MOST_WAITING = 100


class Wish(msgspec.Struct, frozen=True):
    """A copy that somebody wants: `to` a path, or in the folder, and then not before the newest one is so old."""

    to: str
    at_most_every_seconds: float


class Backups:
    """A thread of its own copies, so that neither writers nor readers wait for it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.folder = BackupFolder(database.path)
        self._database = database
        self._clock = clock
        self._link = Link(database, clock)
        self.lane = Lane(database.location, self._work, self._link.put_away, most_waiting=MOST_WAITING, most_at_once=1)
        forks.keep(self.lane)

    def close(self) -> None:
        forks.forget(self.lane)
        self.lane.close()

    def make(self, wish: Wish) -> Backup | None:
        if wish.to:
            place = place_for_copy(wish.to, self._database.path)
            try:
                return self._copy_to(place, self._now_ns())
            except OSError as error:  # not of the store, whose own errors are SQLite's
                raise as_store_error(error, str(place)) from error
        if not self._is_due(wish):
            return None
        with self.folder.locked() as is_ours:
            if not is_ours or not self._is_due(wish):
                return None
            self.folder.clear_parts()
            made_ns = self._now_ns()
            made = self._copy_to(self.folder.next_path(made_ns), made_ns)
            self._rotate()
        return made

    def remark_on(self, error: ReevFlowError) -> None:
        """Whether what is damaged can be had from a copy."""
        if isinstance(error, SessionCorruption):
            session_id, location = error.session_id, self._database.location
            found = first_sound(self._backups(), lambda copy: read_copy(copy, location, session_id))
            error.backup_available = found is not None

    def _backups(self) -> list[Backup]:
        try:
            return self.folder.newest_first()
        except StoreError:
            return []

    def _work(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            try:
                job.result = job.do(self, job.argument)
            except ReevFlowError as refusal:
                job.error = refusal
                self._link.abandon(is_trusted=True)
            except Exception as error:  # noqa: BLE001 - every failure becomes the job's own
                job.error = as_store_error(error, self._database.location)
                self._link.abandon(is_trusted=False)

    def _is_due(self, wish: Wish) -> bool:
        newest = next(iter(self.folder.newest_first()), None)
        if newest is None:
            return self._commit() != 0 or not wish.at_most_every_seconds
        age_ns = abs(self._clock.now_ns() - newest.made_ns)  # clocks are set back, too
        return age_ns >= wish.at_most_every_seconds * SECOND_NS and self._has_changed_since(newest)

    def _commit(self) -> int:
        return read_commit(self._link.connection())[1]

    def _has_changed_since(self, newest: Backup) -> bool:
        with suppress(apsw.Error), read_only(Path(newest.location)) as copy:
            return read_commit(copy) != read_commit(self._link.connection())
        return True  # that copy cannot be read

    def _now_ns(self) -> int:
        now_ns = self._clock.now_ns()
        return now_ns - now_ns % NAMED_TO_NS

    def _copy_to(self, path: Path, made_ns: int) -> Backup:
        """Never seen in part: it is made beside its place."""
        part = path.with_name(f"{path.name}{PART}")
        part.unlink(missing_ok=True)
        source = self._link.connection()
        try:
            source.execute("BEGIN")
            read_commit(source)  # from here on it sees this moment
            copy_database(source, part, self._database.location)
            source.execute("ROLLBACK")
            self._link.refuse_replaced_file()
            put_in_place(part, path)
        except BaseException:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise
        return Backup(location=str(path), made_ns=made_ns, size_bytes=path.stat().st_size)

    def _rotate(self) -> None:
        backups = self.folder.newest_first()
        kept = worth_keeping(backups)
        for backup in backups:
            if backup not in kept:
                Path(backup.location).unlink(missing_ok=True)


def first_sound(backups: Sequence[Backup], is_sound: Callable[[apsw.Connection], object]) -> Backup | None:
    """The first of them that can be read, and of which that holds."""
    for backup in backups:
        with suppress(apsw.Error, ReevFlowError), read_only(Path(backup.location)) as copy:
            if is_sound(copy):
                return backup
    return None
