"""What --help prints fits the terminal, and is broken only where it has to be."""

from io import StringIO
from itertools import pairwise

import pytest
from rich.console import Console

from reev_flow.cli import app


def help_of(command: str, width: int) -> list[str]:
    written = StringIO()
    app.help_print([command], console=Console(file=written, width=width))
    return written.getvalue().splitlines()


@pytest.mark.parametrize("width", [40, 50, 80, 120])
@pytest.mark.parametrize("command", ["analyze", "check", "compare"])
def test_a_line_is_only_broken_where_the_next_word_does_not_fit(command: str, width: int):
    lines = help_of(command, width)
    broken = [(line, after) for line, after in pairwise(lines) if after.startswith("    ")]
    assert broken
    assert max(map(len, lines)) <= width
    assert all(len(line) + 1 + len(after.split()[0]) > width for line, after in broken)
