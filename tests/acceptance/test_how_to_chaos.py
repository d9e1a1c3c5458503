"""What the how-to about chaos shows is what happens."""

import os
import re
from pathlib import Path

import pytest

from support.pages import commands_of, run_in_one_shell, write_files_of

PAGE = "docs/how-to/chaos.md"
PASSED = re.compile(r"run: \d+;")  # how many writes there are depends on which of them share a commit


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_the_page_shows_what_the_commands_print(tmp_path: Path):
    write_files_of(PAGE, tmp_path)
    shown = commands_of(PAGE)
    printed = run_in_one_shell([command for command, _ in shown], tmp_path)
    for (command, expected), found in zip(shown, printed, strict=True):
        assert in_any_order(found) == in_any_order(expected), command


def in_any_order(text: str) -> list[str]:
    """Points are told as they come."""
    return sorted(PASSED.sub("run: N;", line).strip() for line in text.strip().splitlines())
