"""`reev-flow runs`: which runs there are, and the tree of one."""

import os
import sys

from cyclopts import App

from reev_flow.cli import EXIT_UNUSABLE
from reev_flow.cli.documents import documents_json
from reev_flow.cli.inputs import AsJson, Rows, RunPrefix, Sources, read_insights, read_runs
from reev_flow.cli.output import write_data, write_text
from reev_flow.pipeline import TraceProcessor
from reev_flow.render.document import document_of, summary_of
from reev_flow.render.run_table import run_table
from reev_flow.render.terminal import tree_text
from reev_flow.render.terminal_options import DEFAULT_ROWS, options_for

app = App(name="runs")


@app.command(name="list")
def list_runs(*sources: Sources, json: AsJson = False) -> int:
    """List the runs in trace files, the earliest first."""
    processor = TraceProcessor()
    reading = read_runs(sources)
    runs = [processor.process_trace(trace) for trace in reading.traces]
    if json:
        write_data(documents_json(runs, reading, summary_of))
    elif runs:
        write_text(run_table(runs, options_for(sys.stdout, os.environ)))
    return EXIT_UNUSABLE if reading.problems else 0


@app.command(name="show")
def show_runs(*sources: Sources, run: RunPrefix = None, rows: Rows = DEFAULT_ROWS, json: AsJson = False) -> int:
    """Show the tree of runs: what called what, when, and for how long."""
    runs, reading = read_insights(sources, run)
    if json:
        write_data(documents_json(runs, reading, document_of))
    else:
        options = options_for(sys.stdout, os.environ, rows=rows or None)
        write_text("\n".join(tree_text(insights, options) for insights in runs))
    return EXIT_UNUSABLE if reading.problems else 0
