"""What happened outside of a flow, by whatever means the outside remembers it."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

import msgspec

FILE_NAME = "effects.jsonl"
TELLS = "chaos_ledger"


class Happening(msgspec.Struct, frozen=True):
    """One effect. `key` is the idempotency key of the step that had it, empty when no step gave one; `result` is plain JSON."""

    what: str
    key: str = ""
    result: Any = None

    @property
    def identity(self) -> str:
        """Two effects of the same step are the same one, twice."""
        return self.key or self.what


class Ledger(Protocol):
    """The books of the outside world."""

    def read(self) -> list[Happening]:
        """Oldest first, every effect as often as it happened."""


class StubLedger:
    """Kept for stubs, which have no outside of their own: one line for each call that returned, forced to disk."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME

    def read(self) -> list[Happening]:
        lines = (
            self._path.read_bytes().split(b"\n")[:-1] if self._path.exists() else []
        )  # the last may have been cut off
        return [msgspec.json.decode(line, type=Happening) for line in lines]

    def add(self, happening: Happening) -> None:
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, msgspec.json.encode(happening) + b"\n")
            os.fsync(file)
        finally:
            os.close(file)


class ToldLedger:
    """What the user's own `chaos_ledger(folder)` tells: triples of what happened, its key, and its result."""

    def __init__(self, tell: Callable[[], Iterable[tuple[str, str, Any]]]) -> None:
        self._tell = tell

    def read(self) -> list[Happening]:
        return [Happening(what, key, as_json(result)) for what, key, result in self._tell()]


def as_json(value: Any) -> Any:
    """As a person could tell it; None for what no JSON can be made of."""
    try:
        return msgspec.json.decode(msgspec.json.encode(value, enc_hook=_of_model))
    except (TypeError, ValueError, NotImplementedError):
        return None


def _of_model(value: Any) -> Any:
    dump = getattr(value, "model_dump", None)
    if dump is None:
        raise NotImplementedError
    return dump(mode="json")
