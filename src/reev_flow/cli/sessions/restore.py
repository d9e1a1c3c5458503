"""`reev-flow sessions restore`: brings sessions back from a backup."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from reev_flow.cli.hints import Hints
from reev_flow.cli.json_document import Document, write_document
from reev_flow.cli.options import AsJson, Store
from reev_flow.cli.output import tell, write_text
from reev_flow.cli.session_place import place_of
from reev_flow.cli.session_store import IN_MEMORY, NoStore, find_session, opened
from reev_flow.clock import SystemClock
from reev_flow.errors import ReevFlowError, SessionCorruption, SessionNotFound
from reev_flow.render.printable import printable
from reev_flow.runtime.restoring import restore_one, restore_place
from reev_flow.sessions.store import SessionStore
from reev_flow.stores.sqlite.restoring import Restored

Words = Annotated[
    list[str] | None,
    Parameter(
        name="FILE|ID",
        help="The backup, unless --latest says which; then the id of one session, if only that is to come back.",
    ),
]
Latest = Annotated[bool, Parameter(help="From the newest backup that is sound.")]
IN_DOUBT = "steps that the backup does not know are in doubt: resume asks before it runs one with an effect"


class WrongRestore(ReevFlowError):
    """Arguments that do not say what is to come back from where."""


def restore(words: Words = None, /, *, latest: Latest = False, store: Store = None, json: AsJson = False) -> int:
    """Bring all sessions back from a backup, or one that is damaged. What was there before is put aside, not removed.

    Sessions that had not ended are interrupted then: `reev-flow resume` goes on with them.
    """
    backup, session_id = _understood(words or [], is_latest=latest)
    place, hints = place_of(store), Hints(store=store or "")
    if place == IN_MEMORY:
        raise NoStore(place)
    if session_id:
        return _restore_one(place, backup, session_id, hints, is_json=json)
    restored, chosen = restore_place(place, backup, SystemClock())
    if json:
        write_document(backup=str(chosen), **_document(restored), next=hints.recover())
    else:
        write_text("".join(f"{printable(name)}\n" for name in restored.interrupted))
    _tell(restored, chosen, hints)
    return 0


def _understood(words: list[str], *, is_latest: bool) -> tuple[Path | None, str]:
    """A file, if it is not the newest one, and the id of one session, if not all are wanted."""
    names = words if is_latest else words[1:]
    if len(names) > 1 or (not is_latest and not words):
        raise WrongRestore(
            "say which backup: FILE or --latest, and then perhaps the ID of the one session that is to come back"
        )
    return None if is_latest else Path(words[0]), names[0] if names else ""


def _restore_one(place: str, backup: Path | None, wanted: str, hints: Hints, *, is_json: bool) -> int:
    with opened(place, wanted) as kept:
        session, chosen = restore_one(kept, backup, _whole_id(kept, wanted))
    go_on = hints.resume(session.session_id)
    if is_json:
        write_document(backup=str(chosen), session_id=session.session_id, state=session.state, next=go_on)
    else:
        write_text(f"{printable(session.session_id)}\n")
    after = "it had ended" if session.state.is_end else f"`{go_on}` goes on with it; {IN_DOUBT}"
    tell(f"restored from {chosen}: {after}")
    return 0


def _whole_id(store: SessionStore, wanted: str) -> str:
    try:
        return find_session(store, wanted).session_id
    except SessionCorruption as damage:
        return damage.session_id
    except SessionNotFound:
        return wanted


def _document(restored: Restored) -> Document:
    return {
        "interrupted": list(restored.interrupted),
        "ended": restored.ended,
        "damaged": list(restored.damaged),
        "lost": list(restored.lost),
        "put_aside": restored.kept_as or None,
    }


def _tell(restored: Restored, chosen: Path, hints: Hints) -> None:
    tell(
        f"restored from {chosen}: {len(restored.interrupted):,} sessions are interrupted, {restored.ended:,} had ended"
    )
    if restored.kept_as:
        tell(f"what was there before is {restored.kept_as}")
    for name in restored.damaged:
        tell(f"session {name!r} was damaged in that backup already")
    for name in restored.lost:
        tell(
            f"session {name!r} began after that backup and is gone; its id is refused until `reev-flow sessions free` allows it"
        )
    if restored.interrupted:
        tell(f"`{hints.recover()}` goes on with them; {IN_DOUBT}")
