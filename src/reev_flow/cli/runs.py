"""`reev-flow runs`: which runs there are, in files and in the store, and the tree of one."""

import os
import sys
from collections.abc import Iterable
from typing import Annotated

from cyclopts import App, Parameter, validators

from reev_flow.analysis.insights import FlowInsights
from reev_flow.cli import EXIT_UNUSABLE
from reev_flow.cli.documents import documents_json
from reev_flow.cli.inputs import Reading, Rows, RunPrefix, Sources, latest_runs, read_insights, read_runs
from reev_flow.cli.options import AdjustClocks, AsJson, Store
from reev_flow.cli.output import write_data, write_text
from reev_flow.cli.run_states import told_state
from reev_flow.pipeline import TraceProcessor
from reev_flow.render.document import RunSummary, document_of, summary_of
from reev_flow.render.run_table import run_table
from reev_flow.render.terminal import tree_text
from reev_flow.render.terminal_options import DEFAULT_ROWS, TerminalOptions, options_for
from reev_flow.runtime.processing import processor_of
from reev_flow.settings import current_settings
from reev_flow.trace.standing import RunState
from reev_flow.trace.trace import Trace

DEFAULT_LIMIT = 100
Limit = Annotated[int, Parameter(validator=validators.Number(gte=1), help="The most runs to list from the store.")]
Skip = Annotated[int, Parameter(validator=validators.Number(gte=0), help="Leave out so many of the newest.")]
Conversation = Annotated[
    str | None,
    Parameter(help="Only runs that belong to this conversation: the newest in the store, or those of what is named."),
]

app = App(name="runs")
app.command("reev_flow.cli.prune_runs:prune", name="prune", help="Forget runs that are old or too many for their room.")


@app.command(name="list")
def list_runs(
    *sources: Sources,
    limit: Limit = DEFAULT_LIMIT,
    skip: Skip = 0,
    conversation: Conversation = None,
    store: Store = None,
    json: AsJson = False,
) -> int:
    """List the runs in trace files, or, when none are named, the newest runs in the store; the earliest first."""
    processor = processor_of(current_settings())
    if sources:
        reading = read_runs(sources, store=store)
        traces = [one for one in reading.traces if conversation is None or conversation in one.conversation_ids]
        runs = [summary_of(processor.process_trace(trace)) for trace in traces]
    else:
        runs, reading = _summed_up(
            processor, latest_runs(limit, skip=skip, conversation=conversation or "", store=store)
        )
    if json:
        write_data(documents_json(((one.run.trace_id, one) for one in runs), reading))
    elif runs:
        write_text(run_table(runs, options_for(sys.stdout, os.environ), reading.state_of))
    return EXIT_UNUSABLE if reading.problems else 0


def _summed_up(
    processor: TraceProcessor, latest: Iterable[tuple[Trace, str, RunState]]
) -> tuple[list[RunSummary], Reading]:
    """By start. A run is let go of before the next is read: many large ones are more than memory holds."""
    found: list[tuple[int, RunSummary]] = []
    source_of: dict[str, str] = {}
    state_of: dict[str, RunState] = {}
    for trace, location, state in latest:
        found.append((trace.start_ns, summary_of(processor.process_trace(trace))))
        source_of[trace.trace_id] = location
        state_of[trace.trace_id] = state
    found.sort(key=lambda one: (one[0], one[1].run.trace_id))
    return [summary for _, summary in found], Reading(runs=(), source_of=source_of, problems=(), state_of=state_of)


@app.command(name="show")
def show_runs(
    *sources: Sources,
    run: RunPrefix = None,
    rows: Rows = DEFAULT_ROWS,
    adjust_clocks: AdjustClocks = False,
    store: Store = None,
    json: AsJson = False,
) -> int:
    """Show the tree of runs: what called what, when, and for how long."""
    runs, reading = read_insights(sources, run, store=store, adjust_clocks=adjust_clocks)
    if json:
        write_data(documents_json(((one.trace.trace_id, document_of(one)) for one in runs), reading))
    else:
        options = options_for(sys.stdout, os.environ, rows=rows or None)
        write_text("\n".join(_shown(insights, reading, options) for insights in runs))
    return EXIT_UNUSABLE if reading.problems else 0


def _shown(insights: FlowInsights, reading: Reading, options: TerminalOptions) -> str:
    state = reading.state_of.get(insights.trace.trace_id)
    return tree_text(insights, options) + ("" if state is None else f"{told_state(state, insights.trace)}\n")
