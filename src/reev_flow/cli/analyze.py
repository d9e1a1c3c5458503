"""`reev-flow analyze`: everything about runs, in trace files or in the store."""

import os
import sys

from reev_flow.cli import EXIT_UNUSABLE
from reev_flow.cli.documents import documents_json
from reev_flow.cli.inputs import Rows, RunPrefix, Sources, read_insights
from reev_flow.cli.options import AdjustClocks, AsJson, Store
from reev_flow.cli.output import write_data, write_text
from reev_flow.cli.what_if import WhatIf, tell_what_if
from reev_flow.render.document import document_of
from reev_flow.render.terminal import terminal_text
from reev_flow.render.terminal_options import DEFAULT_ROWS, options_for


def analyze(
    *sources: Sources,
    run: RunPrefix = None,
    rows: Rows = DEFAULT_ROWS,
    adjust_clocks: AdjustClocks = False,
    store: Store = None,
    what_if: WhatIf = (),
    json: AsJson = False,
) -> int:
    """Tell everything about runs, in trace files or in the store: tree, times, tokens, tools, findings."""
    runs, reading = read_insights(sources, run, store=store, adjust_clocks=adjust_clocks)
    if what_if:
        options = None if json else options_for(sys.stdout, os.environ)
        tell_what_if(runs, reading, what_if, options)
    elif json:
        write_data(documents_json(((one.trace.trace_id, document_of(one)) for one in runs), reading))
    else:
        options = options_for(sys.stdout, os.environ, rows=rows or None)
        for number, insights in enumerate(runs):
            write_text("\n" * (number > 0) + terminal_text(insights, options))
    return EXIT_UNUSABLE if reading.problems else 0
