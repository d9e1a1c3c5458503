"""`reev-flow runs`: which runs there are, in files and in the store, and the tree of one."""

import os
import sys
from typing import Annotated

from cyclopts import App, Parameter, validators

from reev_flow.cli import EXIT_UNUSABLE
from reev_flow.cli.documents import documents_json
from reev_flow.cli.inputs import Rows, RunPrefix, Sources, read_insights, read_latest, read_runs
from reev_flow.cli.options import AsJson, Store
from reev_flow.cli.output import write_data, write_text
from reev_flow.pipeline import TraceProcessor
from reev_flow.render.document import document_of, summary_of
from reev_flow.render.run_table import run_table
from reev_flow.render.terminal import tree_text
from reev_flow.render.terminal_options import DEFAULT_ROWS, options_for

DEFAULT_LIMIT = 100
Limit = Annotated[int, Parameter(validator=validators.Number(gte=1), help="The most runs to list from the store.")]

app = App(name="runs")


@app.command(name="list")
def list_runs(*sources: Sources, limit: Limit = DEFAULT_LIMIT, store: Store = None, json: AsJson = False) -> int:
    """List the runs in trace files, or, when none are named, the newest runs in the store; the earliest first."""
    processor = TraceProcessor()
    reading = read_runs(sources, store=store) if sources else read_latest(limit, store=store)
    runs = [processor.process_trace(trace) for trace in reading.traces]
    if json:
        write_data(documents_json(runs, reading, summary_of))
    elif runs:
        write_text(run_table(runs, options_for(sys.stdout, os.environ)))
    return EXIT_UNUSABLE if reading.problems else 0


@app.command(name="show")
def show_runs(
    *sources: Sources, run: RunPrefix = None, rows: Rows = DEFAULT_ROWS, store: Store = None, json: AsJson = False
) -> int:
    """Show the tree of runs: what called what, when, and for how long."""
    runs, reading = read_insights(sources, run, store=store)
    if json:
        write_data(documents_json(runs, reading, document_of))
    else:
        options = options_for(sys.stdout, os.environ, rows=rows or None)
        write_text("\n".join(tree_text(insights, options) for insights in runs))
    return EXIT_UNUSABLE if reading.problems else 0
