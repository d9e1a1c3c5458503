"""Which store a path or URL means."""

from pathlib import Path

from reev_flow.clock import Clock
from reev_flow.errors import StoreError
from reev_flow.sessions.store import SessionStore
from reev_flow.stores.memory import MemorySessionStore
from reev_flow.stores.memory_traces import MemoryTraceStore
from reev_flow.trace.store import TraceStore

FILE_NAME = "sessions.db"
TRACE_FILE_NAME = "traces.db"
BUSY_SECONDS = 10.0
KNOWN = "use a folder, sqlite:///PATH (sqlite:////PATH from the root) or memory:"


def open_session_store(
    url_or_path: str | Path, *, clock: Clock | None = None, accept_rollback: bool = False
) -> SessionStore:
    """A folder holds an SQLite file; `memory:` is a new, empty store each time. Fails with `StoreError`."""
    place = str(url_or_path)
    if place == "memory:":
        return MemorySessionStore(clock=clock)
    from reev_flow.stores.sqlite.sessions import SqliteSessionStore  # noqa: PLC0415 - memory: does without the driver

    return SqliteSessionStore(session_file(place), clock=clock, accept_rollback=accept_rollback)


def open_trace_store(
    url_or_path: str | Path,
    *,
    clock: Clock | None = None,
    accept_rollback: bool = False,
    busy_seconds: float = BUSY_SECONDS,
) -> TraceStore:
    """The traces of the same place: an SQLite file beside that of the sessions, or a new, empty store. Fails with `StoreError`.

    `busy_seconds` is how long another process's transaction is waited for.
    """
    place = str(url_or_path)
    if place == "memory:":
        return MemoryTraceStore(clock=clock)
    from reev_flow.stores.sqlite.traces import SqliteTraceStore  # noqa: PLC0415 - memory: does without the driver

    file = trace_file(session_file(place))
    return SqliteTraceStore(file, clock=clock, accept_rollback=accept_rollback, busy_seconds=busy_seconds)


def trace_file(sessions: Path) -> Path:
    """The file of the traces that belong to the file of these sessions: `traces.db`, or `NAME.traces.db` when that one has another name."""
    return sessions.with_name(TRACE_FILE_NAME if sessions.name == FILE_NAME else f"{sessions.stem}.{TRACE_FILE_NAME}")


def session_file(place: str) -> Path:
    """The SQLite file that a folder or a `sqlite:` URL means."""
    scheme, separator, rest = place.partition("://")
    if not separator:
        return _file_in_folder(place)
    if scheme != "sqlite":
        raise StoreError(f"{scheme}:", "no store of this kind in this release", KNOWN)  # the rest may hold a password
    if not rest.startswith("/") or rest.endswith("/") or "?" in rest:
        raise StoreError(place, "not a path of an SQLite file", KNOWN)
    return Path(rest[1:]).expanduser()


def _file_in_folder(place: str) -> Path:
    folder = Path(place).expanduser()
    if not place.strip():
        raise StoreError(repr(place), "no place for a store", KNOWN)
    if _is_file(folder):
        raise StoreError(place, "a file, not a folder", f"for that file itself, use sqlite:///{place}")
    return folder / FILE_NAME


def _is_file(path: Path) -> bool:
    """What may not be looked at is told by whoever opens it."""
    try:
        return path.is_file()
    except OSError:
        return False
