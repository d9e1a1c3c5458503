"""Which leases are over although the clock, which somebody set back, says that they run."""

from reev_flow.clock import Clock
from reev_flow.errors import LeaseHeld

MOST_REMEMBERED = 10_000


class Silences:
    """Remembers since when workers have not been heard of, by the clock that never goes backwards."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since_ns: dict[str, tuple[str, int, int]] = {}

    def are_over(self, held: LeaseHeld) -> bool:
        """Whether its worker has let a whole lease pass since this was first asked; never as long as the clock can be trusted."""
        now_ns, passed_ns = self._clock.now_ns(), self._clock.monotonic_ns()
        worker, heard_ns, since_ns = self._since_ns.pop(held.session_id, ("", 0, 0))
        if (worker, heard_ns) != (held.worker, held.heard_ns):
            since_ns = passed_ns
        if held.heard_ns > now_ns:
            if len(self._since_ns) >= MOST_REMEMBERED:
                self._since_ns.clear()
            self._since_ns[held.session_id] = held.worker, held.heard_ns, since_ns
        return has_been_silent(held, now_ns, passed_ns - since_ns)


def has_been_silent(held: LeaseHeld, now_ns: int, silent_ns: int) -> bool:
    """A lease that was last heard of later than now is measured by how long nobody has heard of it, and not by when it should end."""
    return held.heard_ns > now_ns and silent_ns >= held.expires_ns - held.heard_ns
