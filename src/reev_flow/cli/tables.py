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
) -> str:
    """One line a row under a line of titles; the last column is cut where the line would be wider than the terminal.

    Cells may hold anything. Where less than `least_last` is left for the last column and it needs more, each row is a block: its first cell, then the others under their titles.
    """
    safe = [tuple(safe_text(cell, options) for cell in row) for row in (head, *rows)]
    widths = [max(cell_len(row[column]) for row in safe) for column in range(len(head) - 1)]
    left = options.width - sum(widths) - len(GAP) * len(widths)
    if left < min(least_last, max(cell_len(row[-1]) for row in safe)):
        return "".join(_block(head, row, options) for row in safe[1:])
    lines = [GAP.join([*_padded(head, row, widths, numbers), cut(row[-1], left, options)]) for row in safe]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def safe_text(text: str, options: TerminalOptions) -> str:
    """On one line, without anything a terminal would obey, in the characters it has."""
    safe = printable(text)
    return safe if options.is_unicode else safe.encode("ascii", "backslashreplace").decode()


def cut(text: str, width: int, options: TerminalOptions) -> str:
    if cell_len(text) <= width:
        return text
    ellipsis = "…" if options.is_unicode else "..."
    return set_cell_size(text, max(0, width - len(ellipsis))) + ellipsis


def _block(head: Sequence[str], row: Sequence[str], options: TerminalOptions) -> str:
    lines = [
        row[0],
        *(
            f"{GAP}{title} {cell}" if title else f"{GAP}{cell}"
            for title, cell in zip(head[1:], row[1:], strict=True)
            if cell
        ),
    ]
    return "".join(f"{cut(line, options.width, options)}\n" for line in lines)


def _padded(head: Sequence[str], row: Sequence[str], widths: Sequence[int], numbers: Collection[str]) -> list[str]:
    cells = []
    for title, cell, width in zip(head, row, widths, strict=False):
        blanks = " " * (width - cell_len(cell))
        cells.append(blanks + cell if title in numbers else cell + blanks)
    return cells
