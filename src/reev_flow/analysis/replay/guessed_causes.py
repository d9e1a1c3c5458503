"""What starts and ends seem to have waited for, where nobody recorded it: guessed from the times of siblings.

Work that begins while something else of its parent runs goes on in a line of its own, behind whatever ended last. Work that begins while
nothing runs waited for all that had ended since that last was so: a step after a step, or after a join. But where the last to end was
itself in a line of its own, a single one that follows goes on in that line; several that begin together waited for all. What begins before
anything new has ended waited for the same as what began before it: it was sent out together with that. A span ends after all children
that ended within it; a producer does not wait for its consumer.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple, TypeAlias

from reev_flow.analysis.path.causes import Causes
from reev_flow.trace.span import SpanKind
from reev_flow.trace.trace import NO_PARENT, Trace

Positions: TypeAlias = tuple[int, ...]

NOTHING: Positions = ()
MOST_STRANGERS = 8  # so many at most of those that a recorded cause cannot know of are added to it

LONG_AGO_NS = -(2**63)


class Siblings:
    """The children of one span, as they start and end one after the other. Writes what starts waited for into `starts`."""

    __slots__ = (
        "_before_last",
        "_continued",
        "_first",
        "_has_news",
        "_in_line",
        "_last_ended",
        "_open_ends",
        "_running",
        "_starts",
        "_strangers",
        "ended_inside",
        "last_by_itself",
    )

    def __init__(self, starts: list[Positions]) -> None:
        self._starts = starts
        self._running = 0
        self._open_ends: list[int] = []  # what ended and is not known to be waited for yet
        self._last_ended = NOTHING
        self._before_last = NOTHING  # what the last start waited for
        self._has_news = False  # whether something ended since the last start
        self._in_line: set[int] = set()  # what went on in a line of its own
        self._continued: int | None = None  # the end that the last start went on from, though more had ended
        self._first = 0  # that start
        self._strangers: list[int] = []
        self.ended_inside: list[int] = []
        self.last_by_itself = NOTHING

    def start(self, position: int, recorded: Positions | None) -> None:
        if recorded is not None:
            self._take(recorded)
        elif not self._has_news:
            self._send_along()
        elif self._running:
            self._go_on(position, self._last_ended)
        elif len(self._open_ends) > 1 and self._open_ends[-1] in self._in_line:
            self._continued = self._open_ends[-1]
            self._first = position
            self._go_on(position, self._last_ended)
        else:
            self._join(tuple(self._open_ends))
        self._starts[position] = self._before_last
        self._has_news = False
        self._running += 1

    def _take(self, recorded: Positions) -> None:
        self._continued = None
        if self._has_news and not self._running:
            self._open_ends = []
        self._before_last = recorded

    def _join(self, causes: Positions) -> None:
        self._continued = None
        self._open_ends = []
        self._before_last = causes

    def _go_on(self, position: int, causes: Positions) -> None:
        if self._running:
            self._continued = None
        if (*self._open_ends[-1:],) == causes:
            self._open_ends.pop()
        self._in_line.add(position)
        self._before_last = causes

    def _send_along(self) -> None:
        """Two that begin together did not both go on in one line: both waited for all that had ended."""
        if self._continued is not None:
            first = self._first
            self._join((*self._open_ends, self._continued))
            self._in_line.discard(first)
            self._starts[first] = self._before_last

    def end(self, position: int, *, is_stranger: bool, was_cancelled: bool) -> None:
        self._running -= 1
        self._last_ended = (position,)
        self._has_news = True
        self._open_ends.append(position)
        self.ended_inside.append(position)
        if not was_cancelled:
            self.last_by_itself = (position,)
        if is_stranger:
            self._strangers.append(position)

    def strangers_since(self, moment_ns: int, trace: Trace) -> Positions:
        """The last to end of those whose maker tells nobody of them."""
        recent = self._strangers[-MOST_STRANGERS:]
        return tuple(position for position in recent if trace.spans[position].end_ns > moment_ns)


class Waits(NamedTuple):
    """What every start and end waited for; of a cancelled span, `ends` is the sibling whose end was the end of it, if there is one."""

    starts: list[Positions]
    ends: list[Positions]


def with_guesses(
    trace: Trace,
    known: Causes,
    order: Sequence[int],
    cancelled: Collection[int] = (),
    *,
    is_stranger: Sequence[bool] | None = None,
) -> Waits:
    """To what is recorded, the strangers are added: whoever recorded it could not know of them. By default those are strangers of whose own
    start nothing is known.
    """
    if is_stranger is None:
        is_stranger = [recorded is None for recorded in known.starts]
    count = len(trace)
    waits = Waits([NOTHING] * count, [NOTHING] * count)
    has_ended = bytearray(count)
    families: dict[int, Siblings] = {}
    for event in order:
        position = event if event < count else event - count
        parent = trace.parents[position]
        siblings = families.get(parent)
        if siblings is None:
            siblings = families[parent] = Siblings(waits.starts)
        if event < count:
            recorded = known.starts[position]
            recorded = recorded and _in_order(recorded, has_ended)
            siblings.start(position, None if recorded is None else _completed(trace, recorded, siblings))
            continue
        has_ended[position] = 1
        inside = families.pop(position, None)
        if position in cancelled:
            waits.ends[position] = _while_it_ran(trace, position, siblings.last_by_itself)
        else:
            recorded = known.ends[position]
            recorded = recorded and _in_order(recorded, has_ended)
            waits.ends[position] = _end_causes(trace, position, recorded, inside)
        if parent == NO_PARENT or trace.spans[position].end_ns <= trace.spans[parent].end_ns:
            siblings.end(position, is_stranger=is_stranger[position], was_cancelled=position in cancelled)
    return waits


def _in_order(recorded: Positions, has_ended: bytearray) -> Positions:
    """Without what comes later in the order of events: of spans that took no time at one moment, the order is not known."""
    if all(has_ended[cause] for cause in recorded):
        return recorded
    return tuple([cause for cause in recorded if has_ended[cause]])


def _while_it_ran(trace: Trace, position: int, ended: Positions) -> Positions:
    span = trace.spans[position]
    return tuple(one for one in ended if trace.spans[one].end_ns > span.start_ns)


def _completed(trace: Trace, recorded: Positions, siblings: Siblings) -> Positions:
    moment_ns = max((trace.spans[cause].end_ns for cause in recorded), default=LONG_AGO_NS)
    strangers = siblings.strangers_since(moment_ns, trace)
    return recorded + strangers if strangers else recorded


def _end_causes(trace: Trace, position: int, recorded: Positions | None, inside: Siblings | None) -> Positions:
    if inside is None:
        return NOTHING if recorded is None else recorded
    if recorded is not None:
        moment_ns = max((trace.spans[cause].end_ns for cause in recorded), default=LONG_AGO_NS)
        return recorded + inside.strangers_since(moment_ns, trace)
    if trace.spans[position].kind is SpanKind.PRODUCER:
        return tuple(one for one in inside.ended_inside if trace.spans[one].kind is not SpanKind.CONSUMER)
    return tuple(inside.ended_inside)
