"""What would be if operations took longer or shorter, for people."""

from collections.abc import Callable, Iterable, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from reev_flow.analysis.insights import FlowInsights
from reev_flow.analysis.replay.changes import told_change
from reev_flow.analysis.replay.sensitivities import Sensitivity, paying_most
from reev_flow.analysis.replay.what_if import Prediction
from reev_flow.render.operations import operation_forest
from reev_flow.render.quantities import plural
from reev_flow.render.run_status import run_status
from reev_flow.render.terminal_options import TerminalOptions
from reev_flow.render.terminal_page import heading, page, shown
from reev_flow.trace.durations import told_duration
from reev_flow.trace.span import Operation
from reev_flow.trace.trace import Trace

LEAST_SHARE = 0.005  # that is told as a percentage

# What is told of an operation that pays, and how wide the terminal must be for it.
COLUMNS: tuple[tuple[str, int, Callable[[Sensitivity], str]], ...] = (
    ("calls", 60, lambda one: f"{one.calls:,}"),
    ("total", 80, lambda one: told_duration(one.total_ns)),
    ("waited for", 60, lambda one: told_duration(one.waited_ns)),
    ("own", 80, lambda one: told_duration(one.own_ns)),
    ("saved per ms", 0, lambda one: f"{one.saved_per_ns:,.2f} ms"),
)


def what_if_text(insights: FlowInsights, prediction: Prediction, options: TerminalOptions) -> str:
    """Before, after and the difference; why it could come otherwise; what would pay most as the run was."""
    parts: list[RenderableType] = [_facts(insights, prediction, options)]
    if prediction.warnings:
        parts += [*heading("It could come otherwise"), *(_item(warning, options) for warning in prediction.warnings)]
    paying = paying_most(insights.sensitivities)
    if paying:
        parts += [*heading("What pays most"), _paying(paying, options)]
    return page(parts, options)


def missing_text(insights: FlowInsights, why: str, options: TerminalOptions) -> str:
    """A run that has none of the operations, among others that do."""
    rows = (("run", insights.trace.name, "bold"), ("id", insights.trace.trace_id, ""), ("not told", why, ""))
    return page([_grid(rows, options)], options)


def _facts(insights: FlowInsights, prediction: Prediction, options: TerminalOptions) -> Table:
    changes = ", ".join(told_change(change) for change in prediction.changes)
    rows = (
        ("run", insights.trace.name, "bold"),
        ("id", insights.trace.trace_id, ""),
        ("with", f"{changes} ({plural(len(prediction.changed), 'span')})", ""),
        ("took", _took(insights.trace, prediction), ""),
        ("would take", told_duration(prediction.duration_ns), "bold"),
        ("difference", _difference(insights, prediction), ""),
        ("replayed", _replayed(prediction, insights.trace), "dim"),
        ("based on", _ground(prediction), "dim"),
    )
    return _grid((row for row in rows if row[1]), options)


def _grid(rows: Iterable[tuple[str, str, str]], options: TerminalOptions) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value, style in rows:
        table.add_row(name, Text(shown(value, options), style=style))
    return table


def _took(trace: Trace, prediction: Prediction) -> str:
    """With how it ended unless well: of a run that has not ended nobody knows how long it takes."""
    status = run_status(operation_forest(trace))
    return f"{told_duration(prediction.before_ns)}{'' if status == 'ok' else f', {status}'}"


def _difference(insights: FlowInsights, prediction: Prediction) -> str:
    saved_ns = prediction.saved_ns
    if not saved_ns:
        return f"none: {_why_none(insights, prediction)}"
    share = f" ({_share(abs(saved_ns) / prediction.before_ns)})" if prediction.before_ns else ""
    return f"{told_duration(abs(saved_ns))} {'shorter' if saved_ns > 0 else 'longer'}{share}"


def _share(share: float) -> str:
    return "<1%" if share < LEAST_SHARE else f"{share:.0%}"


def _why_none(insights: FlowInsights, prediction: Prediction) -> str:
    spans, slack_ns = insights.trace.spans, insights.spans.slack_ns
    durations_ns = prediction.span_durations_ns
    if all(durations_ns[position] == spans[position].duration_ns for position in prediction.changed):
        return "it takes as long as it did"
    if any(slack_ns.get(position) == 0 for position in prediction.changed):
        return "something beside it takes as long"
    return "the run did not wait for it"


def _replayed(prediction: Prediction, trace: Trace) -> str:
    """Nothing where it was every span."""
    left_out = len(trace) - len(prediction.replayed)
    if not left_out:
        return ""
    named = sum(trace.spans[position].operation is Operation.OTHER for position in prediction.replayed)
    operations = (
        f"{plural(len(prediction.replayed) - named, 'operation')}, {told_duration(prediction.replayed_ns)} of the run"
    )
    if named:
        return f"{operations}, and {plural(named, 'infrastructure span')} called so; {left_out:,} others left out"
    return f"{operations}; {plural(left_out, 'infrastructure span')} left out"


def _ground(prediction: Prediction) -> str:
    count = len(prediction.replayed)
    if not prediction.is_guess:
        return "what was recorded of who waited for whom"
    if prediction.guessed == count:
        return "times alone: nobody recorded who waited for whom"
    return f"what was recorded of who waited for whom, for {plural(prediction.guessed, 'span')} of {count:,} on times alone"


def _item(sentence: str, options: TerminalOptions) -> Table:
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_row("-", Text(shown(sentence, options)))
    return table


def _paying(paying: Sequence[Sensitivity], options: TerminalOptions) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim", show_edge=False)
    table.add_column("operation", overflow="fold", min_width=min(9, options.width // 4))
    columns = [column for column in COLUMNS if options.width >= column[1]]
    for name, _, _ in columns:
        table.add_column(name, justify="right", no_wrap=True)
    for one in paying:
        table.add_row(Text(shown(one.label, options), style="bold"), *(told(one) for _, _, told in columns))
    return table
