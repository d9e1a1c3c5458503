"""`reev-flow analyze --what-if`: how long runs would have taken with other durations."""

from collections.abc import Sequence
from typing import Annotated, TypeAlias

from cyclopts import Parameter

from reev_flow.analysis.insights import FlowInsights
from reev_flow.analysis.replay.changes import Change, parse_change
from reev_flow.analysis.replay.what_if import Prediction
from reev_flow.cli.documents import documents_json
from reev_flow.cli.inputs import Reading
from reev_flow.cli.output import write_data, write_text
from reev_flow.errors import NoSuchOperation
from reev_flow.render.terminal_options import TerminalOptions
from reev_flow.render.what_if_document import WhatIfDocument, what_if_document
from reev_flow.render.what_if_text import missing_text, what_if_text

WhatIf = Annotated[
    tuple[str, ...],
    Parameter(
        name="--what-if",
        show_default=False,
        help="Foretell the run with an operation faster or slower: search=2x (twice as fast), search=-300ms, search=+1s, search=80ms. "
        "May be given more than once.",
    ),
]
Foretold: TypeAlias = Prediction | NoSuchOperation


def tell_what_if(
    runs: Sequence[FlowInsights],
    reading: Reading,
    changes: Sequence[str],
    options: TerminalOptions | None,
) -> None:
    """As JSON without options. An operation that no run has is an error; a run that lacks it, among others that have it, says so."""
    wanted = [parse_change(change) for change in changes]
    foretold = [_foretell(run, wanted) for run in runs]
    missing = [one for one in foretold if isinstance(one, NoSuchOperation)]
    if missing and len(missing) == len(runs):
        raise missing[0]
    if options is None:
        told = ((run.trace.trace_id, _document(run, one)) for run, one in zip(runs, foretold, strict=True))
        write_data(documents_json(told, reading))
        return
    for number, (run, one) in enumerate(zip(runs, foretold, strict=True)):
        write_text("\n" * (number > 0) + _text(run, one, options))


def _foretell(run: FlowInsights, changes: Sequence[Change]) -> Foretold:
    try:
        return run.what_if(*changes)
    except NoSuchOperation as missing:
        return missing


def _document(run: FlowInsights, foretold: Foretold) -> WhatIfDocument:
    if isinstance(foretold, NoSuchOperation):
        return what_if_document(run, None, str(foretold))
    return what_if_document(run, foretold)


def _text(run: FlowInsights, foretold: Foretold, options: TerminalOptions) -> str:
    if isinstance(foretold, NoSuchOperation):
        return missing_text(run, str(foretold), options)
    return what_if_text(run, foretold, options)
