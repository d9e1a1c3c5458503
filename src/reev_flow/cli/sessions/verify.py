"""`reev-flow sessions verify`: whether everything in the store is what was written."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from reev_flow.cli import EXIT_FOUND
from reev_flow.cli.json_document import write_document
from reev_flow.cli.options import AsJson, Store
from reev_flow.cli.output import tell, write_text
from reev_flow.cli.session_place import place_of
from reev_flow.cli.session_store import IN_MEMORY, NoStore, is_there
from reev_flow.errors import SessionCorruption
from reev_flow.render.printable import printable
from reev_flow.runtime.restoring import backup_with
from reev_flow.stores.sqlite.verifying import Verdict
from reev_flow.stores.sqlite.verifying import verify as look_at
from reev_flow.stores.urls import session_file

OTHERS = "`reev-flow doctor` says where the other backups are"
File = Annotated[Path | None, Parameter(name="FILE", help="A backup to look at instead of the store.")]


def verify(file: File = None, /, *, store: Store = None, json: AsJson = False) -> int:
    """Read every session, journal and message, and the file itself. Nothing is repaired, and nothing else is changed either.

    Exits with 1 when something is not what was written.
    """
    place = place_of(store)
    path = _path(place) if file is None else file
    verdict = look_at(path, is_store=file is None)
    damaged = [
        SessionCorruption(name, details, backup_available=file is None and backup_with(place, name))
        for name, details in verdict.damaged.items()
    ]
    if json:
        write_document(store=str(path), **_document(verdict, damaged))
    else:
        write_text("".join(f"{printable(str(problem))}\n" for problem in (*verdict.problems, *damaged)))
    tell(_told(path, verdict, is_store=file is None))
    return 0 if verdict.is_sound else EXIT_FOUND


def _path(place: str) -> Path:
    if place == IN_MEMORY or not is_there(session_file(place)):
        raise NoStore(place if place == IN_MEMORY else str(session_file(place)))
    return session_file(place)


def _document(verdict: Verdict, damaged: list[SessionCorruption]) -> dict[str, object]:
    return {
        "is_sound": verdict.is_sound,
        "was_read": verdict.was_read,
        "sessions": verdict.sessions,
        "entries": verdict.entries,
        "problems": [str(problem) for problem in verdict.problems],
        "damaged": [
            {"session_id": one.session_id, "details": one.details, "backup_available": one.backup_available}
            for one in damaged
        ],
        "newer": list(verdict.newer),
    }


def _told(path: Path, verdict: Verdict, *, is_store: bool) -> str:
    read = f"{verdict.sessions:,} sessions with {verdict.entries:,} entries read"
    newer = f", {len(verdict.newer):,} of a newer release left out" if verdict.newer else ""
    if verdict.is_sound:
        return f"{path} is sound: {read}{newer}"
    if not verdict.was_read:
        return f"{path} was not read, so nobody knows whether it is sound"
    if not verdict.problems:
        return f"{len(verdict.damaged):,} of them damaged: {read}{newer}; the others can still be used"
    advice = "`reev-flow sessions restore --latest` brings back the newest backup" if is_store else OTHERS
    return f"{path} is not sound: {read}{newer}; {advice}"
