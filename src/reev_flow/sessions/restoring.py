"""How a session stands that came back from a backup, and since which entry of its journal it is known again."""

from collections.abc import Iterable

from msgspec.structs import replace

from reev_flow.sessions.data import Interruption, SessionData
from reev_flow.sessions.history import first_open_step, read_history
from reev_flow.sessions.journal import ChainedEntry, EntryKind, JournalEntry, link
from reev_flow.sessions.records import Change, read_record
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.store import Write


def brought_back(
    session: SessionData, entries: Iterable[JournalEntry], backup: str, *, heard_ns: int, now_ns: int
) -> Write | None:
    """Interrupted, with an epoch of its own, so that nothing counts that former workers write. None for one that ended: it stays as it was.

    `heard_ns` is when its worker was last heard of before the backup was made.
    """
    if session.state.is_end:
        return None
    reason = f"restored from {backup}"
    change = Change(
        state=SessionState.INTERRUPTED,
        heard_ns=max(heard_ns, session.updated_ns),
        reason=reason,
        restored_from=backup,
    )
    entry = JournalEntry(
        number=session.entries + 1,
        kind=EntryKind.STATE,
        time_ns=max(now_ns, session.updated_ns),
        epoch=session.epoch + 1,
        value=change.encoded(),
    )
    linked = link(session.chain, session.session_id, entry)
    index = first_open_step(step.standing for step in read_history(entries).values())
    after = replace(
        session,
        state=SessionState.INTERRUPTED,
        interruption=Interruption(step_index=index, context=reason),
        restored_from=backup,
        updated_ns=entry.time_ns,
        epoch=entry.epoch,
        entries=entry.number,
        chain=linked.chain,
    )
    return Write(session=after, entries=(ChainedEntry(linked.number, linked.bare, linked.chain),))


def restored_at(session: SessionData, entries: Iterable[JournalEntry]) -> int:
    """The number of the entry that brought it back, the last one if there are several; 0 when it never came from a backup.

    What happened between the entry before and this one is not known: a step may have run that the journal says nothing of.
    """
    if not session.restored_from:
        return 0
    return max((entry.number for entry in entries if _is_return(entry)), default=0)


def _is_return(entry: JournalEntry) -> bool:
    record = read_record(entry) if entry.kind is EntryKind.STATE else None
    return isinstance(record, Change) and bool(record.restored_from)
