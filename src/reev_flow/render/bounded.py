"""Texts and values from a trace, cut where they are too long to be passed on."""

from typing import Any

import msgspec

from reev_flow.trace.canonical import canonical
from reev_flow.trace.span import Value

LONGEST_TEXT = 4_000
"""Characters of a text, or of a value's JSON; what is cut ends in `… (N more characters)`."""


class BoundedValue(msgspec.Struct, frozen=True, kw_only=True):
    """The value itself, or the beginning of its JSON."""

    value: Any
    is_cut: bool


def bounded_text(text: str) -> str:
    hidden = len(text) - LONGEST_TEXT
    return text if hidden <= 0 else f"{text[:LONGEST_TEXT]}… ({hidden:,} more characters)"


def bounded_value(value: Value) -> BoundedValue:
    """A string counts as a text, everything else as JSON; what is nested too deeply for JSON becomes a remark."""
    if isinstance(value, str):
        return BoundedValue(value=bounded_text(value), is_cut=len(value) > LONGEST_TEXT)
    try:
        text = canonical(value).decode()
    except RecursionError:
        return BoundedValue(value="… (nested too deeply to be shown)", is_cut=True)
    if len(text) <= LONGEST_TEXT:
        return BoundedValue(value=value, is_cut=False)
    return BoundedValue(value=bounded_text(text), is_cut=True)
