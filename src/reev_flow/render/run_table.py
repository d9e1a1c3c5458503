"""Many runs as a table, a line each."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from rich.cells import cell_len, set_cell_size

from reev_flow.analysis.insights import FlowInsights
from reev_flow.render.operations import operation_forest
from reev_flow.render.printable import printable
from reev_flow.render.quantities import told_count
from reev_flow.render.run_status import run_status
from reev_flow.render.terminal_options import TerminalOptions
from reev_flow.trace.durations import told_duration
from reev_flow.trace.standing import RunState

HEAD = ("run", "began", "took", "status", "state", "llm", "tools", "tokens", "spans", "name")
STATE = HEAD.index("state")
NUMBERS = frozenset({"took", "llm", "tools", "tokens", "spans"})
NO_STATES: Mapping[str, RunState] = {}
NARROWEST_NAME = 14
SHORTEST_ID = 8


def run_table(
    runs: Sequence[FlowInsights], options: TerminalOptions, state_of: Mapping[str, RunState] = NO_STATES
) -> str:
    """One line a run under a line of titles. The name, which comes last, is cut where the line would be wider than the terminal. States, by
    trace id, have a column when any is known.
    """
    id_length = _telling_length([insights.trace.trace_id for insights in runs])
    rows = [HEAD, *(_row(insights, id_length, options.zone, state_of) for insights in runs)]
    if not state_of:
        rows = [(*row[:STATE], *row[STATE + 1 :]) for row in rows]
    head = rows[0]
    widths = [max(cell_len(row[column]) for row in rows) for column in range(len(head) - 1)]
    left = max(NARROWEST_NAME, options.width - sum(widths) - 2 * len(widths))
    ellipsis = "…" if options.is_unicode else "..."
    lines = ["  ".join([*_padded(head, row, widths), _cut(row[-1], left, ellipsis)]) for row in rows]
    text = "\n".join(line.rstrip() for line in lines) + "\n"
    return text if options.is_unicode else text.replace("µ", "u").encode("ascii", "backslashreplace").decode()


def _row(
    insights: FlowInsights, id_length: int, zone: tzinfo | None, state_of: Mapping[str, RunState]
) -> tuple[str, ...]:
    trace, metrics = insights.trace, insights.metrics
    failed = f" ({metrics.failed_tool_calls} failed)" if metrics.failed_tool_calls else ""
    return (
        printable(trace.trace_id[:id_length]),
        _told_time(trace.start_ns, zone),
        told_duration(trace.duration_ns),
        run_status(operation_forest(trace)),
        state_of.get(trace.trace_id, ""),
        str(metrics.model_calls),
        f"{metrics.tool_calls}{failed}",
        told_count(metrics.usage.total),
        str(metrics.span_count),
        printable(trace.name),
    )


def _telling_length(ids: Sequence[str]) -> int:
    """How much of an id tells every run from the others."""
    longest = max(map(len, ids), default=SHORTEST_ID)
    lengths = range(SHORTEST_ID, longest)
    return next((length for length in lengths if len({one[:length] for one in ids}) == len(ids)), longest)


def _told_time(time_ns: int, zone: tzinfo | None) -> str:
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_ns // 1_000)
        return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    except OverflowError:
        return "?"


def _padded(head: Sequence[str], row: Sequence[str], widths: Sequence[int]) -> list[str]:
    cells = []
    for title, cell, width in zip(head, row, widths, strict=False):
        blanks = " " * (width - cell_len(cell))
        cells.append(blanks + cell if title in NUMBERS else cell + blanks)
    return cells


def _cut(text: str, width: int, ellipsis: str) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, width - len(ellipsis)) + ellipsis
