"""`reev-flow sessions backup`: a copy of the sessions, made while they are used."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from reev_flow.cli.json_document import Document, write_document
from reev_flow.cli.options import AsJson, Store
from reev_flow.cli.output import tell, write_text
from reev_flow.cli.session_place import place_of
from reev_flow.cli.session_store import opened
from reev_flow.errors import StoreError
from reev_flow.render.printable import printable
from reev_flow.sessions.backups import Backup, KeepsBackups
from reev_flow.sessions.store import SessionStore

To = Annotated[
    Path | None,
    Parameter(
        help="The file to make. [default: one in the folder of backups beside the store, where old ones make room]"
    ),
]


def backup(*, to: To = None, store: Store = None, json: AsJson = False) -> int:
    """Copy the sessions as they are at this moment, while workers go on. Prints the path of the copy."""
    with opened(place_of(store)) as kept:
        location = kept.location
        made, newest = _made(kept, "" if to is None else str(to))
    copy = made or newest
    if json:
        write_document(store=location, backup=None if copy is None else backup_document(copy), is_new=made is not None)
    elif copy is not None:
        write_text(f"{printable(copy.location)}\n")
    tell(_told(made, newest))
    return 0


def _made(store: SessionStore, to: str) -> tuple[Backup | None, Backup | None]:
    """The copy, and the newest that there was."""
    if not isinstance(store, KeepsBackups):
        raise StoreError(store.location, "cannot be copied like that", "use what its database offers")
    newest = next(iter(store.backups().result()), None)
    return store.back_up(to).result(), newest


def _told(made: Backup | None, newest: Backup | None) -> str:
    if made is not None:
        return f"{made.size_bytes:,} bytes copied; `reev-flow sessions restore FILE` brings them back"
    if newest is not None:
        return "nothing was written since that copy was made, or another process is making one"
    return "another process is making a copy"


def backup_document(backup: Backup) -> Document:
    return {"path": backup.location, "made_ns": str(backup.made_ns), "size_bytes": backup.size_bytes}
