"""Moments that formats write as text, in UTC nanoseconds since 1970."""

import math
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from reev_flow.collect.otlp_values import UINT64, read_nanoseconds

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND_NS = 1_000_000_000
NANOSECOND_DIGITS = 9
DATE_AND_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)? ?(?:(Z|UTC)|([+-])(\d\d):?(\d\d))?",
    re.ASCII | re.IGNORECASE,
).fullmatch
SECONDS = re.compile(r"(\d{1,11})(?:\.(\d{1,30}))?", re.ASCII).fullmatch


def read_moment(raw: Any) -> int:
    """Of ISO 8601 to the nanosecond, also with a blank for the T; without an offset it is UTC. 0 for anything else."""
    found = DATE_AND_TIME(raw.strip()) if isinstance(raw, str) else None
    if found is None:
        return 0
    year, month, day, hour, minute = map(int, found.groups()[:5])
    second, fraction, _, sign, offset_hours, offset_minutes = found.groups()[5:]
    try:
        zone = _zone(sign, offset_hours, offset_minutes)
        moment = datetime(year, month, day, hour, minute, int(second or 0), tzinfo=zone)
        since = moment - EPOCH
    except (ValueError, OverflowError):
        return 0
    time_ns = (since.days * 86_400 + since.seconds) * SECOND_NS + _fraction_ns(fraction)
    return time_ns if time_ns in UINT64 else 0


def read_moment_or_number(raw: Any, unit_ns: int) -> int:
    """The same, or a number of units since 1970: a whole one, its digits, or one with a fraction."""
    if isinstance(raw, str) and (found := SECONDS(raw)) and (found[2] or unit_ns == SECOND_NS):
        return _within(int(found[1]) * unit_ns + _fraction_ns(found[2]) * unit_ns // SECOND_NS)
    if isinstance(raw, float):
        counted_ns = raw * unit_ns
        return _within(int(counted_ns)) if math.isfinite(counted_ns) else 0
    return _within(read_nanoseconds(raw) * unit_ns) or read_moment(raw)


def _within(time_ns: int) -> int:
    return time_ns if time_ns in UINT64 else 0


def _zone(sign: str | None, hours: str, minutes: str) -> timezone:
    if sign is None:
        return UTC
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if sign == "-" else offset)


def _fraction_ns(digits: str | None) -> int:
    return int((digits or "")[:NANOSECOND_DIGITS].ljust(NANOSECOND_DIGITS, "0"))
