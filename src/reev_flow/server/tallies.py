"""What the server counts about itself."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from reev_flow.clock import Clock

SECOND_NS = 1_000_000_000
BUCKET_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What came how: `http` or `grpc`; `traces`, `logs` or `metrics`."""

    transport: str
    signal: str


class Duration(msgspec.Struct):
    """How long things took, sorted into `BUCKET_SECONDS` and one more for what took longer."""

    counts: list[int]
    sum_seconds: float = 0.0

    def add(self, seconds: float) -> None:
        bucket = next((place for place, most in enumerate(BUCKET_SECONDS) if seconds <= most), len(BUCKET_SECONDS))
        self.counts[bucket] += 1
        self.sum_seconds += seconds


class Tallies:
    """Counts since the server began. Used by one thread."""

    def __init__(self, clock: Clock) -> None:
        self.began_ns = clock.now_ns()
        self._clock = clock
        self.requests: Counter[tuple[Source, str]] = (
            Counter()
        )  # by how they were answered: an HTTP status or a gRPC code
        self.received_bytes: Counter[Source] = Counter()
        self.accepted: Counter[Source] = Counter()
        self.rejected: Counter[Source] = Counter()
        self.seconds: dict[Source, Duration] = {}
        self.under_way = 0
        self.store_failures = 0

    @contextmanager
    def timed(self, source: Source) -> Iterator[None]:
        began_ns = self._clock.monotonic_ns()
        self.under_way += 1
        try:
            yield
        finally:
            self.under_way -= 1
            duration = self.seconds.setdefault(source, Duration(counts=[0] * (len(BUCKET_SECONDS) + 1)))
            duration.add((self._clock.monotonic_ns() - began_ns) / SECOND_NS)
