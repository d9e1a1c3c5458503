"""The public door to drawings: one run as text for people, diagrams or programs."""

from typing import Literal, TypeAlias, get_args

import msgspec

from reev_flow.analysis.insights import FlowInsights
from reev_flow.render.document import document_bytes, document_of
from reev_flow.render.terminal_options import TerminalOptions

Format: TypeAlias = Literal["terminal", "mermaid", "json"]


class TraceRenderer:
    """Draws a run as `terminal` (facts, tree, tables, findings), as `mermaid` (a flowchart) or as `json` (the document).

    `options` are for the terminal; without them the text is plain and 80 columns wide.
    """

    def __init__(self, format: Format = "terminal", *, options: TerminalOptions | None = None) -> None:  # noqa: A002 - the word people look for
        if format not in get_args(Format):
            raise ValueError(f"no format {format!r}; there are {', '.join(get_args(Format))}")
        self.format = format
        self.options = options or TerminalOptions()

    def render(self, insights: FlowInsights) -> str:
        """A part that is switched off is told in its place; a diagram that is switched off is a `PartSwitchedOff`."""
        if self.format == "mermaid":
            return insights.diagram
        if self.format == "json":
            return msgspec.json.format(document_bytes(document_of(insights)), indent=2).decode() + "\n"
        from reev_flow.render.terminal import terminal_text  # noqa: PLC0415 - rich takes longer to load than the other formats to render

        return terminal_text(insights, self.options)
