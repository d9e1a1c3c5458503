"""What is well and what is not where sessions are kept, each with what to do. Nothing is changed, and nothing is made."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path

import apsw
import msgspec

from reev_flow.clock import Clock
from reev_flow.errors import ReevFlowError, SessionCorruption
from reev_flow.runtime.file_checkup import (
    Files,
    files_of,
    free_for,
    may_make,
    on_network_drive,
    open_to_others,
    refused_writes,
)
from reev_flow.runtime.restoring import backup_with, backups_at
from reev_flow.runtime.workers import is_gone
from reev_flow.sessions.backups import Backup
from reev_flow.sessions.config import SessionConfig
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.store import SessionQuery
from reev_flow.settings.table import SETTINGS
from reev_flow.stores.remains import remains_of
from reev_flow.stores.sqlite.loading import find_sessions, holders
from reev_flow.stores.sqlite.migrations import brought_up, migrations_of
from reev_flow.stores.sqlite.verifying import Verdict, looked_at, verify
from reev_flow.stores.urls import session_file

MIB = 1024 * 1024
SECOND_NS = 1_000_000_000
MOST_BYTES_READ_WHOLE = 64 * MIB
LONG_LOG_BYTES = 128 * MIB
LEAST_FREE_BYTES = 256 * MIB
MOST_SESSIONS = 10_000
MOST_NAMED = 5
OPEN_UP = "chmod or chown what is in the way"
LATE_BACKUPS = 3  # intervals


class Level(StrEnum):
    """`WARNING` is for what may go wrong later."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at. `advice` is what to do; empty when there is nothing."""

    subject: str
    level: Level
    told: str
    advice: str = ""


def check_settings(variables: Mapping[str, str], config: SessionConfig | ReevFlowError) -> Iterator[Check]:
    """`config` is what the settings say, or why they cannot be read."""
    if isinstance(config, ReevFlowError):
        yield Check(
            subject="settings", level=Level.PROBLEM, told=str(config), advice="`reev-flow config` shows the others"
        )
    else:
        yield Check(subject="settings", level=Level.OK, told="can be read")
    known = {name for setting in SETTINGS for name in setting.variables}
    for name in sorted(variables):
        if name.startswith("REEV_") and name not in known:
            told = f"{name} is set and is no setting"
            yield Check(
                subject="settings", level=Level.WARNING, told=told, advice="`reev-flow config` shows which there are"
            )


def check_place(place: str, config: SessionConfig, clock: Clock) -> Iterator[Check]:
    """In the order in which things are needed."""
    path = session_file(place).absolute()
    try:
        is_there = path.exists()
        is_known = is_there or bool(remains_of(path))
        files = files_of(path)
    except OSError as error:
        told = f"{path} may not be looked at ({error})"
        yield Check(subject="store", level=Level.PROBLEM, told=told, advice=OPEN_UP)
        return
    if not is_known:
        yield from _guarded("store", _of_what_may_be_made(path))
        yield from _guarded("disk", _of_the_disk(path))
        return
    yield from _guarded("store", _of_the_files(path, files))
    yield from _guarded("disk", _of_the_disk(path))
    if is_there:
        yield from _guarded("sessions", _of_what_is_kept(place, path, files))
        yield from _guarded("workers", _of_workers(path, clock))
    yield from _guarded("backups", _of_backups(place, files, config, clock))
    yield from _guarded("leftovers", _of_leftovers(path))


def _guarded(subject: str, checks: Iterator[Check]) -> Iterator[Check]:
    """What cannot be looked at is a problem of its own, and no reason not to look at the rest."""
    try:
        yield from checks
    except ReevFlowError as error:
        yield Check(subject=subject, level=Level.PROBLEM, told=str(error))
    except OSError as error:
        yield Check(subject=subject, level=Level.PROBLEM, told=f"may not be looked at ({error})", advice=OPEN_UP)


def _of_what_may_be_made(path: Path) -> Iterator[Check]:
    folder = next(one for one in path.parents if one.exists())
    if not may_make(folder):
        told = f"nothing was kept at {path} yet, and nothing can be made in {folder}"
        yield Check(
            subject="store", level=Level.PROBLEM, told=told, advice="chmod or chown it, or name another with --store"
        )
        return
    told = f"nothing was kept at {path} yet"
    yield Check(subject="store", level=Level.OK, told=told, advice="`reev-flow run` makes it, --store names another")


