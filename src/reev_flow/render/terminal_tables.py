"""The tools and the models of a run, a row each."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from reev_flow.analysis.metrics import Durations, ModelMetrics, ToolMetrics
from reev_flow.render.node_titles import UNNAMED
from reev_flow.render.quantities import told_count
from reev_flow.render.terminal_options import TerminalOptions
from reev_flow.render.terminal_page import shown
from reev_flow.trace.durations import told_duration

NARROW = 72  # narrower terminals get no statistics


def tool_table(tools: Sequence[ToolMetrics], options: TerminalOptions) -> list[Table]:
    """No table when there is nothing to put in it."""
    statistics = ["median", "p95", "longest"] if options.width >= NARROW else []
    table = _table("tool", ["calls", "failed", "total", *statistics], options)
    for tool in tools:
        table.add_row(_name(tool, options), f"{tool.calls:,}", _failed(tool), *_times(tool.durations, options))
    return [table] if tools else []


def model_table(models: Sequence[ModelMetrics], options: TerminalOptions) -> list[Table]:
    """Tokens matter more than failures where there is little room."""
    is_narrow = options.width < NARROW
    counts = ["calls", "total"] if is_narrow else ["calls", "failed", "total", "median", "p95", "longest"]
    table = _table("model", [*counts, "in", "out"], options)
    for model in models:
        failed = [] if is_narrow else [_failed(model)]
        tokens = (told_count(model.usage.input), told_count(model.usage.output))
        table.add_row(_name(model, options), f"{model.calls:,}", *failed, *_times(model.durations, options), *tokens)
    return [table] if models else []


def _table(name: str, headings: Sequence[str], options: TerminalOptions) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim", show_edge=False)
    table.add_column(name, overflow="fold", min_width=min(10, options.width // 4))
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _name(row: ToolMetrics | ModelMetrics, options: TerminalOptions) -> Text:
    return Text(shown(row.name or UNNAMED, options), style="bold")


def _failed(row: ToolMetrics | ModelMetrics) -> Text:
    return Text(f"{row.failed:,}" if row.failed else "", style="red")


def _times(durations: Durations, options: TerminalOptions) -> list[str]:
    if options.width < NARROW:
        return [told_duration(durations.total_ns)]
    times = (durations.total_ns, durations.median_ns, durations.p95_ns, durations.longest_ns)
    return [told_duration(time_ns) for time_ns in times]
