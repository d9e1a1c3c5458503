"""`reev-flow diagram`: runs as one Mermaid flowchart."""

from typing import Annotated

from cyclopts import Parameter, validators

from reev_flow.cli import EXIT_UNUSABLE
from reev_flow.cli.inputs import RunPrefix, Sources, read_runs
from reev_flow.cli.options import AdjustClocks, Store
from reev_flow.cli.output import write_data
from reev_flow.errors import PartSwitchedOff
from reev_flow.render.mermaid import MOST_EDGES, MermaidGenerator
from reev_flow.settings import current_settings
from reev_flow.trace.trace import side_by_side

MostEdges = Annotated[
    int,
    Parameter(
        validator=validators.Number(gte=1),
        help="The most edges the diagram may have; Mermaid itself refuses more than 500.",
    ),
]


def diagram(
    *sources: Sources,
    run: RunPrefix = None,
    max_edges: MostEdges = MOST_EDGES,
    adjust_clocks: AdjustClocks = False,
    store: Store = None,
) -> int:
    """Draw runs, in trace files or in the store, as a Mermaid flowchart.

    What does not fit Mermaid's limits is folded, with exact counts. Several runs are drawn as one diagram, in the order they began.
    """
    if not current_settings().switch("insights.diagram"):
        raise PartSwitchedOff("diagram")
    reading = read_runs(sources, run, store=store, adjust_clocks=adjust_clocks)
    if reading.traces:
        write_data(MermaidGenerator(max_edges=max_edges).generate(side_by_side(reading.traces)))
    return EXIT_UNUSABLE if reading.problems else 0
