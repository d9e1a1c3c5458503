"""What is told of an error of SQLite or of the file system."""

import errno

import apsw
import pytest

from reev_flow.stores.sqlite.driver_errors import as_store_error


@pytest.mark.parametrize(
    "error",
    [
        apsw.FullError("database or disk is full"),
        apsw.IOError("disk I/O error"),
        OSError(errno.ENOSPC, "No space left"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_a_full_disk_answers_with_room_is_part_of_the_advice(error: Exception):
    assert "room" in as_store_error(error, "sessions.db").advice


def test_a_full_disk_does_not_deny_what_was_written_before():
    told = as_store_error(apsw.FullError("database or disk is full"), "sessions.db")
    assert "those acknowledged before it are" in told.details
