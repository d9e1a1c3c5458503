"""Many runs as a table, a line each."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from rich.cells import cell_len, set_cell_size

from reev_flow.render.document import RunSummary
from reev_flow.render.printable import printable
from reev_flow.render.quantities import told_count
from reev_flow.render.terminal_options import DEFAULT_WIDTH, TerminalOptions
from reev_flow.trace.durations import told_duration
from reev_flow.trace.standing import RunState

HEAD = ("run", "began", "took", "status", "state", "llm", "tools", "tokens", "spans", "name")
STATE = HEAD.index("state")
NUMBERS = frozenset({"took", "llm", "tools", "tokens", "spans"})
NO_STATES: Mapping[str, RunState] = {}
LEAST_WANTED = ("spans", "llm", "tools", "tokens", "began", "state", "status", "took")  # where room is short
NARROWEST_NAME = 14
GAP = "  "
UNKNOWN = "?"
SHORTEST_ID = 8


def run_table(
    runs: Sequence[RunSummary], options: TerminalOptions, state_of: Mapping[str, RunState] = NO_STATES
) -> str:
    """One line a run under a line of titles. The name, which comes last, is cut where the line would be wider than the terminal; in terminals
    narrower than usual other columns make room for it. States, by trace id, have a column when any is known.
    """
    id_length = _telling_length([summary.run.trace_id for summary in runs])
    rows = [HEAD, *(_row(summary, id_length, options.zone, state_of) for summary in runs)]
    if not state_of:
        rows = [_without(STATE, row) for row in rows]
    for title in LEAST_WANTED if options.width < DEFAULT_WIDTH else ():
        if title in rows[0] and _left(rows, options.width) < NARROWEST_NAME:
            column = rows[0].index(title)
            rows = [_without(column, row) for row in rows]
    head, widths = rows[0], _widths(rows)
    left = max(NARROWEST_NAME, _left(rows, options.width))
    ellipsis = "…" if options.is_unicode else "..."
    lines = [GAP.join([*_padded(head, row, widths), _cut(row[-1], left, ellipsis)]) for row in rows]
    text = "\n".join(line.rstrip() for line in lines) + "\n"
    return text if options.is_unicode else text.replace("µ", "u").encode("ascii", "backslashreplace").decode()


def _without(column: int, row: tuple[str, ...]) -> tuple[str, ...]:
    return (*row[:column], *row[column + 1 :])


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    """Of all columns but the last."""
    return [max(cell_len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]


def _left(rows: Sequence[Sequence[str]], width: int) -> int:
    """What the other columns leave to the last."""
    return width - sum(_widths(rows)) - len(GAP) * (len(rows[0]) - 1)


def _row(summary: RunSummary, id_length: int, zone: tzinfo | None, state_of: Mapping[str, RunState]) -> tuple[str, ...]:
    run, usage = summary.run, summary.usage
    failed = f" ({summary.failed_tool_calls} failed)" if summary.failed_tool_calls else ""
    return (
        printable(run.trace_id[:id_length]),
        _told_time(int(run.start_ns), zone),
        told_duration(run.duration_ns),
        run.status,
        state_of.get(run.trace_id, ""),
        _told_number(summary.model_calls),
        f"{_told_number(summary.tool_calls)}{failed}",
        UNKNOWN if usage is None else told_count(usage.total),
        str(run.span_count),
        printable(run.name),
    )


def _told_number(number: int | None) -> str:
    return UNKNOWN if number is None else str(number)


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
        return UNKNOWN


def _padded(head: Sequence[str], row: Sequence[str], widths: Sequence[int]) -> list[str]:
    cells = []
    for title, cell, width in zip(head, row, widths, strict=False):
        blanks = " " * (width - cell_len(cell))
        cells.append(blanks + cell if title in NUMBERS else cell + blanks)
    return cells


def _cut(text: str, width: int, ellipsis: str) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, width - len(ellipsis)) + ellipsis
