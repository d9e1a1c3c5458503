"""When something was, as a person reads it."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo

NS = 1_000_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def told_moment(time_ns: int, zone: tzinfo | None = None, *, to: str = "seconds") -> str:
    """With the offset of the zone, or of the machine's own zone then: `2026-11-22 19:30:02 +01:00`."""
    try:
        moment = EPOCH + timedelta(microseconds=time_ns // 1_000)
    except OverflowError:
        return f"{time_ns} ns"
    with suppress(OSError, OverflowError):  # a machine may not know its zone so long ago; UTC is right everywhere
        moment = moment.astimezone(zone)
    told = moment.isoformat(sep=" ", timespec=to)
    return f"{told[:-6]} {told[-6:]}"


def told_age(time_ns: int, now_ns: int) -> str:
    """In the largest unit that fits: `just now`, `52 s ago`, `3 h ago`, `12 d ago`."""
    seconds = (now_ns - time_ns) // NS
    for unit_seconds, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        if seconds >= unit_seconds:
            return f"{seconds // unit_seconds:,} {unit} ago"
    return "just now"
