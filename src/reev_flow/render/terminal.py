"""A run on a terminal: its facts, its tree, its tools and models, its findings, what to do."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from reev_flow.analysis.advice.recommendations import Recommendation
from reev_flow.analysis.insights import FlowInsights
from reev_flow.analysis.spans import SpanAnalysis
from reev_flow.errors import PartSwitchedOff, ProcessingTimedOut, TraceError
from reev_flow.render.terminal_findings import findings, problems
from reev_flow.render.terminal_header import header
from reev_flow.render.terminal_options import TerminalOptions
from reev_flow.render.terminal_page import heading, page, shown, without_time
from reev_flow.render.terminal_recommendations import numbers_of, recommendations
from reev_flow.render.terminal_tables import model_table, tool_table
from reev_flow.render.terminal_tree import tree

PLAIN = TerminalOptions()
WHERE_TO_SEE = "`reev-flow config` shows by which setting"


def terminal_text(insights: FlowInsights, options: TerminalOptions = PLAIN, *, hints: Sequence[str] = ()) -> str:
    """Everything, then what is missing of it, then the hints as they are. A part that failed is told in its place."""
    trace = insights.trace
    parts: list[RenderableType] = [header(trace, options)]
    parts += _section("What happened", lambda: tree(trace, _analysis(insights), options), options)
    parts += _section("Tools", lambda: tool_table(insights.metrics.tools, options), options)
    parts += _section("Models", lambda: model_table(insights.metrics.models, insights.metrics.cost, options), options)
    parts += _section("Problems of the trace", lambda: problems(trace.problems, options), options)
    made = _recommendations(insights)
    parts += _section("Findings", lambda: _findings(insights, made, options), options)
    parts += _section("What to do", lambda: recommendations(made, options), options)
    parts += _not_told(insights, insights.parts.__struct_fields__)
    if hints:
        parts += [Text(""), *(Text(hint, style="dim") for hint in hints)]
    return page(parts, options)


def tree_text(insights: FlowInsights, options: TerminalOptions = PLAIN) -> str:
    """The facts and the tree."""
    trace = insights.trace
    parts: list[RenderableType] = [header(trace, options)]
    parts += _section("What happened", lambda: tree(trace, _analysis(insights), options), options)
    parts += _not_told(insights, ["performance"])
    return page(parts, options)


def _not_told(insights: FlowInsights, wanted: Iterable[str]) -> Iterator[RenderableType]:
    """Which of the wanted parts are switched off, and what the time did not suffice for."""
    off = [name.replace("_", " ") for name in wanted if not getattr(insights.parts, name)]
    if off:
        yield from (Text(""), Text(f"switched off: {', '.join(off)}; {WHERE_TO_SEE}", style="dim"))
    if insights.is_partial:
        yield from (Text(""), Text(without_time(insights.missing), style="bold red"))


def _findings(
    insights: FlowInsights, made: Sequence[Recommendation], options: TerminalOptions
) -> Iterable[RenderableType]:
    return findings(insights.findings, options, numbers_of(insights.findings, made))


def _recommendations(insights: FlowInsights) -> Sequence[Recommendation]:
    """None where there are no findings to make them of, which is told in their place."""
    try:
        return insights.recommendations
    except TraceError:
        return ()


def _analysis(insights: FlowInsights) -> SpanAnalysis | None:
    """None also when the time did not suffice: the tree itself takes none of it."""
    try:
        return insights.spans
    except (PartSwitchedOff, ProcessingTimedOut):
        return None


def _section(
    title: str, make: Callable[[], Iterable[RenderableType]], options: TerminalOptions
) -> Iterator[RenderableType]:
    """Nothing when there is nothing to tell."""
    try:
        body = list(make())
    except PartSwitchedOff:
        body = [Text(f"switched off; {WHERE_TO_SEE}", style="dim")]
    except TraceError as error:
        body = [Text(shown(str(error), options), style="red")]
    if body:
        yield from heading(title)
        yield from body