def _of_the_files(path: Path, files: Files) -> Iterator[Check]:
    if not path.exists():
        told = f"{path} is gone, and what is kept beside it says that it was there"
        yield Check(
            subject="store",
            level=Level.PROBLEM,
            told=told,
            advice="`reev-flow sessions restore --latest`, or put it back",
        )
        return
    if files.database_bytes and not path.with_suffix(".high-water").exists():
        told = "its high-water mark is gone, so nobody knows whether it lost commits"
        yield Check(subject="store", level=Level.WARNING, told=told, advice="whoever opens it next makes a new mark")
    sizes = f"{files.database_bytes / MIB:,.1f} MiB, its log {files.log_bytes / MIB:,.1f} MiB"
    yield Check(subject="store", level=Level.OK, told=f"{path}: {sizes}; SQLite {apsw.sqlite_lib_version()}")
    if files.log_bytes > LONG_LOG_BYTES:
        advice = "end processes that read the store for long"
        yield Check(
            subject="store", level=Level.WARNING, told="its log is not merged, because somebody reads", advice=advice
        )
    for refused in refused_writes(path):
        yield Check(
            subject="permissions", level=Level.PROBLEM, told=f"{refused} may not be written", advice="chmod or chown it"
        )
    seen = open_to_others(path)
    if seen:
        told = f"others may read {', '.join(map(str, seen[:MOST_NAMED]))}"
        yield Check(
            subject="permissions", level=Level.WARNING, told=told, advice="chmod go-rwx, unless they are meant to"
        )


def _of_the_disk(path: Path) -> Iterator[Check]:
    folder = next(one for one in path.parents if one.exists())
    drive = on_network_drive(folder)
    if drive:
        told = f"{folder} is on a network drive ({drive}), where SQLite's locks and syncs cannot be relied on"
        yield Check(subject="disk", level=Level.PROBLEM, told=told, advice="keep sessions on a disk of this machine")
    free = free_for(folder)
    level = Level.OK if free >= LEAST_FREE_BYTES else Level.WARNING
    advice = "" if level is Level.OK else "make room: when it is full, nothing can be kept"
    yield Check(subject="disk", level=level, told=f"{free / MIB:,.0f} MiB are free", advice=advice)


def _of_what_is_kept(place: str, path: Path, files: Files) -> Iterator[Check]:
    if files.database_bytes > MOST_BYTES_READ_WHOLE:
        told = "too large to be read whole here"
        yield from _problems_of(verify(path, is_whole=False))
        yield Check(subject="sessions", level=Level.OK, told=told, advice="`reev-flow sessions verify` reads all of it")
        return
    verdict = verify(path)
    yield from _problems_of(verdict)
    for name, details in list(verdict.damaged.items())[:MOST_NAMED]:
        told = str(SessionCorruption(name, details, backup_available=backup_with(place, name)))
        yield Check(subject="sessions", level=Level.PROBLEM, told=told)
    if verdict.was_read:
        yield _sum_of(verdict)


def _problems_of(verdict: Verdict) -> Iterator[Check]:
    for problem in verdict.problems:
        told = f"{problem.location}: {problem.details}"
        yield Check(subject="sessions", level=Level.PROBLEM, told=told, advice=problem.advice)


def _sum_of(verdict: Verdict) -> Check:
    read = f"{verdict.sessions:,} sessions with {verdict.entries:,} entries read"
    if not verdict.damaged:
        return Check(subject="sessions", level=Level.OK, told=f"{read}, all as they were written")
    told = f"{read}, {len(verdict.damaged):,} damaged"
    return Check(
        subject="sessions", level=Level.PROBLEM, told=told, advice="`reev-flow sessions verify` names them all"
    )


