"""A new session that begins with what another one had done before one of its steps."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

import msgspec
from msgspec.structs import replace

from reev_flow.errors import NoSuchStep
from reev_flow.sessions.data import Interruption, SessionData
from reev_flow.sessions.history import ENDED, read_history
from reev_flow.sessions.identity import is_version, parse_identity
from reev_flow.sessions.journal import ChainedEntry, EntryKind, JournalEntry, link
from reev_flow.sessions.records import Change, ForkedFrom, read_record
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.store import Write

BY_NOBODY = 0  # the epoch of entries that no worker of the session wrote


class Birth(msgspec.Struct, frozen=True, kw_only=True):
    """What is the new session's own."""

    session_id: str
    is_named: bool
    trace_id: str
    now_ns: int


class ForkPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A session with its journal, and the step before which another one leaves it."""

    source: SessionData
    entries: tuple[JournalEntry, ...]
    step: str

    @property
    def told(self) -> str:
        return f"forked from {self.source.session_id} before {self.step}"


def step_meant(session_id: str, entries: Iterable[JournalEntry], wanted: str) -> str:
    """The step that is called so in the journal, else the only one with that name. Raises `NoSuchStep`."""
    known = tuple(read_history(entries))
    if wanted in known:
        return wanted
    named = [step for step in known if parse_identity(step).name == wanted]
    if len(named) != 1:
        raise NoSuchStep(session_id, wanted, tuple(named) or known)
    return named[0]


def forked(point: ForkPoint, birth: Birth) -> SessionData:
    """The new session before it has a journal: nobody may begin it so."""
    return SessionData(
        session_id=birth.session_id,
        is_named=birth.is_named,
        trace_id=birth.trace_id,
        created_ns=birth.now_ns,
        updated_ns=birth.now_ns,
        flow=point.source.flow,
        entry_point=point.source.entry_point,
        digest=point.source.digest,
        definition=point.source.definition,
        arguments=point.source.arguments,
        state=SessionState.INTERRUPTED,
        interruption=Interruption(step_index=0, context=point.told),
        forked_from=point.source.session_id,
    )


def is_half_forked(session: SessionData) -> bool:
    """Whether whoever forked it died before it had its journal."""
    return session.state is SessionState.INTERRUPTED and not session.entries


def is_fork_of(session: SessionData, entries: Iterable[JournalEntry], point: ForkPoint) -> bool:
    """Whether it was forked there, or was about to be."""
    if is_half_forked(session):
        return session.interruption is not None and session.interruption.context == point.told
    return any(fork == _origin(point) for fork in map(_fork_in, entries))


def first_journal(born: SessionData, point: ForkPoint) -> Write:
    """What the source had done before the step, and where that comes from. `born` has the epoch of who writes."""
    change = Change(state=SessionState.INTERRUPTED, reason=point.told, forked_from=_origin(point))
    kept = list(kept_before(point.entries, point.step))
    last = JournalEntry(
        number=0, kind=EntryKind.STATE, time_ns=born.created_ns, epoch=born.epoch, value=change.encoded()
    )
    chain, linked = born.chain, list[ChainedEntry]()
    for number, entry in enumerate([*(replace(entry, epoch=BY_NOBODY) for entry in kept), last], 1):
        written = link(chain, born.session_id, replace(entry, number=number))
        chain = written.chain
        linked.append(ChainedEntry(written.number, written.bare, written.chain))
    interruption = Interruption(step_index=len(read_history(kept)), context=point.told)
    return Write(session=replace(born, entries=len(linked), chain=chain, interruption=interruption), entries=linked)


def kept_before(entries: Sequence[JournalEntry], step: str) -> Iterator[JournalEntry]:
    """Every entry of the steps that had an outcome when that step was first heard of, and the versions that were chosen by then. What was
    going on beside it is not kept: it is done anew.
    """
    before = list(takewhile(lambda entry: entry.step != step, entries))
    ended = {name for name, known in read_history(before).items() if known.standing in ENDED}
    return (entry for entry in before if entry.step in ended or is_version(entry.step))


def _origin(point: ForkPoint) -> ForkedFrom:
    return ForkedFrom(session_id=point.source.session_id, trace_id=point.source.trace_id, step=point.step)


def _fork_in(entry: JournalEntry) -> ForkedFrom | None:
    record = read_record(entry) if entry.kind is EntryKind.STATE else None
    return record.forked_from if isinstance(record, Change) else None
