"""How long a session was worked on."""

from collections.abc import Iterable

from reev_flow.sessions.journal import EntryKind, JournalEntry
from reev_flow.sessions.records import Change, read_record
from reev_flow.sessions.state import SessionState


def spent_ns(entries: Iterable[JournalEntry]) -> int:
    """Nanoseconds in which it was running. After a crash a stretch ends when its worker was last heard of, or with its last entry."""
    spent, began_ns, last_ns = 0, None, 0
    for entry in entries:
        change = read_record(entry) if entry.kind is EntryKind.STATE else None
        if isinstance(change, Change):
            if began_ns is not None:
                ended_ns = entry.time_ns if change.heard_ns is None else max(last_ns, change.heard_ns)
                spent += ended_ns - began_ns
            began_ns = entry.time_ns if change.state is SessionState.RUNNING else None
        last_ns = entry.time_ns
    return spent if began_ns is None else spent + last_ns - began_ns
