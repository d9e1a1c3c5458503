"""From the schema a database has to the one this release knows, by numbered SQL files.

`PRAGMA user_version` is the number of the last file that was run. A newer database is refused before anything is written to it.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from importlib.resources import files
from pathlib import Path

import apsw
import msgspec

from reev_flow.errors import NewerSchema, StoreError


class Migration(msgspec.Struct, frozen=True):
    """One numbered SQL file."""

    number: int
    sql: str


def migrations_of(subject: str) -> tuple[Migration, ...]:
    """The files `NNNN_subject.sql`, in their order."""
    found = (
        path
        for path in files("reev_flow.stores.sqlite").joinpath("schema").iterdir()
        if path.name.endswith(f"_{subject}.sql")
    )
    return tuple(
        sorted(
            (Migration(int(path.name[:4]), path.read_text(encoding="utf-8")) for path in found),
            key=lambda one: one.number,
        )
    )


def refuse_newer(connection: apsw.Connection, location: str, known: int) -> int:
    """The schema's number, which is 0 when the database is empty."""
    found = int(connection.pragma("user_version"))
    if found > known:
        raise NewerSchema(location, found, known)
    return found


def migrate(connection: apsw.Connection, path: Path, migrations: Sequence[Migration]) -> None:
    """All missing steps or none, in one transaction. What was there before stays beside it as `NAME.schema-N`."""
    newest = migrations[-1].number
    if refuse_newer(connection, str(path), newest) == newest:
        return
    connection.execute("BEGIN IMMEDIATE")  # two processes may open a store that is not there yet: one of them makes it
    try:
        _bring_up(connection, path, migrations)
        connection.pragma("user_version", newest)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _bring_up(connection: apsw.Connection, path: Path, migrations: Sequence[Migration]) -> None:
    found = refuse_newer(connection, str(path), migrations[-1].number)
    if found == 0 and connection.execute("SELECT 1 FROM sqlite_schema").fetchone():
        raise StoreError(str(path), "a database of something else", "name another path")
    if 0 < found < migrations[-1].number:
        _keep_copy(path, path.with_name(f"{path.name}.schema-{found}"))
    run_missing(connection, found, migrations)


def run_missing(connection: apsw.Connection, found: int, migrations: Sequence[Migration]) -> None:
    """Everything after the schema with that number. Neither begins nor ends a transaction."""
    for step in migrations:
        if step.number > found:
            connection.execute(step.sql)


def _keep_copy(path: Path, copy: Path) -> None:
    """Through a connection of its own, which sees what was committed before the transaction that is open. A copy that is there already
    is from a migration that failed, and is made again.
    """
    copy.unlink(missing_ok=True)
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    source, target = apsw.Connection(str(path)), apsw.Connection(str(copy))
    try:
        with target.backup("main", source, "main") as backup:
            while not backup.done:
                backup.step(1_000)
    finally:
        source.close()
        target.close()


@contextmanager
def brought_up(connection: apsw.Connection, migrations: Sequence[Migration]) -> Iterator[apsw.Connection]:
    """With the tables of this release: those of an earlier one are brought up in a copy that nobody else sees, and that is gone afterwards."""
    schema = int(connection.pragma("user_version"))
    if not 0 < schema < migrations[-1].number:
        yield connection
        return
    with closing(apsw.Connection("")) as scratch:
        with scratch.backup("main", connection, "main") as backup:
            backup.step()
        run_missing(scratch, schema, migrations)
        yield scratch
