"""Attribute values as what they are meant to be; None for everything that is not that."""

import msgspec

from reev_flow.collect.cut_json import read_cut_json
from reev_flow.collect.json_text import InvalidJson, read_json_text
from reev_flow.trace.span import Value

LARGEST = (1 << 63) - 1
MOST_DIGITS = 19
MOST_NESTING = 64  # JSON text nested deeper stays text


BEGINNINGS_OF_JSON = frozenset('"-0123456789tfn \t\r\n')
EMPTY_AS_JSON = '""'


def as_text(value: Value) -> str | None:
    """Also "", which some senders write as JSON."""
    if value == EMPTY_AS_JSON:
        return ""
    return value if isinstance(value, str) else None


def text(value: Value) -> str | None:
    """Also a string that is written as JSON."""
    if isinstance(value, str) and value.startswith('"'):
        value = structure(value)
    return value if isinstance(value, str) and value.strip() else None


def texts(value: Value) -> tuple[str, ...] | None:
    """A list of strings, also as JSON, or a single string."""
    if isinstance(value, str):
        if not value.startswith("["):
            return (value,) if value else None
        value = structure(value)
    entries = value if isinstance(value, list) else [value]
    return tuple(entry for entry in entries if isinstance(entry, str) and entry) or None


def integer(value: Value) -> int | None:
    """A count: numbers and their digits, nothing negative, no truth values."""
    if isinstance(value, str):
        digits = value.strip().removesuffix(".0")
        value = int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS else None
    elif isinstance(value, float):
        value = int(value) if value.is_integer() else None
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= LARGEST else None


def structure(value: Value) -> Value:
    """The value of a string that is JSON, or what is whole of JSON that was cut; everything else as it is."""
    if not isinstance(value, str):
        return value
    if value.startswith(("{", "[")):
        return _parsed(value)
    if value[:1] not in BEGINNINGS_OF_JSON:  # nearly all texts; a decoder's error would take longer
        return value
    try:
        scalar: Value = msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return value
    is_rewritten = isinstance(scalar, (int, float)) and not isinstance(scalar, bool) and str(scalar) != value
    return value if is_rewritten else scalar


def _parsed(value: str) -> Value:
    try:
        parsed: Value = read_json_text(value)
    except InvalidJson:
        parsed = read_cut_json(value)
        if parsed is None:
            return value
    may_be_deep = len(value) > 2 * MOST_NESTING and value.count("[") + value.count("{") > MOST_NESTING
    return value if may_be_deep and not _is_shallow(parsed) else parsed


def _is_shallow(value: Value) -> bool:
    level = [value]
    for _ in range(MOST_NESTING):
        level = [part for whole in level for part in _parts(whole)]
        if not level:
            return True
    return False


def _parts(value: Value) -> list[Value]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
