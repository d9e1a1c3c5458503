"""Runs out of the stores, for arguments that name no file. Reading makes no store."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from reev_flow.cli.output import tell
from reev_flow.cli.session_store import IN_MEMORY, NoStore, is_there
from reev_flow.clock import SystemClock
from reev_flow.errors import InvalidFormat, SessionError, SessionNotFound
from reev_flow.runtime.run_listing import list_runs
from reev_flow.runtime.run_reading import StoredRun, read_stored_run
from reev_flow.sessions.store import SessionStore
from reev_flow.stores.urls import open_session_store, open_trace_store, session_file, trace_file
from reev_flow.trace.store import TraceStore


def read_stored(
    wanted: Sequence[str], place: str, on_problem: Callable[[InvalidFormat], None]
) -> Iterator[tuple[str, StoredRun]]:
    """The run that each of these means, with where it is kept. What means none is a problem."""
    with stored_runs(place) as runs:
        for name in wanted:
            try:
                yield runs.location, runs.read(name)
            except SessionNotFound:
                on_problem(_neither_file_nor_run(name, runs))
            except SessionError as error:
                on_problem(InvalidFormat(str(error), source=name))


def latest_stored(place: str, limit: int, skip: int = 0, conversation: str = "") -> Iterator[tuple[str, StoredRun]]:
    """The newest runs but for those skipped, or those of a conversation, with where they are kept."""
    with stored_runs(place) as runs:
        if not runs.is_there:
            tell(str(NoStore(runs.location)))
        for run in runs.latest(limit, skip, conversation):
            yield runs.location, run


def _neither_file_nor_run(name: str, runs: "StoredRuns") -> InvalidFormat:
    details = "does not exist, nor is it the id of a session or run"
    if runs.is_there:
        return InvalidFormat(
            f"{details} in {runs.location}",
            source=name,
            advice="check the path; `reev-flow runs list` shows the known runs",
        )
    return InvalidFormat(
        f"{details}: there is no store at {runs.location} yet",
        source=name,
        advice="check the path, or name a store with --store",
    )


class StoredRuns:
    """The stores of one place, as far as they are there."""

    def __init__(self, place: str, sessions: SessionStore | None, traces: TraceStore | None) -> None:
        self.location = place if place == IN_MEMORY else str(session_file(place))
        self._sessions = sessions
        self._traces = traces

    @property
    def is_there(self) -> bool:
        return self._sessions is not None or self._traces is not None

    def read(self, wanted: str) -> StoredRun:
        """By the id of a session or a trace, by the name of a flow, or by the beginning of one. Raises `SessionNotFound` and `AmbiguousId`."""
        return read_stored_run(self._sessions or open_session_store(IN_MEMORY), self._traces, wanted, on_loss=tell)

    def latest(self, limit: int, skip: int, conversation: str) -> Iterator[StoredRun]:
        """The newest runs, with or without a session. What cannot be read is told and left out, and so are damaged sessions."""
        now_ns = SystemClock().now_ns()
        lines = list_runs(
            self._sessions, self._traces, now_ns=now_ns, limit=limit, skip=skip, conversation=conversation
        )
        for line in lines:
            try:
                yield self.read((*line.session_ids, line.trace_id)[0])
            except SessionError as error:
                tell(str(error))


@contextmanager
def stored_runs(place: str) -> Iterator[StoredRuns]:
    with ExitStack() as open_stores:
        sessions: SessionStore | None = None
        traces: TraceStore | None = None
        if place != IN_MEMORY and is_there(session_file(place)):
            sessions = open_session_store(place)
            open_stores.callback(sessions.close)
        if place != IN_MEMORY and is_there(trace_file(session_file(place))):
            traces = open_trace_store(place)
            open_stores.callback(traces.close)
        yield StoredRuns(place, sessions, traces)
