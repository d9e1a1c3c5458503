"""Which inputs a path stands for: a file, the trace files of a folder, or standard input."""

import os
import re
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from reev_flow.errors import InvalidFormat

STDIN = "-"
STDIN_NAME = "standard input"

# Only in folders, where most files are something else, names decide what is read.
TRACE_SUFFIXES = (".json", ".jsonl", ".ndjson", ".otlp", ".pb", ".binpb", ".protobuf", ".bin")
PACKED_SUFFIXES = (".gz", ".zst")
ROTATED = re.compile(r"[.-]\d+$")  # `traces.jsonl.1`, `traces.jsonl-20261122`

OnProblem = Callable[[InvalidFormat], None]


class Input(NamedTuple):
    """Its size in bytes is known of files only, as they are when they are opened."""

    name: str
    stream: BinaryIO
    size: int | None = None


def open_inputs(paths: Sequence[str], on_problem: OnProblem, stdin: BinaryIO | None) -> Iterator[Input]:
    """Every input that can be opened, one at a time, closed when the next is asked for. Standard input stays open."""
    for path in paths:
        if path == STDIN:
            yield from _open_stdin(on_problem, stdin)
        elif path and Path(path).is_dir():
            yield from _open_folder(path, on_problem)
        else:
            yield from _open_file(path, on_problem)


def _open_stdin(on_problem: OnProblem, stdin: BinaryIO | None) -> Iterator[Input]:
    if stdin is None and sys.stdin is not None:
        stdin = sys.stdin.buffer
    if stdin is None:
        on_problem(
            InvalidFormat("is closed", source=STDIN_NAME, advice="pipe a trace into the command, or name a file")
        )
    else:
        yield Input(STDIN_NAME, stdin)


def _open_folder(folder: str, on_problem: OnProblem) -> Iterator[Input]:
    is_empty = True
    for path in _trace_files(folder, on_problem):
        is_empty = False
        yield from _open_file(path, on_problem)
    if is_empty:
        looked_for = ", ".join(f"*{suffix}" for suffix in TRACE_SUFFIXES)
        advice = f"it should hold {looked_for} (each also with {PACKED_SUFFIXES[0]}, or rotated); other names can be given one by one"
        on_problem(InvalidFormat("is a folder without trace files", source=shown(folder), advice=advice))


def _trace_files(folder: str, on_problem: OnProblem) -> Iterator[str]:
    """In the order of their names, the files of a folder before those of the folders in it. Hidden files and folders are skipped."""

    def tell(error: OSError) -> None:
        on_problem(cannot_open(str(error.filename), error))

    for parent, folders, files in os.walk(folder, onerror=tell):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(parent, name)
            if not name.startswith(".") and _is_trace_name(name) and path.is_file():
                yield str(path)


def _is_trace_name(name: str) -> bool:
    """Packed files that cannot be read count too: better that it is told than that they are missed."""
    plain = name.lower()
    for suffix in PACKED_SUFFIXES:
        plain = plain.removesuffix(suffix)
    return ROTATED.sub("", plain).endswith(TRACE_SUFFIXES)


def _open_file(path: str, on_problem: OnProblem) -> Iterator[Input]:
    try:
        stream = open(path, "rb")  # noqa: PTH123, SIM115 - Path("") is "."; the with below must not catch what reading raises
    except (OSError, ValueError) as error:
        on_problem(cannot_open(path, error))
        return
    with stream:
        status = os.fstat(stream.fileno())
        yield Input(shown(path), stream, status.st_size if stat.S_ISREG(status.st_mode) else None)


def cannot_open(path: str, error: OSError | ValueError) -> InvalidFormat:
    known = (told for kind, *told in OPENING_ERRORS if isinstance(error, kind))
    details, advice = next(known, (f"cannot be opened ({error})", "name a readable file"))
    problem = InvalidFormat(details, source=shown(path), advice=advice)
    problem.__cause__ = error
    return problem


OPENING_ERRORS = (
    (FileNotFoundError, "does not exist", "check the path"),
    (PermissionError, "may not be read", "ask its owner for read permission, or name another file"),
)


def shown(path: str) -> str:
    """A path as text that can be printed, whatever bytes its name is made of."""
    return path.encode(errors="backslashreplace").decode()
