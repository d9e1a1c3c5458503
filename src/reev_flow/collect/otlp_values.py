"""What OTLP's ids, enums, numbers and times mean, in each form they are written in."""

import base64
import math
import re
from typing import Any, TypeVar

from reev_flow.trace.span import Flag, SpanKind, Status

INT64 = range(-(1 << 63), 1 << 63)
UINT64 = range(1 << 64)
MOST_DIGITS = 20

HEX = re.compile(r"[0-9a-fA-F]+").fullmatch
ID_BYTES = (8, 16)  # of a span and of a trace
FROM_URL_SAFE = str.maketrans("-_", "+/")


Member = TypeVar("Member", SpanKind, Status)


def _by_any_name(members: dict[int, Member], prefix: str) -> dict[int | str | None, Member]:
    """Enum members by number, by its digits, and by name with and without the prefix that protobuf gives it."""
    by_key: dict[int | str | None, Member] = {}
    for number, member in members.items():
        by_key |= dict.fromkeys((number, str(number), member.name, prefix + member.name), member)
    return by_key


KINDS = _by_any_name(dict(enumerate(SpanKind)), "SPAN_KIND_")
STATUSES = _by_any_name({0: Status.UNSET, 1: Status.OK, 2: Status.ERROR}, "STATUS_CODE_")


def read_kind(raw: Any) -> SpanKind:
    return KINDS.get(_enum_key(raw), SpanKind.UNSPECIFIED)


def read_status(raw: Any) -> Status:
    return STATUSES.get(_enum_key(raw), Status.UNSET)


def read_id(raw: Any) -> str | None:
    """Lower-case hex for hex and for base64 of 8 or 16 bytes; other text as it is; None for nothing, zeros or no text."""
    if not isinstance(raw, str) or not raw.strip("0"):
        return None
    if HEX(raw):
        return raw.lower()
    decoded = _from_base64(raw)
    return id_from_bytes(decoded) if decoded is not None and len(decoded) in ID_BYTES else raw


def id_from_bytes(raw: bytes) -> str | None:
    """None for nothing and for zeros."""
    return raw.hex() if raw.strip(b"\0") else None


def read_integer(raw: Any) -> int | None:
    """A 64-bit integer, which JSON senders write as text or as a number."""
    if isinstance(raw, str):
        digits = raw.removeprefix("-")
        number = int(raw) if digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS else None
    elif isinstance(raw, float):
        number = int(raw) if raw.is_integer() else None
    else:
        number = raw if isinstance(raw, int) and not isinstance(raw, bool) else None
    return number if number is not None and number in INT64 else None


def read_float(raw: Any) -> float | None:
    """Also the words protobuf has for what JSON cannot say: NaN, Infinity, -Infinity."""
    if isinstance(raw, bool) or not isinstance(raw, (int, float, str)):
        return None
    try:
        return float(raw)
    except (ValueError, OverflowError):
        return None


def read_bytes(raw: Any) -> bytes | None:
    if not isinstance(raw, str):
        return None
    return _from_base64(raw)


def read_nanoseconds(raw: Any) -> int:
    """0 when there is none, as in protobuf."""
    if isinstance(raw, str):
        raw = int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= MOST_DIGITS else 0
    if isinstance(raw, float):
        raw = int(raw) if math.isfinite(raw) else 0
    return raw if isinstance(raw, int) and not isinstance(raw, bool) and raw in UINT64 else 0


def settle_times(start_ns: int, end_ns: int) -> tuple[int, int, frozenset[Flag]]:
    """Start, end, and what is missing; 0 means missing. A span without an end is taken to end where it starts until it is assembled."""
    if start_ns and end_ns:
        return start_ns, end_ns, NOTHING_MISSING
    if start_ns:
        return start_ns, start_ns, NO_END
    return 0, end_ns, NO_START if end_ns else NO_TIMES


NOTHING_MISSING: frozenset[Flag] = frozenset()
NO_END = frozenset({Flag.UNFINISHED})
NO_START = frozenset({Flag.MISSING_START})
NO_TIMES = NO_END | NO_START


def _enum_key(raw: Any) -> int | str | None:
    if isinstance(raw, str):
        return raw.upper()
    return raw if isinstance(raw, int) else None


def _from_base64(raw: str) -> bytes | None:
    """Both alphabets, with or without padding."""
    digits = raw.rstrip("=").translate(FROM_URL_SAFE)
    try:
        return base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True)
    except ValueError:  # binascii.Error is one, and so is text that is not ASCII
        return None
