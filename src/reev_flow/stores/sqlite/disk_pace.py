"""Whether an event loop may wait for the disk itself, by how long it had to lately."""

from reev_flow.clock import Clock

LONGEST_NS = 2_000_000
MOST_OF_ITS_TIME = 0.01


class DiskPace:
    """A loop that stands still for a moment is better off than one that changes threads twice; one that stands still for long is not.

    What took too long costs no more than the hundredth part of a loop's time: for as much longer nothing is asked of it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._not_before_ns = 0

    def may_be_waited_for(self) -> bool:
        return self._clock.monotonic_ns() >= self._not_before_ns

    def now_ns(self) -> int:
        return self._clock.monotonic_ns()

    def was_waited_for_since(self, began_ns: int) -> None:
        """By a loop."""
        now_ns = self._clock.monotonic_ns()
        if now_ns - began_ns > LONGEST_NS:
            self._not_before_ns = now_ns + int((now_ns - began_ns) / MOST_OF_ITS_TIME)
