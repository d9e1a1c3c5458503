"""What a flow does to the world outside of its steps: it does that again whenever it is gone on with."""

import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from fnmatch import fnmatchcase
from pathlib import Path
from types import FrameType
from typing import Any

from reev_flow.chaos.ledger import Happening, StubLedger
from reev_flow.flows.work import running_step

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
OURS = str(Path(__file__).parents[1])
WATCHER = str(Path(__file__).with_name("watched_session.py"))
IMPORT = "<frozen importlib"
LIBRARIES = tuple(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
DEEDS = {
    "open": "writes",
    "os.remove": "removes",
    "os.rename": "renames",
    "os.rmdir": "removes",
    "os.truncate": "cuts off",
    "socket.connect": "connects to",
    "socket.sendto": "sends to",
    "subprocess.Popen": "starts",
    "os.system": "starts",
    "os.posix_spawn": "starts",
}

in_flow: ContextVar[bool] = ContextVar("reev_flow_chaos_in_flow", default=False)


def watch_between_steps(folder: Path, harmless: Iterable[str]) -> None:
    """From now on, for as long as this process lives: Python takes no such watch back. What fits none of the patterns `harmless` goes into
    the books, under the place in the code where it is done.
    """
    books, own, patterns = StubLedger(folder), str(folder), tuple(harmless)
    names = DEEDS.keys()

    def watch(event: str, args: tuple[Any, ...]) -> None:
        if event not in names or not in_flow.get() or running_step.get() is not None:
            return
        what = _object_of(event, args)
        if what is None or what.startswith((own, "/dev/")) or any(fnmatchcase(what, one) for one in patterns):
            return
        place = _place(sys._getframe(1))  # noqa: SLF001 - there is no other way to know who does it
        if place is not None:
            books.add(Happening(f"outside of steps: {place} {DEEDS[event]} {what}", f"outside of steps: {place}"))

    sys.addaudithook(watch)


def _object_of(event: str, args: tuple[Any, ...]) -> str | None:
    """None for what does nothing to the world."""
    match event, args:
        case "open", (path, _, int(flags)):
            is_written = bool(flags & WRITES) and isinstance(path, (str, bytes, os.PathLike))
            return os.fsdecode(path) if is_written else None
        case (("socket.connect" | "socket.sendto"), (_, address, *_)):
            return str(address)
        case _, (what, *_):
            return os.fsdecode(what) if isinstance(what, (str, bytes, os.PathLike)) else str(what)
    return None


def _place(frame: FrameType) -> str | None:
    """The nearest line of the user's; None when it is this package, or an import, that does it."""
    nearest = None
    for file, line in _lines(frame):
        if file.startswith(IMPORT) or (file.startswith(OURS) and file != WATCHER):
            return None
        if nearest is None and not file.startswith((*LIBRARIES, "<")):
            nearest = f"{Path(file).name}:{line}"
        if file == WATCHER:
            break
    return nearest or "a library"


def _lines(frame: FrameType | None) -> Iterator[tuple[str, int]]:
    """From the inside out."""
    while frame is not None:
        yield frame.f_code.co_filename, frame.f_lineno
        frame = frame.f_back
