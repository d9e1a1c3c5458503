"""An outside witness of the demo: a file, beside the session, to which each tool adds a line when it begins and when it ends."""

import functools
import os
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

BEGINS = "begins"
ENDS = "ends"
FAILS = "fails"


class Line(msgspec.Struct, frozen=True):
    """One thing that happened, as the process saw it in which it did."""

    process: int
    tool: str
    what: str


class Tally:
    """Knows nothing of sessions, and is asked by nobody who runs them."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def counted(self, tool: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(tool)
        def with_tally(*args: Any, **kwargs: Any) -> Any:
            self._add(tool.__name__, BEGINS)
            try:
                result = tool(*args, **kwargs)
            except Exception:
                self._add(tool.__name__, FAILS)
                raise
            self._add(tool.__name__, ENDS)
            return result

        return with_tally

    def _add(self, tool: str, what: str) -> None:
        """With one write, so that lines of several threads do not mix; a killed process has handed over what it wrote."""
        target = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            os.write(target, f"{os.getpid()} {tool} {what}\n".encode())
        finally:
            os.close(target)

    def read(self) -> tuple[Line, ...]:
        """Nothing before anything happened. What another process is just writing is left for the next time."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ()
        parts = (line.split() for line in text.split("\n")[:-1])
        return tuple(Line(int(process), tool, what) for process, tool, what in parts)


def at_work(lines: Sequence[Line]) -> Counter[str]:
    """Which tools began and have not ended."""
    begun = Counter(line.tool for line in lines if line.what == BEGINS)
    return begun - Counter(line.tool for line in lines if line.what != BEGINS)
