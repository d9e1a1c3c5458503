"""A store that is copied, migrated, pruned or restored, by a process that dies at each write, sync, rename and removal of it in turn.

`python tests/support/killed_keeping.py [WHAT …] [--kind KIND] [--stride N]` prints how many points there are, and one line for each after which
something is wrong. Each trial is a fork of this process, which has no threads. With a power cut, what was not forced to disk is lost as well.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

import apsw

from reev_flow.clock import SystemClock
from reev_flow.errors import SessionForgotten, SessionNotFound, StoreError
from reev_flow.stores.sqlite.migrations import Migration, migrations_of
from reev_flow.stores.sqlite.restoring import restore_store
from reev_flow.stores.sqlite.sessions import SqliteSessionStore
from reev_flow.stores.sqlite.verifying import verify
from support.backed_up import open_store
from support.every_damage import scratch_folder
from support.sessions import START_NS, Run, is_unbroken, new_session

NAME = "dies-at-a-point"
KILL, POWER_CUT = KINDS = ("kill", "power-cut")
SESSIONS = 8
SAID = "said.txt"
NOW = migrations_of("sessions")
MORE = (
    "CREATE TABLE more (bytes BLOB);"
    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10) "
    "INSERT INTO more SELECT randomblob(2000) FROM numbers;"
)
NEXT = (*NOW, Migration(NOW[-1].number + 1, MORE))


class Points:
    """Counts what the process does to its disk, and kills it at one of them."""

    def __init__(self, deadly: int, *, is_power_cut: bool) -> None:
        self.passed = 0
        self._deadly = deadly
        self._is_power_cut = is_power_cut
        self._unsynced: dict[str, list[tuple[int, bytes, int]]] = {}

    def reach(self) -> None:
        self.passed += 1
        if self.passed == self._deadly:
            if self._is_power_cut:
                self._lose()
            os.kill(os.getpid(), signal.SIGKILL)

    def note(self, path: str, offset: int, former: bytes, size: int) -> None:
        self._unsynced.setdefault(path, []).append((offset, former, size))

    def sync(self, path: str) -> None:
        self._unsynced.pop(path, None)

    def rename(self, path: str, to: str) -> None:
        """Names are taken to be on disk at once, before what is in the file."""
        self._unsynced[to] = self._unsynced.pop(path, [])

    def _lose(self) -> None:
        for path, writes in self._unsynced.items():
            if Path(path).exists():
                with Path(path).open("r+b") as file:
                    for offset, former, size in reversed(writes):
                        file.seek(offset)
                        file.write(former)
                        file.truncate(size)


class File(apsw.VFSFile):
    """Every other method is what SQLite always does."""

    def __init__(self, inherited: str, name: Any, flags: list[int], points: Points) -> None:
        super().__init__(inherited, name, flags)
        self._points = points
        self._path = (name if isinstance(name, str) or name is None else name.filename()) or ""

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        self._points.reach()
        size = self.xFileSize()
        there = min(len(data), max(0, size - offset))
        self._points.note(self._path, offset, self.xRead(there, offset) if there else b"", size)
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self._points.reach()
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._points.reach()
        super().xSync(flags)
        self._points.sync(self._path)


class Disk(apsw.VFS):
    """Every connection of this process goes through it."""

    def __init__(self, points: Points) -> None:
        self._inherited = apsw.vfs_names()[0]
        self._points = points
        super().__init__(NAME, self._inherited, makedefault=True)

    def xOpen(self, name: Any, flags: list[int]) -> File:  # noqa: N802
        return File(self._inherited, name, flags, self._points)

    def xDelete(self, name: str, sync: bool) -> None:  # noqa: FBT001, N802
        self._points.reach()
        self._points.sync(name)
        super().xDelete(name, sync)


def watch(points: Points) -> Disk:
    """Also what is done without SQLite: renames, removals and waiting for the disk."""
    for owner, name in ((Path, "replace"), (Path, "unlink"), (os, "fsync"), (os, "pwrite")):
        setattr(owner, name, _watched(getattr(owner, name), name, points))
    return Disk(points)


def _watched(do: Callable[..., Any], name: str, points: Points) -> Callable[..., Any]:
    def watched(*arguments: Any, **named: Any) -> Any:
        points.reach()
        done = do(*arguments, **named)
        if name == "fsync":
            points.sync(str(Path(f"/proc/self/fd/{arguments[0]}").readlink()))
        if name == "replace":
            points.rename(str(arguments[0]), str(arguments[1]))
        return done

    return watched


def say(folder: Path, line: str) -> None:
    """Where the death of this process does not reach it."""
    with (folder / SAID).open("a", encoding="utf-8") as said:
        said.write(f"{line}\n")


def heard(folder: Path) -> list[str]:
    return (folder / SAID).read_text(encoding="utf-8").splitlines() if (folder / SAID).exists() else []


# Each has what is there before, what is done, and what holds afterwards


def fill(folder: Path, *, have_ended: bool) -> None:
    store = open_store(folder)
    for number in range(SESSIONS):
        run = Run(store, new_session(f"s-{number}", second=number))
        run.step(b"x" * 3_000)
        if have_ended:
            run.end(second=number)
    store.close()


def names() -> list[str]:
    return [f"s-{number}" for number in range(SESSIONS)]


def require_whole(store: SqliteSessionStore) -> None:
    for name in names():
        assert is_unbroken(store.load(name).result(), store.read_journal(name).result()), name
    assert store.damaged().result() == ()


def before_backup(folder: Path) -> None:
    fill(folder, have_ended=False)
    store = open_store(folder)
    assert store.back_up().result()
    store.create(new_session("after that copy")).result()
    store.close()


def back_up(folder: Path) -> None:
    store = open_store(folder)
    copy = store.back_up().result()
    assert copy is not None
    say(folder, copy.location)
    store.back_up(str(folder / "named.db")).result()
    say(folder, str(folder / "named.db"))
    store.close()


def after_backup(folder: Path) -> None:
    copies = [*sorted((folder / "sessions.backups").glob("sessions-*.db")), *folder.glob("named.db")]
    assert all(Path(one) in copies for one in heard(folder)), "what was said to be there is there"
    for copy in copies:
        verdict = verify(copy, is_store=False)
        assert verdict.is_sound, (copy, verdict)
    assert verify(copies[0], is_store=False).sessions == SESSIONS
    store = open_store(folder)
    require_whole(store)
    store.create(new_session("after the kill")).result()
    assert store.back_up().result() is not None
    store.back_up(str(folder / "named.db")).result()
    store.close()
    assert list(folder.rglob("*.part*")) == []


def before_migration(folder: Path) -> None:
    fill(folder, have_ended=False)


def migrate(folder: Path) -> None:
    SqliteSessionStore(folder / "sessions.db", migrations=NEXT).close()
    say(folder, "migrated")


def after_migration(folder: Path) -> None:
    store = SqliteSessionStore(folder / "sessions.db", migrations=NEXT)
    require_whole(store)
    store.close()
    (copy,) = folder.glob("sessions.db.schema-?")
    assert verify(copy, is_store=False).sessions == SESSIONS


def before_prune(folder: Path) -> None:
    fill(folder, have_ended=True)


def prune(folder: Path) -> None:
    store = open_store(folder)
    while forgotten := store.prune(START_NS * 2, limit=3).result():
        for name in forgotten:
            say(folder, name)
        store.give_back().result()
    store.close()


def after_prune(folder: Path) -> None:
    assert verify(folder / "sessions.db").is_sound
    store = open_store(folder)
    for name in names():
        error = store.load(name).exception()
        assert isinstance(error, SessionNotFound | None), error
        if error is None:
            assert name not in heard(folder)
            assert is_unbroken(store.load(name).result(), store.read_journal(name).result())
        else:
            assert isinstance(store.create(new_session(name)).exception(), SessionForgotten)
    store.close()


def before_restore(folder: Path) -> None:
    """What came after the copy is in the log of a process that did not close the store."""
    fill(folder, have_ended=False)
    store = open_store(folder)
    assert store.back_up().result()
    store.create(new_session("after that copy")).result()
    os._exit(0)


def restore(folder: Path) -> None:
    (copy,) = (folder / "sessions.backups").glob("*.db")
    restore_store(copy, folder / "sessions.db", SystemClock())
    say(folder, "restored")


def after_restore(folder: Path) -> None:
    if not may_be_opened(folder):
        assert heard(folder) == []
        restore(folder)
    assert verify(folder / "sessions.db").is_sound
    store = open_store(folder)
    require_whole(store)
    later = store.load("after that copy").exception()
    if later is None:
        assert heard(folder) == [], "nothing has happened"
        assert store.load("s-0").result().restored_from == ""
    else:
        assert isinstance(store.create(new_session("after that copy")).exception(), SessionForgotten)
        assert store.load("s-0").result().restored_from
        require_put_aside(folder)
    store.close()


def may_be_opened(folder: Path) -> bool:
    try:
        open_store(folder).close()
    except StoreError as error:
        if "restore a backup" not in str(error):
            raise
        return False
    return True


def require_put_aside(folder: Path) -> None:
    aside = [verify(one, is_store=False) for one in folder.glob("sessions.before-restore-*.db")]
    assert any(verdict.is_sound and verdict.sessions == SESSIONS + 1 for verdict in aside), aside


DEEDS: dict[str, tuple[Callable[[Path], None], Callable[[Path], None], Callable[[Path], None]]] = {
    "backup": (before_backup, back_up, after_backup),
    "migration": (before_migration, migrate, after_migration),
    "prune": (before_prune, prune, after_prune),
    "restore": (before_restore, restore, after_restore),
}


def in_a_fork(do: Callable[[], int]) -> int:
    """What it gives, below 200; 255 when it raised; -9 when it was killed."""
    child = os.fork()
    if child == 0:
        _leave(do)
    _, status = os.waitpid(child, 0)
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def _leave(do: Callable[[], int]) -> NoReturn:
    try:
        code = do()
    except BaseException:  # noqa: BLE001 - told, and the fork must not go on with what its parent does
        traceback.print_exc(file=sys.stdout)
        sys.stdout.flush()
        code = 255
    os._exit(code)


def died(folder: Path, do: Callable[[Path], None], deadly: int, *, is_power_cut: bool) -> bool:
    """Whether it came so far."""

    def trial() -> int:
        disk = watch(Points(deadly, is_power_cut=is_power_cut))
        do(folder)
        disk.unregister()
        return 0

    code = in_a_fork(trial)
    if code not in {0, -signal.SIGKILL}:
        sys.stdout.write(f"WRONG point {deadly}: ended with {code} by itself\n")
    return code == -signal.SIGKILL


def rehearse(what: str, kind: str, stride: int) -> str:
    """What was wrong, one line for each point; empty when nothing was. Says how many points there are."""
    prepare, do, check = DEEDS[what]
    wrong = []
    deadly = 1
    with tempfile.TemporaryDirectory(dir=scratch_folder()) as place:
        sound = Path(place) / "sound"
        sound.mkdir()
        assert in_a_fork(lambda: prepare(sound) or 0) == 0
        for deadly in count(1, stride):
            folder = Path(place) / "store"
            shutil.copytree(sound, folder)
            goes_on = died(folder, do, deadly, is_power_cut=kind == POWER_CUT)
            if in_a_fork(lambda: check(folder) or 0) != 0:  # noqa: B023 - it is over within the round
                wrong.append(f"WRONG after {kind} at point {deadly} of {what}\n")
            shutil.rmtree(folder)
            if not goes_on:
                break
    sys.stdout.write(f"{what}: {kind} at every {stride}. of up to {deadly - 1} points, {len(wrong)} wrong\n")
    return "".join(wrong)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", nargs="*", help=", ".join(DEEDS))
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--stride", type=int, default=1)
    asked = parser.parse_args()
    kinds = [asked.kind] if asked.kind else KINDS
    wrong = "".join(rehearse(what, kind, asked.stride) for what in asked.what or DEEDS for kind in kinds)
    sys.stdout.write(wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    from support import killed_keeping

    sys.exit(killed_keeping.main())
