"""A run as a Mermaid flowchart that fits the limits of those who draw it."""

from collections.abc import Iterator

from reev_flow.analysis.spans import SpanAnalysis
from reev_flow.errors import MermaidGenerationFailed
from reev_flow.render.mermaid_layout import lay_out
from reev_flow.render.mermaid_source import write_flowchart
from reev_flow.render.mermaid_text import LARGEST_TEXT, mermaid_length
from reev_flow.render.operations import OperationForest, operation_forest
from reev_flow.render.picture import Picture
from reev_flow.render.simplify import DETAIL_LEFT_OUT, REPEATS_FOLDED, draw_within
from reev_flow.trace.trace import Trace

MOST_EDGES = 500
COMFORTABLE = 80


class MermaidGenerator:
    """Draws runs, folding with exact counts. The same trace gives the same bytes.

    Repeats are folded ever more strongly until at most `comfortable` nodes are left to read; detail is left out only where the diagram
    would break the limits on edges and text. At most `max_nesting` boxes are drawn within each other; what is deeper stands behind
    its container instead.
    """

    def __init__(
        self,
        *,
        max_edges: int = MOST_EDGES,
        max_text: int = LARGEST_TEXT,
        max_nesting: int = 4,
        comfortable: int = COMFORTABLE,
    ) -> None:
        self.max_edges = max_edges
        self.max_text = max_text
        self.max_nesting = max_nesting
        self.comfortable = comfortable

    def generate(self, trace: Trace, analysis: SpanAnalysis | None = None) -> str:
        """`analysis` spares finding the critical path of the trace a second time."""
        critical_ns = (analysis or SpanAnalysis(trace)).operation_critical_ns
        edges = length = 0
        for picture in self._ever_simpler(operation_forest(trace)):
            layout = lay_out(picture, most_nested=self.max_nesting)
            edges = layout.edges
            if edges > self.max_edges:
                continue
            text = write_flowchart(layout, critical_ns)
            length = mermaid_length(text)
            if length <= self.max_text:
                return text
        needed = f"{length:,} characters" if length > self.max_text else f"{edges:,} edges"
        raise MermaidGenerationFailed(
            trace.trace_id,
            f"folded as far as possible it still needs {needed}, and the limits are {self.max_edges:,} edges and "
            f"{self.max_text:,} characters; raise the limit",
        )

    def _ever_simpler(self, forest: OperationForest) -> Iterator[Picture]:
        most = self.max_edges + 1  # everything is connected, so that fewer edges than that cannot do
        wanted = [(fold, min(self.comfortable, most)) for fold in REPEATS_FOLDED]
        wanted += [(fold, most) for fold in (REPEATS_FOLDED[-1], *DETAIL_LEFT_OUT)]
        pictures = (draw_within(forest, fold, most_leaves=leaves) for fold, leaves in wanted)
        return (picture for picture in pictures if picture is not None)
