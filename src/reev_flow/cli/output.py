"""What the command writes: text for people, data for programs, and one line when something cannot be done."""

import os
import sys
from contextlib import suppress

from reev_flow.render.printable import printable


def write_text(text: str) -> None:
    """In the encoding of the terminal; what it cannot show is spelled out."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))


def write_data(text: str) -> None:
    """As UTF-8 whatever the locale says, as JSON and Mermaid are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())


def tell(line: str) -> None:
    """On standard error, where there is one. Paths and names in it may hold anything."""
    if sys.stderr is None:
        return
    encoding = sys.stderr.encoding or "utf-8"
    with suppress(OSError):  # there is nobody left to tell
        sys.stderr.write(told_line(line).encode(encoding, "backslashreplace").decode(encoding) + "\n")


def told_line(line: str) -> str:
    return f"reev-flow: {printable(line)}"


def give_up_writing() -> None:
    """What is still buffered goes nowhere, so that the interpreter has nothing to complain of at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
