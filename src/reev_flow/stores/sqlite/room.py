"""Gives the disk back what a database no longer needs."""

from collections.abc import Callable
from contextlib import suppress

import apsw

FREE_PAGES = "SELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size"


def free_bytes(connection: apsw.Connection) -> int:
    """Of pages that hold nothing."""
    return int(connection.execute(FREE_PAGES).get)


def give_back_pages(connection: apsw.Connection, most_pages: int) -> None:
    """Within the transaction that is open."""
    connection.execute(f"PRAGMA incremental_vacuum({most_pages})").fetchall()


def empty_log(connection: apsw.Connection, longest_wait_ms: int, wait_afterwards: Callable[[int], bool]) -> None:
    """Merges the log and makes both files as short as they can be. Nothing is lost when somebody else is reading: it happens another time.
    Others write no sooner than this is over. `wait_afterwards` is how the connection waits for others from then on.
    """
    connection.set_busy_timeout(longest_wait_ms)
    try:
        with suppress(apsw.BusyError, apsw.LockedError):
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    finally:
        connection.set_busy_handler(wait_afterwards)
