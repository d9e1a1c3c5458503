"""What the settings say about the spans that are kept: without which secrets, how long, and how much."""

import msgspec

from reev_flow.collect.redaction import Redaction
from reev_flow.settings.loading import Settings

DAY_NS = 24 * 3_600 * 1_000_000_000
MIB = 1 << 20


class TraceLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How long a trace is kept after something was last added to it, and how much room all may take."""

    oldest_ns: int
    most_bytes: int


def redaction_of(settings: Settings) -> Redaction:
    return Redaction(is_on=settings.switch("traces.redaction"), patterns=settings.texts("traces.redaction_patterns"))


def trace_limits(settings: Settings) -> TraceLimits:
    return TraceLimits(
        oldest_ns=int(settings.number("traces.retention_days") * DAY_NS),
        most_bytes=int(settings.number("traces.max_size_mib") * MIB),
    )
