"""The tools and the models of a run, a row each."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from reev_flow.analysis.metrics import Durations, ModelMetrics, ToolMetrics
from reev_flow.render.dollars import told_dollars
from reev_flow.render.node_titles import UNNAMED
from reev_flow.render.quantities import plural, told_count
from reev_flow.render.terminal_options import TerminalOptions
from reev_flow.render.terminal_page import shown
from reev_flow.trace.durations import told_duration

Cell = TypeVar("Cell", str, int, Text)

NARROW = 72  # narrower terminals get no statistics
WITH_COSTS = 90  # narrower ones tell costs instead of failures
TINY = 36  # and these only how often
MOST_ROWS = 40


def tool_table(tools: Sequence[ToolMetrics], options: TerminalOptions) -> list[RenderableType]:
    """No table when there is nothing to put in it."""
    table = _table("tool", ["calls", *_where(options, TINY, "failed"), *_headings(options)], options)
    for tool in tools[:MOST_ROWS]:
        failed = _where(options, TINY, _failed(tool))
        table.add_row(_name(tool, options), f"{tool.calls:,}", *failed, *_times(tool.durations, options))
    return _with_rest(table, len(tools), "tool")


def model_table(models: Sequence[ModelMetrics], cost: Decimal | None, options: TerminalOptions) -> list[RenderableType]:
    """Where there is little room, tokens and costs matter more than failures. Costs are told when any is known, and what all models cost
    when it is.
    """
    has_costs = any(model.cost is not None for model in models)
    room_for_failed = WITH_COSTS if has_costs else NARROW
    tokens = _where(options, TINY, "in", "out", *(["cost"] if has_costs else []))
    failures = _where(options, room_for_failed, "failed")
    table = _table("model", ["calls", *failures, *_headings(options), *tokens], options)
    for model in models[:MOST_ROWS]:
        failed = _where(options, room_for_failed, _failed(model))
        costs = [told_dollars(model.cost) if model.cost is not None else ""] if has_costs else []
        used = _where(options, TINY, told_count(model.usage.input), told_count(model.usage.output), *costs)
        table.add_row(_name(model, options), f"{model.calls:,}", *failed, *_times(model.durations, options), *used)
    total = [] if cost is None else [Text(f"{told_dollars(cost)} in all", style="dim")]
    return [*_with_rest(table, len(models), "model"), *total]


def _with_rest(table: Table, count: int, what: str) -> list[RenderableType]:
    hidden = count - MOST_ROWS
    rest = [Text(f"and {plural(hidden, f'{what}')} more", style="dim")] if hidden > 0 else []
    return [table, *rest] if count else []


def _where(options: TerminalOptions, width: int, *cells: Cell) -> list[Cell]:
    """The cells, where the terminal is at least so wide."""
    return list(cells) if options.width >= width else []


def _headings(options: TerminalOptions) -> list[str]:
    return [*_where(options, TINY, "total"), *_where(options, NARROW, "median", "p95", "longest")]


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
    statistics = _where(options, NARROW, durations.median_ns, durations.p95_ns, durations.longest_ns)
    return [told_duration(time_ns) for time_ns in (*_where(options, TINY, durations.total_ns), *statistics)]
