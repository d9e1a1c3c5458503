"""A clock that somebody sets."""

from reev_flow.clock import SystemClock


class ShiftedClock(SystemClock):
    """The machine's, but for `shift_ns`. What has passed is not shifted: nobody sets that."""

    def __init__(self) -> None:
        self.shift_ns = 0

    def now_ns(self) -> int:
        return super().now_ns() + self.shift_ns

    def jump_back(self) -> None:
        """To the machine's own time."""
        self.shift_ns = 0
