"""What a session writes down, told to the user's OpenTelemetry provider at the same time: a span when its end is written.

Without what it waited for: that takes the whole journal, and is worked out by who reads the session.
"""

from collections.abc import Callable, Iterable

from reev_flow.collect.journal_spans import attempt_span, flow_span
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.journal import EntryKind, JournalEntry
from reev_flow.sessions.records import Change, read_record
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.told import told
from reev_flow.trace.span import Span

QUESTIONS = frozenset({EntryKind.ASKED, EntryKind.ANSWERED})
BEGINNINGS = frozenset({EntryKind.STARTED, EntryKind.ASKED})
ENDS = frozenset({EntryKind.FINISHED, EntryKind.FAILED, EntryKind.INTERRUPTED, EntryKind.ANSWERED})


class Mirror:
    """Follows a journal, and tells of attempts and questions that end and of the flow's own end."""

    def __init__(
        self, tell: Callable[[Span], None], earlier: Iterable[JournalEntry] = (), *, is_heard: Callable[[], bool]
    ) -> None:
        """`earlier` was told before; what is open in it is not. Spans are only made while somebody hears them: `is_heard` is asked each time."""
        self._tell = tell
        self._is_heard = is_heard
        self._open: dict[tuple[bool, str, int], JournalEntry] = {}
        self._opening: tuple[JournalEntry, ...] = ()
        self._has_begun = False
        for entry in earlier:
            self._pair(entry)

    def __call__(self, entry: JournalEntry, session: SessionData) -> None:
        """`session` is as it stands after the entry."""
        begun = self._pair(entry)
        is_end = entry.kind is EntryKind.STATE and session.state.is_end
        if not (begun or is_end) or not self._is_heard():
            return
        if begun is not None:
            record = told(session, (begun, entry))
            for attempt in record.attempts:
                self._tell(attempt_span(record, attempt))
        else:
            self._tell(flow_span(told(session, self._opening)))

    def _pair(self, entry: JournalEntry) -> JournalEntry | None:
        """What began with the entry that is returned ended with this one. An answer that was refused ends its question too."""
        about = (entry.kind in QUESTIONS, entry.step, entry.attempt)
        if entry.kind in BEGINNINGS:
            self._open[about] = entry
        elif entry.kind is EntryKind.STATE:
            self._open_with(entry)
        elif entry.kind in ENDS:
            return self._open.pop(about, None) or self._open.pop((True, entry.step, entry.attempt), None)
        return None

    def _open_with(self, entry: JournalEntry) -> None:
        """What is known of a flow until it begins: that it is a fork, and when a worker took it up."""
        if not self._has_begun:
            record = read_record(entry)
            self._opening = (*self._opening, entry)
            self._has_begun = isinstance(record, Change) and record.state is SessionState.RUNNING
