"""How long to wait before a session is taken up once more that did not get on: its code does not fit, or whoever works on it dies."""

from collections.abc import Iterable

import msgspec

from reev_flow.runtime.drive import WORKER_STOPPED
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.journal import EntryKind, JournalEntry
from reev_flow.sessions.records import Change, read_record
from reev_flow.sessions.state import SessionState

NS = 1_000_000_000
FIRST_SECONDS = 1
MOST_SECONDS = 600
DOUBLINGS = 10  # more of them than it takes to get there
FREE = 1  # one worker that dies is no sign of anything

GETS_ON = frozenset({EntryKind.FINISHED, EntryKind.FAILED, EntryKind.SETTLED, EntryKind.ASKED, EntryKind.ANSWERED})


class Setbacks(msgspec.Struct, frozen=True):
    """How often a session was taken up since it last got on, without getting on, and when it was last written to."""

    count: int = 0
    last_ns: int = 0

    def wait_ns(self, now_ns: int) -> int:
        """How long it is to be left alone from now on. Never longer than from the beginning, should somebody have set the clock back."""
        whole = pause_ns(self.count - FREE)
        return min(max(0, self.last_ns + whole - now_ns), whole)


def pause_ns(failures: int) -> int:
    """0, 1 s, 2 s, 4 s, …, ten minutes."""
    if failures < 1:
        return 0
    return min(FIRST_SECONDS << min(failures - 1, DOUBLINGS), MOST_SECONDS) * NS


def setbacks(session: SessionData, entries: Iterable[JournalEntry]) -> Setbacks:
    """Workers that left in good order count for nothing."""
    count, last_ns = 0, 0
    for entry in entries:
        last_ns = entry.time_ns
        if entry.kind in GETS_ON:
            count = 0
        elif entry.kind is EntryKind.STATE:
            change = read_record(entry)
            is_left = isinstance(change, Change) and change.state is SessionState.INTERRUPTED
            count += is_left and getattr(change, "reason", "") != WORKER_STOPPED
    return Setbacks(count + (session.state is SessionState.RUNNING), last_ns)