def _of_workers(path: Path, clock: Clock) -> Iterator[Check]:
    """Leases of processes of this machine that are gone; the next worker takes their sessions over by itself."""
    query = SessionQuery(states=frozenset({SessionState.RUNNING}), limit=MOST_SESSIONS)
    try:
        with looked_at(path) as found, brought_up(found, migrations_of("sessions")) as connection:
            running = [one.session_id for one in find_sessions(connection, str(path), query)]
            leases = holders(connection, str(path), running, clock.now_ns())
    except (ReevFlowError, apsw.Error):
        return  # told already
    left = [name for name in running if name not in leases or is_gone(leases[name].worker)]
    told = f"{len(running) - len(left):,} sessions are being worked on"
    yield Check(subject="workers", level=Level.OK, told=told)
    if left:
        told = f"the worker of {_named(left)} is gone"
        advice = "`reev-flow worker --app MODULE:FLOW` or `reev-flow sessions recover` goes on with them"
        yield Check(subject="workers", level=Level.WARNING, told=told, advice=advice)


def _of_backups(place: str, files: Files, config: SessionConfig, clock: Clock) -> Iterator[Check]:
    backups = backups_at(place)
    if not config.backup_enabled:
        advice = "REEV_SESSION_BACKUP_ENABLED=true, or `reev-flow sessions backup` now and then"
        yield Check(subject="backups", level=Level.WARNING, told="are switched off", advice=advice)
    if not backups:
        if files.database_bytes:
            advice = "a manager that is open makes one, `reev-flow sessions backup` makes one now"
            yield Check(subject="backups", level=Level.WARNING, told="there is none", advice=advice)
        return
    yield _of_the_newest(backups[0], files, config, clock)
    total = sum(backup.size_bytes for backup in backups) / MIB
    told = f"{len(backups):,} kept in {Path(backups[0].location).parent}, {total:,.1f} MiB in all"
    yield Check(subject="backups", level=Level.OK, told=told)


def _of_the_newest(newest: Backup, files: Files, config: SessionConfig, clock: Clock) -> Check:
    path = Path(newest.location)
    age_seconds = max(0, clock.now_ns() - newest.made_ns) / SECOND_NS
    if newest.size_bytes <= MOST_BYTES_READ_WHOLE and not (verdict := verify(path, is_store=False)).is_sound:
        what = (
            str(verdict.problems[0]) if verdict.problems else f"{len(verdict.damaged):,} sessions in {path} are damaged"
        )
        advice = "look at the others with `reev-flow sessions verify FILE`; `reev-flow sessions backup --to FILE` makes one elsewhere"
        return Check(subject="backups", level=Level.PROBLEM, told=f"the newest is not sound: {what}", advice=advice)
    was_written_s = (files.changed_ns - newest.made_ns) / SECOND_NS
    told = f"the newest is {age_seconds:,.0f} s old: {path}"
    if config.backup_enabled and was_written_s > LATE_BACKUPS * config.backup_interval_seconds:
        advice = (
            "look for warnings of reev_flow.sessions in the log of your program, or run `reev-flow sessions backup`"
        )
        return Check(subject="backups", level=Level.WARNING, told=f"{told}; much was written since", advice=advice)
    return Check(subject="backups", level=Level.OK, told=told)


def _of_leftovers(path: Path) -> Iterator[Check]:
    kept = [*path.parent.glob(f"{path.stem}.before-restore-*"), *path.parent.glob(f"{path.name}.schema-*")]
    if kept:
        size = sum(one.stat().st_size for one in kept) / MIB
        told = (
            f"{len(kept):,} files of former times are beside it, {size:,.1f} MiB: {_named([one.name for one in kept])}"
        )
        yield Check(subject="leftovers", level=Level.OK, told=told, advice="remove them once nothing in them is missed")
    parts = [*path.with_suffix(".backups").glob("*.part*"), *path.parent.glob(f"{path.stem}.restoring.*")]
    if parts:
        size = sum(one.stat().st_size for one in parts) / MIB
        told = f"{len(parts):,} files of a copy or a restore that is being made or was killed, {size:,.1f} MiB"
        yield Check(subject="leftovers", level=Level.OK, told=told, advice="the next copy or restore removes them")


def _named(names: Iterable[str]) -> str:
    listed = sorted(names)
    more = f" and {len(listed) - MOST_NAMED:,} more" if len(listed) > MOST_NAMED else ""
    return ", ".join(listed[:MOST_NAMED]) + more
