"""A process that does one thing to a store again and again until it is killed: `python kept_store_child.py WHAT FOLDER`."""

import os
import sys
from pathlib import Path

from reev_flow.clock import SystemClock
from reev_flow.stores.sqlite.migrations import Migration, migrations_of
from reev_flow.stores.sqlite.restoring import restore_store
from reev_flow.stores.sqlite.sessions import SqliteSessionStore
from support.backed_up import open_store
from support.sessions import START_NS, Run, new_session

NOW = migrations_of("sessions")
SLOW = (
    "CREATE TABLE more (bytes BLOB);"
    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 3000) "
    "INSERT INTO more SELECT randomblob(2000) FROM numbers;"
)
NEXT = (*NOW, Migration(NOW[-1].number + 1, SLOW))


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def back_up(folder: Path) -> None:
    """Says which copies are there, and writes between two of them."""
    store = open_store(folder)
    run = Run(store, new_session(f"s-{os.getpid()}"))
    while True:
        run.step(b"x" * 1_000)
        copy = store.back_up().result()
        assert copy is not None
        say(copy.location)


def migrate(folder: Path) -> None:
    say("migrating")
    SqliteSessionStore(folder / "sessions.db", migrations=NEXT).close()
    say("done")


def prune(folder: Path) -> None:
    """Says which sessions were forgotten."""
    store = open_store(folder)
    say("pruning")
    while names := store.prune(START_NS * 2, limit=3).result():
        for name in names:
            say(name)
        store.give_back().result()
    say("done")


def restore(folder: Path) -> None:
    """The same copy, again and again."""
    copy = next((folder / "sessions.backups").glob("*.db"))
    while True:
        restore_store(copy, folder / "sessions.db", SystemClock())
        say("restored")


if __name__ == "__main__":
    {"back_up": back_up, "migrate": migrate, "prune": prune, "restore": restore}[sys.argv[1]](Path(sys.argv[2]))
