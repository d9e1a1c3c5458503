"""Explains runs out of the stores that keep them."""

import asyncio
from contextlib import closing
from pathlib import Path

from reev_flow.analysis.insights import FlowInsights
from reev_flow.errors import SessionNotFound
from reev_flow.pipeline import TraceProcessor
from reev_flow.runtime.processing import current_processor
from reev_flow.runtime.run_reading import read_run
from reev_flow.sessions.store import SessionStore
from reev_flow.stores.urls import open_session_store, open_trace_store, session_file, trace_file
from reev_flow.trace.store import TraceStore
from reev_flow.trace.trace import Trace


class OtelProcessor:
    """Insights of runs that are kept in stores.

    `store` holds the sessions; with a folder or a URL the traces beside them are read too, and both are opened for as long as it takes.
    Spans that OpenTelemetry brought in are joined with the steps that their session knows: it is one trace. With `adjust_clocks` what was
    timed by a clock that was off is moved so that it fits. Without a `processor` the settings say which parts of the insights there are, how
    long they may take, and what tokens cost.
    """

    def __init__(
        self,
        store: SessionStore | str | Path,
        trace_store: TraceStore | None = None,
        *,
        processor: TraceProcessor | None = None,
        adjust_clocks: bool = False,
    ) -> None:
        self._store = store
        self._trace_store = trace_store
        self._processor = processor or current_processor()
        self._adjust_clocks = adjust_clocks

    async def process_execution_trace(self, flow_id: str) -> FlowInsights:
        """Of the latest run of the flow of that name, of a session, or of a trace; the beginning of an id will do.

        Raises `SessionNotFound` and `AmbiguousId`.
        """
        return self._processor.process_trace(await asyncio.to_thread(self._read, flow_id))

    async def generate_mermaid(self, flow_id: str) -> str:
        """The same run as a Mermaid flowchart. Raises `MermaidGenerationFailed` too."""
        insights = await self.process_execution_trace(flow_id)
        return await asyncio.to_thread(lambda: insights.diagram)

    def _read(self, flow_id: str) -> Trace:
        if not isinstance(self._store, str | Path):
            return self._read_from(self._store, self._trace_store, flow_id)
        path = session_file(str(self._store))
        if not path.exists():  # a store that is only read is not made
            raise SessionNotFound(flow_id, str(path))
        with closing(open_session_store(self._store)) as sessions:
            if self._trace_store is not None or not trace_file(path).exists():
                return self._read_from(sessions, self._trace_store, flow_id)
            with closing(open_trace_store(self._store)) as traces:
                return self._read_from(sessions, traces, flow_id)

    def _read_from(self, sessions: SessionStore, traces: TraceStore | None, flow_id: str) -> Trace:
        return read_run(sessions, traces, flow_id, adjust_clocks=self._adjust_clocks)
