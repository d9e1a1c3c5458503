"""Whether an event loop may wait for the disk itself, by how long it had to lately."""

from reev_flow.clock import Clock

LONGEST_NS = 2_000_000
QUICK_ONES_FOR_A_SLOW_ONE = 8
MOST_SLOW_ONES = 2 * QUICK_ONES_FOR_A_SLOW_ONE
MOST_OF_ITS_TIME = 0.01


class DiskPace:
    """A loop that stands still for a moment is better off than one that changes threads twice; one that stands still for long is not.

    One wait in nine may be long, as it happens on a busy machine. When more are, the loop is left alone for so long that at most the
    hundredth part of its time goes into waiting; then it is tried again.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._slow_ones = 0
        self._not_before_ns = 0

    def may_be_waited_for(self) -> bool:
        return self._clock.monotonic_ns() >= self._not_before_ns

    def now_ns(self) -> int:
        return self._clock.monotonic_ns()

    def was_waited_for_since(self, began_ns: int) -> None:
        """By a loop: another thread cannot tell the disk from other threads."""
        now_ns = self._clock.monotonic_ns()
        took_ns = now_ns - began_ns
        if took_ns <= LONGEST_NS:
            self._slow_ones = max(0, self._slow_ones - 1)
        elif self._slow_ones < MOST_SLOW_ONES:
            self._slow_ones += QUICK_ONES_FOR_A_SLOW_ONE
        else:
            self._not_before_ns = now_ns + int(took_ns / MOST_OF_ITS_TIME)
