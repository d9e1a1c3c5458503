"""Rich's output as text that the reader's terminal can show."""

from collections.abc import Iterable
from io import StringIO

from rich.console import Console, RenderableType
from rich.text import Text

from reev_flow.render.mermaid_text import shorten
from reev_flow.render.node_titles import INSIDE, TIMES
from reev_flow.render.printable import printable
from reev_flow.render.terminal_options import TerminalOptions

LONGEST_TEXT = 600

# One character for one, so that columns keep their width. Text from the trace is ASCII by then.
_ASCII = str.maketrans(f"{TIMES}{INSIDE}·→…µ✗━─│├└", "x>->.ux=-||`")
_ASCII_WORDS = str.maketrans({"…": "...", "·": "-", TIMES: "x", "→": "->", "µ": "u"})


def shown(text: str, options: TerminalOptions) -> str:
    """Text from a trace, safe, of bearable length and in the characters that the terminal has."""
    safe = printable(shorten(text, LONGEST_TEXT))
    return safe if options.is_unicode else safe.translate(_ASCII_WORDS).encode("ascii", "backslashreplace").decode()


def page(parts: Iterable[RenderableType], options: TerminalOptions) -> str:
    """Every part on lines of its own; no line ends in blanks unless colours need them."""
    written = StringIO()
    console = Console(
        file=written,
        width=options.width,
        color_system="standard" if options.has_color else None,
        force_terminal=options.has_color,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},
    )
    for part in parts:
        console.print(part)
    text = written.getvalue() if options.is_unicode else written.getvalue().translate(_ASCII)
    return text if options.has_color else "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def heading(words: str) -> list[RenderableType]:
    return [Text(""), Text(words, style="bold")]


def without_time(missing: Iterable[str]) -> str:
    """What a page does not tell because the time was over."""
    told = ", ".join(name.replace("_", " ") for name in missing) or "some parts"
    return f"partial: the time did not suffice for {told}; REEV_TRACE_PROCESSING_TIMEOUT_MS sets how long it may take"
