"""What happened in a run, as a tree with its times."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from reev_flow.analysis.calls.usage import count_usage
from reev_flow.analysis.spans import SpanAnalysis
from reev_flow.render.node_titles import title
from reev_flow.render.picture import Node, NodeKind, Picture
from reev_flow.render.quantities import plural, told_broken, told_operations, told_tokens
from reev_flow.render.terminal_options import TerminalOptions
from reev_flow.render.terminal_page import shown
from reev_flow.render.tree_rows import TreeRow, fitting_picture, tree_rows
from reev_flow.trace.durations import told_duration
from reev_flow.trace.trace import Trace

NARROW = 60
WIDE = 100
GAP = 2
NARROWEST_NAME = 16
USUAL_DURATION_WIDTH = (
    7  # of "66.1 ms", so that how much of a name is shown does not depend on what a run happened to take
)
WORTH_TELLING = 0.05  # of a run's time
LONGEST_LABEL = 300  # more of a name is never shown


def tree(trace: Trace, analysis: SpanAnalysis | None, options: TerminalOptions) -> Iterator[RenderableType]:
    """A table, and a line for what it leaves out. Without analysis nothing is marked as critical."""
    picture = fitting_picture(trace, options.rows)
    most_guides = max(1, options.width // 8)
    rows = list(tree_rows(picture, analysis, count_usage(trace), most_guides=most_guides))
    yield _table(rows, trace.duration_ns, options)
    left_out = _left_out(picture)
    outside = _outside(trace, analysis)
    for line in (left_out, outside):
        if line:
            yield Text(line, style="dim")


def _outside(trace: Trace, analysis: SpanAnalysis | None) -> str:
    """Where most of the time is no operation's, the percentages would leave a reader wondering."""
    if analysis is None:
        return ""
    outside_ns = trace.duration_ns - sum(analysis.operation_critical_ns)
    if not outside_ns or outside_ns < WORTH_TELLING * trace.duration_ns:
        return ""
    return f"{told_duration(outside_ns)} of the {told_duration(trace.duration_ns)} passed outside these operations"


def _table(rows: Sequence[TreeRow], whole_ns: int, options: TerminalOptions) -> Table:
    names = [_name(row, options) for row in rows]
    columns = _columns(rows, whole_ns, options.width)
    taken = sum(width + GAP for _, width, _ in columns)
    name_width = max(NARROWEST_NAME, min(max(cell_len(name.plain) for name in names), options.width - taken))
    table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, header_style="dim", show_edge=False)
    table.add_column("", width=name_width, no_wrap=True, overflow="ellipsis")
    for heading, width, _ in columns:
        table.add_column(heading, width=width, no_wrap=True, justify="left" if heading == "when" else "right")
    for place, name in enumerate(names):
        table.add_row(name, *(cells[place] for _, _, cells in columns))
    return table


def _columns(rows: Sequence[TreeRow], whole_ns: int, width: int) -> list[tuple[str, int, list[Text]]]:
    """Heading, width and cells of what stands behind the names; narrow terminals get the most important."""
    columns = [("took", [Text(told_duration(row.node.duration_ns)) for row in rows])]
    if width >= NARROW:
        columns.append(("self", [Text(_own(row)) for row in rows]))
    if any(row.critical_ns is not None for row in rows):
        columns.append(("critical", [Text(_share(row.critical_ns or 0, whole_ns), style="yellow") for row in rows]))
    if width >= WIDE:
        columns.append(("tokens", [Text(told_tokens(row.usage), style="dim") for row in rows]))
    if width >= NARROW:
        bar_width = width // 5
        columns.append(("when", [_bar(row, whole_ns, bar_width) for row in rows]))
    return [
        (heading, max(_least_width(heading), *(cell.cell_len for cell in cells)), cells) for heading, cells in columns
    ]


def _least_width(heading: str) -> int:
    return USUAL_DURATION_WIDTH if heading in {"took", "self"} else len(heading)


def _own(row: TreeRow) -> str:
    return told_duration(row.self_ns) if row.node.kind is NodeKind.OPERATION else ""


def _share(critical_ns: int, whole_ns: int) -> str:
    if not critical_ns:
        return ""
    percent = 100 * critical_ns / whole_ns
    return f"{percent:.0f}%" if percent >= 1 else "<1%"


def _bar(row: TreeRow, whole_ns: int, width: int) -> Text:
    """When it ran; heavy where it held the run up."""
    start = row.start_ns * width // whole_ns if whole_ns else 0
    end = -(-row.end_ns * width // whole_ns) if whole_ns else 1
    start = min(start, width - 1)
    length = max(1, end - start)
    bar = ("━" if row.critical_ns else "─") * length
    style = "red" if row.node.broken else "yellow" if row.critical_ns else "cyan"
    return Text.assemble(" " * start, (bar, style))


def _name(row: TreeRow, options: TerminalOptions) -> Text:
    node = row.node
    told = Text(_guide(row), style="dim")
    if node.broken:
        told.append("✗ ", style="red")
    told.append(shown(title(node, longest=LONGEST_LABEL), options), style=_style(node))
    if node.kind is NodeKind.REST:
        told.append(f": {told_operations(node.counts)}", style="dim")
    if node.broken and node.count > 1:
        told.append(f", {told_broken(node.failed, node.interrupted)}", style="red")
    if row.reason:
        told.append(f" {shown(row.reason, options)}", style="dim")
    return told


def _guide(row: TreeRow) -> str:
    if not row.depth:
        return ""
    branch = "└ " if row.guides[-1] else "├ "
    if row.depth > len(row.guides):
        return f"{row.depth} deep {branch}"
    return "".join("  " if is_last else "│ " for is_last in row.guides[:-1]) + branch


def _style(node: Node) -> str:
    if node.broken:
        return "red"
    return "bold" if node.kind is NodeKind.OPERATION else "dim"


def _left_out(picture: Picture) -> str:
    forest = picture.forest
    if forest.is_overview:
        return "no flow operation in this trace; these are infrastructure spans"
    folded = f"{picture.folded:,} operations folded into {plural(picture.folds, 'row')}" if picture.folds else ""
    undrawn = f"{plural(forest.undrawn, 'infrastructure span')} not shown" if forest.undrawn else ""
    return "; ".join(part for part in (folded, undrawn) if part)
