"""How long the insights of one run may be worked on, and a trace that looks at the clock while it is walked."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TypeVar

from msgspec.structs import replace

from reev_flow.clock import Clock, SystemClock
from reev_flow.errors import ProcessingTimedOut
from reev_flow.trace.trace import Trace

T = TypeVar("T")

STRIDE = 4_096  # items between two looks at the clock


class TimeBudget:
    """Runs from the first look at it on. Without a limit there is always time."""

    def __init__(self, milliseconds: float | None = None, *, clock: Clock | None = None) -> None:
        self.milliseconds = milliseconds
        self.is_exceeded = False
        self._clock = clock or SystemClock()
        self._ends_ns: int | None = None

    def check(self, trace_id: str) -> None:
        """Raises `ProcessingTimedOut` once the time is over, and from then on."""
        if self.milliseconds is None:
            return
        now_ns = self._clock.monotonic_ns()
        if self._ends_ns is None:
            self._ends_ns = now_ns + int(self.milliseconds * 1_000_000)
        if now_ns >= self._ends_ns:
            self.is_exceeded = True
            raise ProcessingTimedOut(trace_id, self.milliseconds)


UNLIMITED = TimeBudget()


class Paced(tuple[T, ...]):  # noqa: SLOT001 - it holds the budget beside its items
    """A tuple that looks at the budget whenever a walk over it begins, and every so often while it goes on."""

    budget: TimeBudget
    trace_id: str

    @classmethod
    def of(cls, items: Iterable[T], budget: TimeBudget, trace_id: str) -> "Paced[T]":
        paced = cls(items)
        paced.budget, paced.trace_id = budget, trace_id
        return paced

    def __iter__(self) -> Iterator[T]:
        self.budget.check(self.trace_id)
        if len(self) <= STRIDE:
            return super().__iter__()
        return chain.from_iterable(self._strides())

    def _strides(self) -> Iterator[tuple[T, ...]]:
        for start in range(0, len(self), STRIDE):
            self.budget.check(self.trace_id)
            yield self[start : start + STRIDE]


def paced(trace: Trace, budget: TimeBudget) -> Trace:
    """The same trace; every walk over its spans or their parents may end with `ProcessingTimedOut`. Costs nothing without a limit."""
    if budget.milliseconds is None:
        return trace
    return replace(
        trace,
        spans=Paced.of(trace.spans, budget, trace.trace_id),
        parents=Paced.of(trace.parents, budget, trace.trace_id),
    )
