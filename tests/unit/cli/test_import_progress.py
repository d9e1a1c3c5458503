import io

import pytest

from reev_flow.cli.import_progress import Progress, how_far

SECOND_NS = 1_000_000_000


class Terminal(io.StringIO):
    """Standard error that is a terminal."""

    def isatty(self) -> bool:
        return True


class SteppedClock:
    """A second passes each time somebody looks."""

    def __init__(self) -> None:
        self.seconds = 0

    def now_ns(self) -> int:
        return self.monotonic_ns()

    def monotonic_ns(self) -> int:
        self.seconds += 1
        return self.seconds * SECOND_NS


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("TERM", "xterm")
    return Terminal()


def test_a_terminal_is_shown_how_far_it_is(terminal: Terminal):
    Progress(SteppedClock(), terminal).show("traces.jsonl", 50, 100, 2_000)

    assert terminal.getvalue() == "\r\x1b[Ktraces.jsonl  [############            ]  50%  2,000 spans, 2,000/s"


def test_the_line_is_taken_away_before_something_else_is_told(terminal: Terminal):
    progress = Progress(SteppedClock(), terminal)
    progress.show("traces.jsonl", 1, 1, 1)
    progress.clear()
    progress.clear()

    assert terminal.getvalue().count("\r\x1b[K") == 2


def test_names_are_made_safe_and_short(terminal: Terminal):
    Progress(SteppedClock(), terminal).show("very/" * 20 + "\x1b[31mred", 1, 1, 1)

    assert "\x1b[31m" not in terminal.getvalue()
    assert len(terminal.getvalue()) < 120


def test_a_file_is_shown_nothing():
    file = io.StringIO()

    Progress(SteppedClock(), file).show("traces.jsonl", 1, 1, 1)

    assert file.getvalue() == ""


def test_a_terminal_that_cannot_go_back_is_shown_nothing(terminal: Terminal, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TERM", "dumb")

    Progress(SteppedClock(), terminal).show("traces.jsonl", 1, 1, 1)

    assert terminal.getvalue() == ""


def test_without_a_size_what_was_read_is_told():
    assert how_far(3 << 20, None) == "3.0 MiB"


def test_a_file_that_grew_meanwhile_is_never_more_than_whole():
    assert how_far(300, 100).endswith("100%")
