"""The session store that a command works with: found, but not made."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from reev_flow.errors import ReevFlowError, SessionNotFound
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.store import SessionQuery, SessionStore
from reev_flow.stores.remains import remains_of
from reev_flow.stores.urls import open_session_store, session_file

IN_MEMORY = "memory:"
MOST_MATCHES = 20
MOST_SHOWN = 5
MOST_BYTES_READ_WHOLE = 16 * 1024 * 1024


class NoStore(ReevFlowError):
    """Nothing was ever kept at this place."""

    def __init__(self, location: str, wanted: str = "") -> None:
        super().__init__(location, wanted)
        self.location = location
        self.wanted = wanted

    def __str__(self) -> str:
        wanted = f"no session {self.wanted!r}: " if self.wanted else ""
        if self.location == IN_MEMORY:
            return f"{wanted}memory: keeps sessions only while their process lives; name a folder with --store"
        return f"{wanted}no store at {self.location} yet; `reev-flow run` makes one, --store names another"


class AmbiguousSession(ReevFlowError):
    """More than one session has an id that starts this way."""

    def __init__(self, prefix: str, matches: Sequence[str]) -> None:
        super().__init__(prefix, matches)
        self.prefix = prefix
        self.matches = tuple(matches)

    def __str__(self) -> str:
        count = len(self.matches) if len(self.matches) < MOST_MATCHES else f"{MOST_MATCHES} or more"
        shown = ", ".join(self.matches[:MOST_SHOWN]) + (", …" if len(self.matches) > MOST_SHOWN else "")
        return f"{count} sessions have ids that start with {self.prefix!r} ({shown}); give more of the id"


@contextmanager
def opened(place: str, wanted: str = "") -> Iterator[SessionStore]:
    """Raises `NoStore` where there is none; `wanted` is the id that was to be found there."""
    if place == IN_MEMORY or not is_there(session_file(place)):
        raise NoStore(place if place == IN_MEMORY else str(session_file(place)), wanted)
    store = open_session_store(place)
    try:
        yield store
    finally:
        store.close()


def is_there(path: Path) -> bool:
    """A database that is gone and left its mark or backups is for the store to tell about, and so is what keeps it from being looked at."""
    try:
        return path.exists() or bool(remains_of(path))
    except OSError:
        return True


def find_session(store: SessionStore, wanted: str) -> SessionData:
    """The session with that id, else the only one whose id starts so. Raises `SessionNotFound`, `AmbiguousSession`, `SessionCorruption`."""
    if not _is_text(wanted):
        raise SessionNotFound(wanted, store.location)
    with suppress(SessionNotFound):
        return store.load(wanted).result()
    matches = store.find(SessionQuery(id_prefix=wanted, limit=MOST_MATCHES)).result()
    if len(matches) > 1:
        raise AmbiguousSession(wanted, [session.session_id for session in matches])
    if matches:
        return matches[0]
    for name in damaged_if_small(store) or ():
        if name.startswith(wanted):
            return store.load(name).result()  # raises what is wrong with it
    raise SessionNotFound(wanted, store.location)


def damaged_if_small(store: SessionStore) -> tuple[str, ...] | None:
    """The ids of damaged sessions; None for a store that would take long to be read whole."""
    try:
        is_small = Path(store.location).stat().st_size <= MOST_BYTES_READ_WHOLE
    except OSError:
        is_small = False
    return store.damaged().result() if is_small else None


def _is_text(wanted: str) -> bool:
    """Not empty, and not made of bytes that no id has."""
    try:
        wanted.encode()
    except UnicodeEncodeError:
        return False
    return bool(wanted)
