"""The run of the demo as it is seen from outside of the processes that run it."""

from types import TracebackType
from typing import Self

from reev_flow.cli.demo_facts import Facts, has_every_choice
from reev_flow.cli.demo_flow import explore
from reev_flow.cli.demo_place import Place
from reev_flow.cli.demo_process import Ended
from reev_flow.cli.demo_tally import Tally, at_work
from reev_flow.cli.demo_tools import Report
from reev_flow.errors import SessionNotFound
from reev_flow.pipeline import TraceProcessor
from reev_flow.runtime.run_reading import read_run
from reev_flow.sessions.journal import JournalEntry
from reev_flow.sessions.told import told
from reev_flow.stores.urls import open_session_store, open_trace_store
from reev_flow.trace.span import Flag
from reev_flow.trace.trace import Trace


class Watch:
    """Reads the stores that another process writes, for `with`. Raises `StoreError` when they cannot be used."""

    def __init__(self, place: Place, session_id: str) -> None:
        self.place = place
        self.session_id = session_id

    def __enter__(self) -> Self:
        self._sessions = open_session_store(self.place.store)
        self._traces = open_trace_store(self.place.store)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._traces.close()
        self._sessions.close()

    @property
    def has_begun(self) -> bool:
        try:
            self._sessions.load(self.session_id).result()
        except SessionNotFound:
            return False
        return True

    def journal(self) -> tuple[JournalEntry, ...]:
        return self._sessions.read_journal(self.session_id).result()

    def is_in_the_middle_of(self, tool: str) -> bool:
        """Whether nothing but that tool is at work, and journal and trace know of everything until then."""
        lines = Tally(self.place.tally).read()
        if list(at_work(lines)) != [tool]:
            return False
        trace = self._trace()
        running = {span.label for span in trace.spans if Flag.UNFINISHED in span.flags}
        return running == {explore.name, tool} and has_every_choice(trace)

    def _trace(self) -> Trace:
        return read_run(self._sessions, self._traces, self.session_id)

    def facts(self, killed: Ended, resumed: Ended, before: tuple[JournalEntry, ...]) -> Facts:
        session, after = self._sessions.load(self.session_id).result(), self.journal()
        return Facts(
            place=self.place,
            killed=killed,
            resumed=resumed,
            before=before,
            after=after,
            session=session,
            record=told(session, after),
            tally=Tally(self.place.tally).read(),
            sections=Report(self.place.report).sections(),
            insights=TraceProcessor().process_trace(self._trace()),
        )
