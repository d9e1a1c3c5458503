"""Why a value cannot be stored or read back, and where in it the trouble is."""

import json
from typing import Any

from reev_flow.errors import ReevFlowError

LONGEST_SHOWN_KEY = 40
LONGEST_SHOWN_PATH = 12
REGISTER = "register a codec for its type"
DAMAGED = "the data is damaged or was not written by `encode`"


class UnstorableValue(ReevFlowError):
    """A value that no session can keep: where it is, what it is, and what to do instead."""

    def __init__(self, path: str, kind: str, reason: str, advice: str) -> None:
        super().__init__(path, kind, reason, advice)
        self.path = path
        self.kind = kind
        self.reason = reason
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.path} ({self.kind}) {self.reason}; {self.advice}"


class UnreadableValue(ReevFlowError):
    """A stored value that cannot be turned back: damaged, or its class is gone or has changed."""

    def __init__(self, path: str, reason: str, advice: str) -> None:
        super().__init__(path, reason, advice)
        self.path = path
        self.reason = reason
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.path} cannot be read back: {self.reason}; {self.advice}"


class InvalidCodec(ReevFlowError):
    """A codec that cannot be registered."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason)
        self.name = name
        self.reason = reason

    def __str__(self) -> str:
        return f"codec {self.name!r}: {self.reason}"


class Trouble(Exception):
    """What is wrong with a value, on its way to the caller: each container it passes adds its part of the path."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason, advice)
        self.reason = reason
        self.advice = advice
        self.kind = ""
        self.parts: list[str] = []

    def inside(self, part: str) -> None:
        self.parts.append(part)

    def path_from(self, root: str) -> str:
        parts = self.parts[::-1]
        if len(parts) > LONGEST_SHOWN_PATH:
            parts[LONGEST_SHOWN_PATH // 2 : -LONGEST_SHOWN_PATH // 2] = ["…"]
        return root + "".join(parts)


class Refused(Trouble):
    """A value that is not stored."""


class TooLarge(Exception):
    """A value with more in it than could be stored."""


class Unreadable(Trouble):
    """Stored data that is not turned back into a value."""


def label(kind: type[Any]) -> str:
    """The full name of a class, as a reader of an error knows it."""
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def key_part(key: object) -> str:
    """The part of a path that a dict key makes; what is long is shortened, what is not simple is shown by its type."""
    if isinstance(key, str):
        shown = key if len(key) <= LONGEST_SHOWN_KEY else key[:LONGEST_SHOWN_KEY] + "…"
        return f"[{json.dumps(shown, ensure_ascii=not shown.isprintable())}]"
    is_simple = type(key) in {float, bool, type(None)} or (type(key) is int and key.bit_length() <= 64)
    return f"[{key!r}]" if is_simple else f"[<{label(type(key))}>]"
