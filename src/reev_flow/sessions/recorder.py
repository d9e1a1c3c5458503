"""One worker's pen: continues the journal of the session that it has the lease of."""

from collections.abc import Callable, Collection
from concurrent.futures import Future

from msgspec.structs import replace

from reev_flow.clock import Clock
from reev_flow.errors import InvalidState, SessionError
from reev_flow.sessions.acknowledgement import Acknowledgement
from reev_flow.sessions.data import Interruption, SessionData
from reev_flow.sessions.history import StepHistory, first_open_step, read_history, read_versions, standing_after
from reev_flow.sessions.identity import version_identity
from reev_flow.sessions.journal import ChainedEntry, Effect, EntryKind, JournalEntry, link
from reev_flow.sessions.records import Change, Stop
from reev_flow.sessions.restoring import restored_at
from reev_flow.sessions.state import SessionState, may_follow
from reev_flow.sessions.store import SessionStore, Write
from reev_flow.values.tagged import encode


class Recorder:
    """Entries are numbered, timed and chained when they are noted, and durable when the future of a later `commit` is done.

    After one commit has failed nothing more can be written: the journal in the store is behind the one here. `history` is what
    former workers left; what this one notes itself is not added to it. `versions` are those of pieces of code, by name. `restored_at` is the entry with which the session came back from a
    backup, 0 when it never did.
    """

    __slots__ = (
        *("history", "restored_at", "session_id", "versions", "_broken", "_chain", "_clock", "_entries", "_last_ns"),
        *("_noted", "_noted_ns", "_on_noted", "_session", "_standings", "_store"),
    )

    def __init__(
        self,
        store: SessionStore,
        clock: Clock,
        session: SessionData,
        entries: Collection[JournalEntry] = (),
        *,
        on_noted: Callable[[JournalEntry, SessionData], None] | None = None,
    ) -> None:
        """`session` is as it stands in the store, with the epoch of this worker's lease. `on_noted` is told of each entry, and of how the
        session stands after it.
        """
        self._store = store
        self._clock = clock
        self.session_id = session.session_id
        self._session = session
        self.history: dict[str, StepHistory] = read_history(entries)
        self.versions = read_versions(entries)
        self.restored_at = restored_at(session, entries)
        self._standings = {name: step.standing for name, step in self.history.items()}
        self._on_noted = on_noted
        self._broken: SessionError | None = None
        self._noted: list[ChainedEntry] = []
        self._entries, self._chain, self._noted_ns = session.entries, session.chain, session.updated_ns
        self._last_ns = session.updated_ns

    @property
    def session(self) -> SessionData:
        """As it stands after everything that was noted."""
        if self._session.entries != self._entries:
            self._session = replace(self._session, entries=self._entries, chain=self._chain, updated_ns=self._noted_ns)
        return self._session

    @session.setter
    def session(self, session: SessionData) -> None:
        """With other facts, which are kept with the next commit; its journal is the one here."""
        self._session = session

    @property
    def has_past(self) -> bool:
        """Whether a former worker may have done something here."""
        return bool(self.history) or self.restored_at > 0

    @property
    def state(self) -> SessionState:
        return self._session.state

    @property
    def is_broken(self) -> bool:
        """Whether a commit failed, so that nothing more can be written."""
        return self._broken is not None

    @property
    def has_unsaved(self) -> bool:
        return bool(self._noted)

    @property
    def step_index(self) -> int:
        """The position, from 0, of the first step without an outcome, in the order in which they were first heard of."""
        return first_open_step(self._standings.values())

    def now_ns(self) -> int:
        """Never before what was noted last, also when somebody sets the clock back."""
        self._last_ns = max(self._last_ns, self._clock.now_ns())
        return self._last_ns

    def note(
        self,
        kind: EntryKind,
        value: bytes = b"",
        *,
        step: str = "",
        attempt: int = 0,
        effect: Effect | None = None,
        arguments: bytes = b"",
    ) -> JournalEntry:
        """Durable with the next commit, together with everything noted before it."""
        entry = JournalEntry(
            number=self._entries + 1,
            kind=kind,
            time_ns=self.now_ns(),
            epoch=self._session.epoch,
            step=step,
            attempt=attempt,
            effect=effect,
            arguments=arguments,
            value=value,
        )
        self._add(entry)
        if attempt:
            self._standings[step] = standing_after(entry)
        if self._on_noted is not None:
            self._on_noted(entry, self.session)
        return entry

    def choose_version(self, name: str, number: int) -> None:
        """Noted once, for good, and durable like any entry. Of no attempt: nothing was tried."""
        self.versions[name] = number
        self.note(EntryKind.FINISHED, encode(number), step=version_identity(name))

    def _add(self, entry: JournalEntry) -> None:
        linked = link(self._chain, self.session_id, entry)
        self._noted.append(linked)
        self._entries, self._chain, self._noted_ns = entry.number, linked.chain, entry.time_ns

    def change_state(
        self,
        state: SessionState,
        *,
        heard_ns: int | None = None,
        reason: str = "",
        parent_span_id: str = "",
        **facts: object,
    ) -> None:
        """Noted in the journal and in the session, with other facts of the session that change with it. Raises `InvalidState`."""
        if not may_follow(self.session.state, state):
            raise InvalidState(self.session_id, self.session.state, state)
        entry = JournalEntry(
            number=self._entries + 1,
            kind=EntryKind.STATE,
            time_ns=self.now_ns(),
            epoch=self._session.epoch,
            value=Change(state=state, heard_ns=heard_ns, reason=reason, parent_span_id=parent_span_id).encoded(),
        )
        self._add(entry)
        ended_ns = entry.time_ns if state.is_end else None
        self.session = replace(self.session, state=state, ended_ns=ended_ns, **facts)
        if self._on_noted is not None:
            self._on_noted(entry, self.session)

    def begin_epoch(self, epoch: int) -> None:
        """The worker has a new lease; its journal goes on only if nobody else had one in between."""
        self.session = replace(self.session, epoch=epoch)

    def take_over(self, heard_ns: int) -> None:
        """Notes that the former worker is gone, and which attempts it left in the middle. `heard_ns` is when it was last heard of."""
        heard_ns = max(heard_ns, self.session.updated_ns)  # what it wrote is a sign of life, too
        index = self.step_index
        state = SessionState.INTERRUPTED
        if self.session.state is SessionState.RUNNING:
            reason = "its worker is gone"
            interruption = Interruption(step_index=index, context=reason)
            self.change_state(state, heard_ns=heard_ns, reason=reason, interruption=interruption)
        for name, step in self.history.items():
            if step.last.kind is EntryKind.STARTED:
                stop = Stop(heard_ns=heard_ns, reason="its worker is gone")
                self.note(EntryKind.INTERRUPTED, stop.encoded(), step=name, attempt=step.attempts)

    def commit(self) -> Acknowledgement[None]:
        """Everything noted so far, and the session as it stands, in one write. Who awaits it passes an error through `cause`."""
        if self._broken is not None:
            return _failed(self._broken)
        write = Write(session=self.session, entries=self._noted)
        self._noted = []
        return self._store.append(write)  # type: ignore[return-value]  # every store of this package answers with this future

    def commit_unwatched(self) -> None:
        """For when nobody can wait: a failure is told by the next commit."""
        self.commit().add_done_callback(self._look)

    def cause(self, error: SessionError) -> SessionError:
        """What went wrong first: after one failed write all later ones fail because they do not follow on."""
        if self._broken is None:
            self._broken = error
        return self._broken

    def _look(self, future: Future[None]) -> None:
        error = future.exception()
        if isinstance(error, SessionError):
            self.cause(error)


def _failed(error: SessionError) -> Acknowledgement[None]:
    refused: Acknowledgement[None] = Acknowledgement()
    refused.settle(None, error)
    return refused
