"""Whether more is to come of a run: it is open, settled, or incomplete."""

from enum import StrEnum

import msgspec

NS = 1_000_000_000
SETTLE_NS = 10 * NS  # twice as long as exporters hold spans back by default
GIVE_UP_NS = 3_600 * NS


class RunState(StrEnum):
    """`OPEN` runs may get more spans, `SETTLED` ones have everything. `INCOMPLETE` ones lack their root or some ends, and nothing has come
    for long. Whatever state a run is in, late spans are taken, and open it again.
    """

    OPEN = "open"
    SETTLED = "settled"
    INCOMPLETE = "incomplete"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about the completeness of a run. `touched_ns` is when something last came of it, by the clock of who keeps it.

    One that is whole has a root, and every span of it that is told of has come and has ended. One that is alive is of a session that has
    not ended: it waits for as long as it likes.
    """

    touched_ns: int
    is_whole: bool
    is_alive: bool = False

    def state(self, now_ns: int, *, settle_ns: int = SETTLE_NS, give_up_ns: int = GIVE_UP_NS) -> RunState:
        silent_ns = now_ns - self.touched_ns
        if self.is_alive or silent_ns < settle_ns:
            return RunState.OPEN
        if self.is_whole:
            return RunState.SETTLED
        return RunState.OPEN if silent_ns < give_up_ns else RunState.INCOMPLETE
