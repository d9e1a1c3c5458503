"""A run as starts and ends that wait for each other, worked out again with other durations.

A start waits for its parent's start and for the ends of siblings, an end for its span's start and for the ends of children; then it comes
after a fixed lag, the own work in between. So a run in which nothing is changed comes out exactly as it was recorded. A cancelled span ends
with the sibling that made it needless, else as long after its parent's start as it did.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Self

import msgspec

from reev_flow.analysis.path.causes import Causes, known_causes
from reev_flow.analysis.replay.cut_short import was_cancelled
from reev_flow.analysis.replay.event_order import event_order
from reev_flow.analysis.replay.guessed_causes import NOTHING, Positions, Waits, with_guesses
from reev_flow.trace.trace import NO_PARENT, Trace

NO_GROUP = -1


class Times(msgspec.Struct, frozen=True):
    """When every span starts and ends, by position."""

    starts_ns: list[int]
    ends_ns: list[int]
    began_ns: int

    @property
    def duration_ns(self) -> int:
        """Of the whole run, from when it began as it was recorded."""
        return max(self.ends_ns) - self.began_ns

    def duration_of(self, position: int) -> int:
        return self.ends_ns[position] - self.starts_ns[position]


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """What every start and end of a trace waits for, and how long after that it comes.

    `order` lists the events as `event_order` does, each after all it waits for; every other sequence of events is by their number. An
    event comes `lags_ns` after the start of `around` and the last end in its group, if it has one. Of an event that `is_recorded` it was
    recorded what it waited for; `guessed` counts the spans whose start was not, though it may have waited for others.
    """

    trace: Trace
    order: Sequence[int]
    around: Sequence[int]
    groups: Sequence[Positions]
    group_of: Sequence[int]
    is_recorded: Sequence[bool]
    cancelled: frozenset[int]
    guessed: int
    times: Times
    lags_ns: Sequence[int]

    @classmethod
    def of(cls, trace: Trace, causes: Causes | None = None, is_stranger: Sequence[bool] | None = None) -> "Schedule":
        """What `causes` leaves open is guessed from the times; without them, those that were recorded are taken. Of a stranger, by position,
        nobody could know who waited for it: by default, of whose own start nothing is known.
        """
        known = known_causes(trace) if causes is None else causes
        cancelled = _cancelled(trace)
        order = event_order(trace, cancelled)
        waits = with_guesses(trace, known, order, cancelled, is_stranger=is_stranger)
        groups, group_of = _grouped(waits)
        around = [*trace.parents, *range(len(trace))]
        for position in cancelled:
            if not waits.ends[position]:
                around[len(trace) + position] = trace.parents[position]
        starts_ns, ends_ns = [span.start_ns for span in trace.spans], [span.end_ns for span in trace.spans]
        times = Times(starts_ns, ends_ns, min(starts_ns))
        return cls(
            trace=trace,
            order=order,
            around=around,
            groups=groups,
            group_of=group_of,
            is_recorded=[recorded is not None for recorded in (*known.starts, *known.ends)],
            cancelled=cancelled,
            guessed=_guessed(trace, known),
            times=times,
            lags_ns=_lags(around, groups, group_of, times),
        )

    def retimed(self, times: Times) -> Self:
        """The same structure with other times, which must keep to it."""
        lags_ns = _lags(self.around, self.groups, self.group_of, times)
        return msgspec.structs.replace(self, times=times, lags_ns=lags_ns)

    def replay(self, durations_ns: Mapping[int, int]) -> Times:
        """The run with these durations, by position. What lies inside such a span grows or shrinks with it, whatever its own duration was
        to be. A cancelled span lasts as long as others let it.
        """
        blocks = _outermost(self.trace, {*durations_ns, *self.cancelled})
        times = self._skeleton(durations_ns, blocks)
        for block in blocks:
            if self.trace.subtree_ends[block] > block + 1:
                _fill_in(self, times, block)
        return times

    def _skeleton(self, durations_ns: Mapping[int, int], blocks: Iterable[int]) -> Times:
        """Everything but what lies inside the blocks, which keeps its times for now."""
        count = len(self.trace)
        starts, ends = [*self.times.starts_ns, self.times.began_ns], list(self.times.ends_ns)
        lags_ns, group_of = list(self.lags_ns), list(self.group_of)
        for position in durations_ns.keys() - self.cancelled:
            lags_ns[count + position] = durations_ns[position]
            group_of[count + position] = NO_GROUP
        around, groups = self.around, self.groups
        last_ends: list[int | None] = [None] * len(groups)
        for event in _without_insides(self, blocks):
            time_ns = starts[around[event]]  # of a root that is the last of them, the start of the run
            group = group_of[event]
            if group != NO_GROUP:
                last_ns = last_ends[group]
                if last_ns is None:
                    last_ns = last_ends[group] = max([ends[cause] for cause in groups[group]])
                if last_ns > time_ns:  # noqa: PLR1730 - this is where the time goes
                    time_ns = last_ns
            time_ns += lags_ns[event]
            if event < count:
                starts[event] = time_ns
            else:
                ends[event - count] = time_ns
        starts.pop()
        for position in self.cancelled:
            ends[position] = max(ends[position], starts[position])
        return Times(starts, ends, self.times.began_ns)


def _guessed(trace: Trace, known: Causes) -> int:
    """An only root that tells what its end waited for is known to have waited for nobody: there is nobody."""
    is_known = trace.parents.count(NO_PARENT) == 1 and known.starts[0] is None and known.ends[0] is not None
    return sum(recorded is None for recorded in known.starts) - is_known


def _cancelled(trace: Trace) -> frozenset[int]:
    """Outermost ones below something that went on. A whole run that was cancelled is read as one that ended."""
    found = {position for position, span in enumerate(trace.spans) if span.failed and was_cancelled(span)}
    return frozenset(
        position for position in found if trace.parents[position] != NO_PARENT and trace.parents[position] not in found
    )


def _grouped(waits: Waits) -> tuple[list[Positions], list[int]]:
    """Causes that are the very same object are one group."""
    groups: list[Positions] = []
    group_of: list[int] = []
    numbers = {id(NOTHING): NO_GROUP}
    for causes in (*waits.starts, *waits.ends):
        number = numbers.get(id(causes))
        if number is None:
            number = len(groups) if causes else NO_GROUP
            numbers[id(causes)] = number
            if causes:
                groups.append(causes)
        group_of.append(number)
    return groups, group_of


def _lags(around: Sequence[int], groups: Sequence[Positions], group_of: Sequence[int], times: Times) -> list[int]:
    starts, ends = [*times.starts_ns, times.began_ns], times.ends_ns
    last_ends = [max([ends[cause] for cause in causes]) for causes in groups]
    last_ends.append(starts[-1])  # of no group: before everything
    return [
        moment_ns - max(starts[outer], last_ends[group])
        for moment_ns, outer, group in zip((*times.starts_ns, *ends), around, group_of, strict=True)
    ]


def _outermost(trace: Trace, positions: Iterable[int]) -> list[int]:
    found: list[int] = []
    covered = 0
    for position in sorted(positions):
        if position >= covered:
            found.append(position)
            covered = trace.subtree_ends[position]
    return found


def _without_insides(schedule: Schedule, blocks: Iterable[int]) -> Iterable[int]:
    trace = schedule.trace
    count = len(trace)
    is_inside = bytearray(2 * count)
    has_inside = False
    for block in blocks:
        size = trace.subtree_ends[block] - block - 1
        if size:
            has_inside = True
            is_inside[block + 1 : block + 1 + size] = b"\1" * size
            is_inside[count + block + 1 : count + block + 1 + size] = b"\1" * size
    if not has_inside:
        return schedule.order
    return (event for event in schedule.order if not is_inside[event])


def _fill_in(schedule: Schedule, times: Times, block: int) -> None:
    """What is inside a changed span keeps its share of it; what is inside a cancelled one ends with it."""
    was = schedule.times
    was_ns, now_ns = was.starts_ns[block], times.starts_ns[block]
    lasted_ns, lasts_ns = was.duration_of(block), times.duration_of(block)
    is_cut = block in schedule.cancelled

    def moved(moment_ns: int) -> int:
        offset_ns = moment_ns - was_ns
        if is_cut:
            return now_ns + (min(offset_ns, lasts_ns) if offset_ns <= lasted_ns else offset_ns - lasted_ns + lasts_ns)
        return now_ns + (offset_ns * lasts_ns // lasted_ns if lasted_ns else offset_ns)

    for position in range(block + 1, schedule.trace.subtree_ends[block]):
        times.starts_ns[position] = moved(was.starts_ns[position])
        times.ends_ns[position] = moved(was.ends_ns[position])
