"""Time, ids and the spans of OpenTelemetry's SDK in a simulated world: the same for the same seed."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any, TypeVar

import opentelemetry.sdk.trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.id_generator import IdGenerator

from support.virtual_time import VirtualTimeLoop

BEGIN_NS = 1_767_225_600_000_000_123
SECOND = 1_000_000_000

T = TypeVar("T")


class SeededIds(IdGenerator):
    def __init__(self, dice: Random) -> None:
        self._dice = dice

    def generate_span_id(self) -> int:
        return self._dice.getrandbits(63) + 1

    def generate_trace_id(self) -> int:
        return self._dice.getrandbits(127) + 1


class Kept(SpanProcessor):
    """The spans that ended, in that order."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def on_end(self, span: ReadableSpan) -> None:
        self.spans.append(span)


class Stage:
    """A provider of the SDK whose clock is that of a virtual event loop."""

    def __init__(self, dice: Random) -> None:
        self.kept = Kept()
        resource = Resource({"service.name": f"service-{dice.getrandbits(16):x}"})
        self.provider = TracerProvider(resource=resource, id_generator=SeededIds(dice), shutdown_on_exit=False)
        self.provider.add_span_processor(self.kept)
        self._loop = VirtualTimeLoop()

    def now_ns(self) -> int:
        return BEGIN_NS + round(self._loop.time() * SECOND)

    def play(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            with _time_of(self.now_ns):
                return self._loop.run_until_complete(work)
        finally:
            self._loop.close()


@contextmanager
def _time_of(now_ns: Callable[[], int]) -> Iterator[None]:
    """The SDK takes its time from a function of its module."""
    sdk: Any = opentelemetry.sdk.trace
    former = sdk.time_ns
    sdk.time_ns = now_ns
    try:
        yield
    finally:
        sdk.time_ns = former
