"""Rows of text as columns that fit the terminal, or as blocks where it is too narrow for columns."""

from collections.abc import Collection, Sequence

from rich.cells import cell_len, set_cell_size

from reev_flow.render.printable import printable
from reev_flow.render.terminal_options import TerminalOptions

GAP = "  "
NARROWEST_LAST = 14

Rows = Sequence[Sequence[str]]


def table(
    head: Sequence[str],
    rows: Rows,
    options: TerminalOptions,
    *,
    numbers: Collection[str] = (),
    least_last: int = NARROWEST_LAST,
    is_first_whole: bool = False,
) -> str:
    """One line a row under a line of titles; the last column is cut where the line would be wider than the terminal.

    Cells may hold anything. Where less than `least_last` is left for the last column and it needs more, each row is a block: its first
    cell, cut only if it need not be whole, then the others under their titles.
    """
    safe = _safe((head, *rows), options)
    widths = _widths(safe)
    if not fits(head, rows, options, least_last=least_last):
        return "".join(_block(head, row, options, is_first_whole=is_first_whole) for row in safe[1:])
    left = options.width - sum(widths) - len(GAP) * len(widths)
    lines = [GAP.join([*_padded(head, row, widths, numbers), cut(row[-1], left, options)]) for row in safe]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def fits(head: Sequence[str], rows: Rows, options: TerminalOptions, *, least_last: int) -> bool:
    """Whether there is room for all columns but the last, and for as much of the last as is needed, or is the least."""
    safe = _safe((head, *rows), options)
    widths = _widths(safe)
    left = options.width - sum(widths) - len(GAP) * len(widths)
    return left >= min(least_last, max(cell_len(row[-1]) for row in safe))


def _safe(rows: Rows, options: TerminalOptions) -> list[tuple[str, ...]]:
    return [tuple(safe_text(cell, options) for cell in row) for row in rows]


def _widths(rows: Rows) -> list[int]:
    """Of all columns but the last."""
    return [max(cell_len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]


def safe_text(text: str, options: TerminalOptions) -> str:
    """On one line, without anything a terminal would obey, in the characters it has."""
    safe = printable(text)
    return safe if options.is_unicode else safe.encode("ascii", "backslashreplace").decode()


def cut(text: str, width: int, options: TerminalOptions) -> str:
    if cell_len(text) <= width:
        return text
    ellipsis = "…" if options.is_unicode else "..."
    return set_cell_size(text, max(0, width - len(ellipsis))) + ellipsis


def _block(head: Sequence[str], row: Sequence[str], options: TerminalOptions, *, is_first_whole: bool) -> str:
    others = (
        f"{GAP}{title} {cell}" if title else f"{GAP}{cell}"
        for title, cell in zip(head[1:], row[1:], strict=True)
        if cell
    )
    first = row[0] if is_first_whole else cut(row[0], options.width, options)
    return "".join(f"{line}\n" for line in (first, *(cut(other, options.width, options) for other in others)))


def _padded(head: Sequence[str], row: Sequence[str], widths: Sequence[int], numbers: Collection[str]) -> list[str]:
    cells = []
    for title, cell, width in zip(head, row, widths, strict=False):
        blanks = " " * (width - cell_len(cell))
        cells.append(blanks + cell if title in numbers else cell + blanks)
    return cells
