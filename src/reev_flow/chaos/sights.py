"""What the workers of one run saw, in a file that a kill does not take: what the store says afterwards is held against it."""

import os
from enum import StrEnum
from pathlib import Path

import msgspec

FILE_NAME = "sights.jsonl"


class Seen(StrEnum):
    """What was seen, and of what."""

    TRACE = "trace"  # the flow began, or was gone on with, in the trace of that id
    CALLED = "called"  # a step without a key was called, of that identity
    BEGAN = "began"  # the function of a step
    FINISHED = "finished"  # a step: the store acknowledged its result
    ANSWERED = "answered"  # a question, by its subject: the store acknowledged the answer
    KEPT = "kept"  # spans, as `trace id:ids`: the store of traces acknowledged them
    LEFT = "left"  # the worker ended in order


class Sight(msgspec.Struct, frozen=True, array_like=True):
    """One line of the file, in the order in which the workers wrote."""

    what: Seen
    about: str
    worker: int


class Sights:
    """Of every worker that had the folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._file: int | None = None

    def note(self, what: Seen, about: str = "") -> None:
        """In any thread. Nothing needs to be forced to disk: what is killed is the process, not the machine."""
        if self._file is None:
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(self._file, msgspec.json.encode(Sight(what, about, os.getpid())) + b"\n")

    def read(self) -> list[Sight]:
        lines = self._path.read_bytes().splitlines() if self._path.exists() else []
        return [msgspec.json.decode(line, type=Sight) for line in lines]

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
        self._file = None
