"""A process whose files may not become larger than a limit, until it lifts that: `python limited_files.py WHAT FOLDER`."""

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reev_flow.clock import SystemClock
from reev_flow.errors import StoreError
from reev_flow.stores.sqlite.restoring import restore_store
from reev_flow.stores.sqlite.sessions import SqliteSessionStore
from reev_flow.stores.sqlite.verifying import verify
from support.backed_up import made, names_in, open_store
from support.sessions import Run, is_unbroken, new_session, write_after
from support.sessions import entry as new_entry

LIMIT = 1_000_000
MANY = 10_000


@contextmanager
def limited() -> Iterator[None]:
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def filled(folder: Path) -> tuple[SqliteSessionStore, Run]:
    """More than the limit."""
    store = open_store(folder)
    run = Run(store)
    run.step(b"x" * 2 * LIMIT)
    return store, run


def require_sound(folder: Path, run: Run) -> None:
    store = open_store(folder)
    assert is_unbroken(run.session, store.read_journal(run.session.session_id).result())
    store.close()
    assert verify(folder / "sessions.db").is_sound


def write(folder: Path) -> None:
    """Until nothing can be kept any more, and then on."""
    store = open_store(folder)
    run = Run(store)
    refused = None
    with limited():
        for _ in range(MANY):
            write_on = write_after(run.session, new_entry(1, value=b"x" * 5_000))
            refused = store.append(write_on).exception()
            if refused is not None:
                break
            run.session = write_on.session
    assert isinstance(refused, StoreError), refused
    run.step(b"there is room again")
    store.close()
    require_sound(folder, run)


def back_up(folder: Path) -> None:
    """A copy fails and costs nothing else."""
    store, run = filled(folder)
    with limited():
        refused = store.back_up().exception()
        assert isinstance(refused, StoreError), refused
        assert names_in(folder / "sessions.backups") == ["lock"]
    run.step(b"there is room again")
    assert verify(made(store.back_up().result()), is_store=False).entries == run.session.entries
    store.close()
    require_sound(folder, run)


def restore(folder: Path) -> None:
    """It fails, and the store is as it was."""
    store, run = filled(folder)
    copy = made(store.back_up().result())
    Run(store, new_session("since then"))
    store.close()
    before = names_in(folder)
    try:
        with limited():
            restore_store(copy, folder / "sessions.db", SystemClock())
    except StoreError:
        assert names_in(folder) == before
    else:
        raise AssertionError("there was room")
    require_sound(folder, run)
    assert restore_store(copy, folder / "sessions.db", SystemClock()).lost == ("since then",)


DEEDS = {"write": write, "back_up": back_up, "restore": restore}

if __name__ == "__main__":
    DEEDS[sys.argv[1]](Path(sys.argv[2]))
