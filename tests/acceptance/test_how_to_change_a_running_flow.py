"""Whoever changes the code of a running flow as the how-to does sees what it shows."""

import os
from pathlib import Path

import pytest

from support.pages import commands_of, run_in_one_shell, same_but_for_times_and_ids, write_files_of

PAGE = "docs/how-to/change-a-running-flow.md"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the page shows a POSIX shell")


def test_the_how_to_shows_what_is_printed(tmp_path: Path):
    write_files_of(PAGE, tmp_path)
    shown = commands_of(PAGE)
    printed = run_in_one_shell([command for command, _ in shown], tmp_path)
    for (command, output), told in zip(shown, printed, strict=True):
        assert (command, same_but_for_times_and_ids(told)) == (command, same_but_for_times_and_ids(output))
