"""What became of a run and what to do about it, wherever the run is."""

import asyncio
from pathlib import Path

from reev_flow.analysis.advice.flow_analysis import FlowAnalysis
from reev_flow.analysis.insights import FlowInsights
from reev_flow.pipeline import TraceProcessor
from reev_flow.runtime.processing import current_processor
from reev_flow.runtime.processor import OtelProcessor
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.store import SessionStore
from reev_flow.settings import current_settings
from reev_flow.trace.store import TraceStore
from reev_flow.trace.trace import Trace


class FlowAnalyzer:
    """Analyzes runs, by default those in the store that the settings name; see `OtelProcessor` for what a store may be, and for what is
    worked out without a `processor`.
    """

    def __init__(
        self,
        store: SessionStore | str | Path | None = None,
        trace_store: TraceStore | None = None,
        *,
        processor: TraceProcessor | None = None,
    ) -> None:
        self._store = store if store is not None else current_settings().word("sessions.store_path")
        self._trace_store = trace_store
        self._processor = processor or current_processor()

    async def analyze_flow(self, run: SessionData | Trace | str) -> FlowAnalysis:
        """Of a session, of a trace, or of the run that an id or the name of a flow says; other work of the loop goes on meanwhile.

        What was not ready in time is left out, and the analysis is partial. Raises `SessionNotFound` and `AmbiguousId`, `ProcessingFailed`
        for a part that cannot be computed, and `TypeError` for what is none of these.
        """
        insights = await self._insights(run)
        return await asyncio.to_thread(lambda: insights.analysis)

    async def _insights(self, run: SessionData | Trace | str) -> FlowInsights:
        if isinstance(run, Trace):
            return self._processor.process_trace(run)
        if not isinstance(run, SessionData | str):
            raise TypeError(f"{type(run).__name__} is no run; give a Trace, a SessionData, an id or the name of a flow")
        stored = OtelProcessor(self._store, self._trace_store, processor=self._processor)
        return await stored.process_execution_trace(run.session_id if isinstance(run, SessionData) else run)
