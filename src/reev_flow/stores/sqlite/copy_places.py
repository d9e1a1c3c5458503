"""Where a copy may be made that somebody names: nothing but an earlier copy is replaced by it."""

from pathlib import Path

import apsw

from reev_flow.errors import NewerSchema, StoreError
from reev_flow.stores.sqlite.copying import read_only
from reev_flow.stores.sqlite.kinds import refuse_other_kinds
from reev_flow.stores.sqlite.replacing import ASIDE

ANOTHER = "name another file"
HEADER = b"SQLite format 3\0"


def place_for_copy(wanted: str, store: Path) -> Path:
    """Where links lead to. Raises `StoreError`, with the place as its location."""
    path = Path(wanted).expanduser().absolute()
    path = path.resolve() if path.is_symlink() else path
    if path.is_dir():
        raise StoreError(str(path), "a folder, not a file", "name the file in it that is to be made")
    if not path.parent.is_dir():
        raise StoreError(str(path.parent), "no such folder", "make it first")
    if path == store or (path.exists() and store.exists() and path.samefile(store)):
        raise StoreError(str(path), "that is the store itself", ANOTHER)
    if path.exists():
        _refuse_other_file(path)
    return path


def _refuse_other_file(path: Path) -> None:
    if not path.is_file():
        raise StoreError(str(path), "not a file, but a device or a pipe", ANOTHER)
    if ASIDE in path.name:
        raise StoreError(str(path), "what a restore put aside", ANOTHER)
    if path.with_suffix(".high-water").exists():
        raise StoreError(str(path), "a store, not a copy of one", ANOTHER)
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:  # it would be taken for the log of the new copy
        raise StoreError(str(path), f"{log.name} is beside it, so somebody uses it", ANOTHER)
    if path.stat().st_size and not _was_copy(path):
        raise StoreError(str(path), "a file of something else", f"{ANOTHER}, or remove it first")


def _was_copy(path: Path) -> bool:
    """Also when it is damaged since, as far as it can be known."""
    with path.open("rb") as file:
        if file.read(len(HEADER)) != HEADER:
            return False
    try:
        with read_only(path) as copy:
            refuse_other_kinds(copy, str(path))
    except (NewerSchema, apsw.Error):
        return True
    except StoreError:
        return False
    return True
