"""Rows of text as columns, or as blocks."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from reev_flow.cli.tables import table
from reev_flow.render.terminal_options import TerminalOptions

HEAD = ("id", "count", "name")
ROWS = st.lists(st.tuples(st.text(max_size=4), st.text(max_size=30), st.text(max_size=30)), max_size=5)


@given(rows=ROWS, width=st.integers(24, 160))
def test_no_line_is_wider_than_the_terminal(rows: list[tuple[str, ...]], width: int):
    told = table(HEAD, rows, TerminalOptions(width=width))
    assert all(cell_len(line) <= max(width, 40) for line in told.split("\n"))


def test_no_cell_breaks_its_line():
    assert table(HEAD, [("a\nb", "1\r", "\u2028c")], TerminalOptions(width=160)).count("\n") == 2


@given(rows=ROWS)
def test_nothing_but_ascii_is_written_where_the_terminal_has_no_more(rows: list[tuple[str, ...]]):
    assert table(HEAD, rows, TerminalOptions(is_unicode=False)).isascii()


def test_numbers_end_at_the_same_column_and_the_last_column_is_cut():
    rows = [("a", "9", "x" * 40), ("b", "1,000", "y")]
    assert table(HEAD, rows, TerminalOptions(width=30), numbers={"count"}) == (
        "id  count  name\na       9  xxxxxxxxxxxxxxxxxx…\nb   1,000  y\n"
    )


def test_rows_are_blocks_where_columns_do_not_fit():
    rows = [("a" * 20, "9", "x" * 40)]
    assert table(HEAD, rows, TerminalOptions(width=30)) == (
        "aaaaaaaaaaaaaaaaaaaa\n  count 9\n  name xxxxxxxxxxxxxxxxxxxxxx…\n"
    )
