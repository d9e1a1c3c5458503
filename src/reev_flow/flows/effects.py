"""What may be done with a step that was caught in the middle, as flows, steps and tools declare it."""

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import msgspec

from reev_flow.errors import InvalidStep
from reev_flow.sessions.journal import Effect


class Happened(msgspec.Struct, frozen=True):
    """A probe's answer: the interrupted step did its work, and this is its result."""

    result: Any = None


class NotHappened(msgspec.Struct, frozen=True):
    """A probe's answer: the interrupted step did nothing, and may be run again."""


Probe: TypeAlias = Callable[..., Any]
OnInterrupt: TypeAlias = Literal["ask", "rerun", "fail"] | Effect | Probe

WORDS = {effect.value: effect for effect in (Effect.ASK, Effect.RERUN, Effect.FAIL)}


class Declared(msgspec.Struct, frozen=True):
    """An effect, and the function that finds out when it is `PROBE`."""

    effect: Effect
    probe: Probe | None = None


def declared(step: str, on_interrupt: OnInterrupt) -> Declared:
    """Raises `InvalidStep` for anything but `ask`, `rerun`, `fail` or a function."""
    if isinstance(on_interrupt, str) and on_interrupt in _BY_WORD:
        return _BY_WORD[on_interrupt]
    if callable(on_interrupt) and not isinstance(on_interrupt, str):
        return Declared(Effect.PROBE, on_interrupt)
    raise InvalidStep(
        step,
        f"on_interrupt={on_interrupt!r} is nothing known",
        'use "ask", "rerun", "fail" or a function that finds out',
    )


def hinted(function: Callable[..., Any]) -> Literal["rerun"] | None:
    """What a tool says of itself with MCP's annotations: one that only reads, or may be repeated, may be run again."""
    hints = getattr(function, "annotations", None)
    for name in ("readOnlyHint", "idempotentHint"):
        if (hints.get(name) if isinstance(hints, dict) else getattr(hints, name, None)) is True:
            return "rerun"
    return None


_BY_WORD = {word: Declared(effect) for word, effect in WORDS.items()}
