"""How far a session has come: the one narrow row, beside its journal's, that is written with an ordinary step."""

from collections.abc import Mapping

from msgspec.structs import replace

from reev_flow.errors import SessionCorruption
from reev_flow.stores.rules import Kept
from reev_flow.stores.sqlite.digests import Row, Value, digest_of

MOVED = ("updated_ns", "entries", "chain", "last_entry")
PROGRESS_COLUMNS = (*MOVED, "digest")


def progress_row(row: int, beside: bytes, kept: Kept, last_entry: int) -> Row:
    """Of the session that is in that row. `beside` are the digests of its record and of its contents, so that none of the three can be of
    another moment unnoticed.
    """
    session = kept.session
    columns = (session.updated_ns, session.entries, session.chain, last_entry)
    return (*columns, digest_of((row, beside, *columns)))


def is_mere_progress(stored: Kept, now: Kept) -> bool:
    """Whether nothing changed but how far the session has come."""
    before, after = stored.session, now.session
    if before.state is not after.state or before.epoch != after.epoch:
        return False
    moved = replace(before, updated_ns=after.updated_ns, entries=after.entries, chain=after.chain)
    return bool(moved == after and replace(stored, session=after) == now)


def read_progress(row: int, beside: bytes, record: Mapping[str, Value], found: Row) -> dict[str, Value]:
    """By column. The session's record, which was written at the same time or before, has the same columns."""
    *columns, digest = found
    moved = dict(zip(MOVED, columns, strict=True))
    is_from_before = digest == b"" and moved.items() <= record.items()
    if not is_from_before and digest != digest_of((row, beside, *columns)):
        raise SessionCorruption(record["session_id"], "how far it has come is not what was written")
    return moved
