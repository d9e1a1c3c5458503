"""What a terminal can show is asked of it and of the environment."""

import io

import pytest

from reev_flow.render.terminal_options import TerminalOptions, options_for


class Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def __init__(self, encoding: str = "utf-8", *, is_terminal: bool = True) -> None:
        super().__init__(io.BytesIO(), encoding=encoding)
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


def test_a_file_gets_plain_text_of_80_columns():
    assert options_for(Terminal(is_terminal=False), {}) == TerminalOptions(width=80, has_color=False)


def test_a_terminal_gets_colour():
    assert options_for(Terminal(), {"TERM": "xterm"}).has_color


@pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colour_can_be_refused(environ: dict[str, str]):
    assert not options_for(Terminal(), environ).has_color


def test_an_empty_refusal_of_colour_is_none():
    assert options_for(Terminal(), {"NO_COLOR": ""}).has_color


@pytest.mark.parametrize(
    ("columns", "width"), [("100", 100), ("7", 24), ("5000", 160), ("wide", 80), ("0", 80), ("", 80)]
)
def test_columns_decide_the_width_within_reason(columns: str, width: int):
    assert options_for(Terminal(is_terminal=False), {"COLUMNS": columns}).width == width


def test_a_terminal_without_columns_is_asked_for_its_size():
    assert options_for(Terminal(), {}).width >= 24


@pytest.mark.parametrize(
    ("encoding", "is_unicode"), [("utf-8", True), ("utf-16", True), ("ascii", False), ("cp1252", False)]
)
def test_only_unicode_terminals_get_more_than_ascii(encoding: str, is_unicode: bool):  # noqa: FBT001 - a drawn case
    assert options_for(Terminal(encoding), {}).is_unicode is is_unicode


def test_a_stream_without_an_encoding_takes_any_character():
    assert options_for(io.StringIO(), {}).is_unicode


def test_the_number_of_rows_is_handed_on():
    assert options_for(Terminal(), {}, rows=None).rows is None
