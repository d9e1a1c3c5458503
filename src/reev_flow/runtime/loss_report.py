"""Says in the log that spans are being lost: rarely enough to be read."""

import logging
from collections.abc import Callable
from time import monotonic

EVERY_SECONDS = 60.0

logger = logging.getLogger("reev_flow.collector")


class LossReport:
    """One line when something was lost, then one a minute at most, and one at the end if there is something that was not told yet."""

    def __init__(
        self, what: str, *, every_seconds: float = EVERY_SECONDS, now: Callable[[], float] = monotonic
    ) -> None:
        self._what = what
        self._every_seconds = every_seconds
        self._now = now
        self._told = 0
        self._told_at: float | None = None

    def tell(self, lost: int, error: Exception | None) -> None:
        is_due = self._told_at is None or self._now() - self._told_at >= self._every_seconds
        if lost > self._told and is_due:
            self.tell_last(lost, error)

    def tell_last(self, lost: int, error: Exception | None) -> None:
        """What was not told yet, however long ago the last line was."""
        if lost < self._told:  # the child of a fork counts anew
            self._told = 0
        if lost == self._told:
            return
        why = "more ended than could be kept up with" if error is None else f"the last error: {error}"
        logger.warning("%s: %s, %s in all; %s", self._what, f"{lost - self._told:,}", f"{lost:,}", why)
        self._told = lost
        self._told_at = self._now()
