"""What a terminal can show, and how much of a run is wanted."""

import shutil
from collections.abc import Mapping
from datetime import tzinfo
from typing import TextIO

import msgspec

NARROWEST = 24
MOST_DIGITS = 9
WIDEST = 160  # beyond it the eye loses the row
DEFAULT_WIDTH = 80
DEFAULT_ROWS = 60


class TerminalOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Plain and 80 columns wide unless told otherwise.

    `rows` is the most a tree may take before it is folded, None for no limit; `zone` is the reader's time zone, None for the machine's
    own. Without `is_unicode` only ASCII is written.
    """

    width: int = DEFAULT_WIDTH
    rows: int | None = DEFAULT_ROWS
    has_color: bool = False
    is_unicode: bool = True
    zone: tzinfo | None = None


def options_for(stream: TextIO, environ: Mapping[str, str], *, rows: int | None = DEFAULT_ROWS) -> TerminalOptions:
    """Plain and 80 columns wide unless the stream is a terminal; `COLUMNS` and `NO_COLOR` keep their meaning."""
    is_terminal = stream.isatty()
    encoding = (getattr(stream, "encoding", None) or "utf-8").lower().replace("-", "").replace("_", "")
    return TerminalOptions(
        width=_width(environ, is_terminal=is_terminal),
        rows=rows,
        has_color=is_terminal and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb",
        is_unicode=encoding.startswith("utf"),
    )


def _width(environ: Mapping[str, str], *, is_terminal: bool) -> int:
    asked = environ.get("COLUMNS", "")
    if len(asked) <= MOST_DIGITS and asked.isascii() and asked.isdigit() and int(asked) > 0:
        width = int(asked)
    else:
        width = shutil.get_terminal_size((DEFAULT_WIDTH, 24)).columns if is_terminal else DEFAULT_WIDTH
    return min(max(width, NARROWEST), WIDEST)
