"""Nanoseconds as a person reads them."""

STEPS = ((1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs"))


def told_duration(duration_ns: int) -> str:
    """Three significant digits in the largest fitting unit: `850 ns`, `1.20 ms`, `4.21 s`, `2 min 05 s`, `3 h 20 min`."""
    if duration_ns < 0:
        return f"-{told_duration(-duration_ns)}"
    if duration_ns >= 59_950_000_000:
        return _told_minutes(duration_ns)
    for unit_ns, unit in STEPS:
        if duration_ns >= unit_ns * 0.9995:
            return f"{_three_digits(duration_ns / unit_ns)} {unit}"
    return f"{duration_ns} ns"


def _three_digits(number: float) -> str:
    if number >= 99.95:
        return f"{number:.0f}"
    return f"{number:.1f}" if number >= 9.995 else f"{number:.2f}"


def _told_minutes(duration_ns: int) -> str:
    seconds = round(duration_ns / 1_000_000_000)
    if seconds < 3_600:
        return f"{seconds // 60} min {seconds % 60:02} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60:,} h {minutes % 60:02} min"
