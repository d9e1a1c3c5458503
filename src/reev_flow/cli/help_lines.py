"""What --help prints, wrapped where the terminal ends."""

from io import StringIO
from textwrap import wrap
from typing import TYPE_CHECKING

from cyclopts.help.formatters.plain import PlainFormatter

if TYPE_CHECKING:
    from cyclopts.help import HelpPanel
    from rich.console import Console, ConsoleOptions

UNWRAPPED = 100_000  # columns
DEEPER = "  "


class WrappedOnce(PlainFormatter):
    """As plain as that of cyclopts, which wraps descriptions once by themselves and again behind their names."""

    def __call__(self, console: "Console", options: "ConsoleOptions", panel: "HelpPanel") -> None:  # noqa: ARG002 - cyclopts gives it
        from rich.console import Console  # noqa: PLC0415 - every command would load it

        written = StringIO()
        wide = Console(file=written, width=UNWRAPPED)
        super().__call__(wide, wide.options, panel)
        for line in written.getvalue().splitlines():
            indent = line[: len(line) - len(line.lstrip())]
            wrapped = wrap(line, console.width, subsequent_indent=indent + DEEPER, break_on_hyphens=False)
            for part in wrapped or [""]:
                console.print(part, highlight=False, markup=False, soft_wrap=True)
