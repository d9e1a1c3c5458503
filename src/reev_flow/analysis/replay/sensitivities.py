"""Which operations a run would gain most from, if they were faster.

Of the first nanosecond saved, exactly: an operation pays as far as the chain of waiting that decided the run's duration leads through it.
Where two chains decide it together, nothing is gained by shortening one of them.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import msgspec

from reev_flow.analysis.replay.flow_schedule import FlowSchedule
from reev_flow.analysis.replay.schedule import NO_GROUP, Schedule, Times
from reev_flow.trace.span import Operation
from reev_flow.trace.trace import NO_PARENT, Trace

MOST_TIED = 16  # labels whose share is worked out exactly when chains tie; those further down pay no more than is said


class Sensitivity(msgspec.Struct, frozen=True, kw_only=True):
    """Of the spans with one label, the outermost ones: what they take, and how much of it the run waited for.

    `own_ns` is the part of that time in which no other operation below them was waited for.
    """

    label: str
    calls: int
    total_ns: int
    waited_ns: int
    own_ns: int

    @property
    def saved_per_ns(self) -> float:
        """How much shorter the run becomes for each nanosecond saved, each call saving in proportion."""
        return self.waited_ns / self.total_ns if self.total_ns else 0.0


def sensitivities(trace: Trace, flow: FlowSchedule | None = None) -> list[Sensitivity]:
    """Those that would pay, by the time of their own that was waited for; most first. Who has the schedule of the trace gives it."""
    schedule = (FlowSchedule.of(trace) if flow is None else flow).schedule
    trace = schedule.trace
    chain = _Chain(schedule)
    labels = [span.label for span in trace.spans]
    counted = _operations(trace, labels)
    own_ns: dict[str, int] = {}
    for position, waited_ns in chain.owned_ns.items():
        label = counted[position]
        own_ns[label] = own_ns.get(label, 0) + waited_ns
    outermost = _outermost_by_label(trace, labels, own_ns)
    found = [
        Sensitivity(
            label=label,
            calls=len(positions),
            total_ns=sum(trace.spans[position].duration_ns for position in positions),
            waited_ns=sum(chain.waited_ns.get(position, 0) for position in positions),
            own_ns=own_ns[label],
        )
        for label, positions in outermost.items()
    ]
    found.sort(key=lambda one: (-one.own_ns, one.label))
    if chain.has_tie:
        found = [_exact(schedule, one, outermost[one.label]) for one in found[:MOST_TIED]] + found[MOST_TIED:]
        found.sort(key=lambda one: (-min(one.own_ns, one.waited_ns), one.label))
    return [one for one in found if one.waited_ns > 0]


def paying_most(found: Iterable[Sensitivity], count: int = 3) -> list[Sensitivity]:
    """Of what pays, the first that have work of their own to make faster."""
    return list(islice((one for one in found if one.own_ns > 0), count))


class _Chain:
    """The chain of waiting from the end of a run back to its start.

    `owned_ns` is each span's own work on it, `waited_ns` how long the run waited for all of a span. Of several that decided together it
    goes through one.
    """

    def __init__(self, schedule: Schedule) -> None:
        self.owned_ns: dict[int, int] = {}
        self.waited_ns: dict[int, int] = {}
        self.has_tie = False
        ends_ns = schedule.times.ends_ns
        last_ns = max(ends_ns)
        seen_ends = 0
        for event, until_ns in self._walk(schedule, len(ends_ns) + ends_ns.index(last_ns)):
            if event >= len(ends_ns):
                seen_ends += ends_ns[event - len(ends_ns)] == last_ns
            else:
                has_length = ends_ns[event] > schedule.times.starts_ns[event]  # else nothing about it can get faster
                self.waited_ns[event] = until_ns - schedule.times.starts_ns[event] if has_length else 0
        self.has_tie = self.has_tie or seen_ends < ends_ns.count(last_ns)

    def _walk(self, schedule: Schedule, event: int) -> Iterator[tuple[int, int]]:
        """Each event of the chain, with the last moment of the chain that lies in its span or below."""
        count = len(schedule.trace)
        parents, around, lags_ns = schedule.trace.parents, schedule.around, schedule.lags_ns
        groups, group_of = schedule.groups, schedule.group_of
        starts_ns, ends_ns = schedule.times.starts_ns, schedule.times.ends_ns
        last_ns: dict[int, int] = {}
        while True:
            is_end = event >= count
            position = event - count if is_end else event
            until_ns = last_ns.setdefault(position, (ends_ns if is_end else starts_ns)[position])
            last_ns.setdefault(parents[position], until_ns)
            yield event, until_ns
            outer = around[event]
            owner = position if is_end else outer
            if owner != NO_PARENT:
                self.owned_ns[owner] = self.owned_ns.get(owner, 0) + lags_ns[event]
            group = group_of[event]
            causes = groups[group] if group != NO_GROUP else ()
            latest_ns = max([ends_ns[cause] for cause in causes], default=None)
            if latest_ns is None or (outer != NO_PARENT and starts_ns[outer] > latest_ns):
                if outer == NO_PARENT:
                    return
                event = outer
                continue
            decisive = [cause for cause in causes if ends_ns[cause] == latest_ns]
            if len(decisive) > 1 or (outer != NO_PARENT and starts_ns[outer] == latest_ns):
                self.has_tie = True
            event = count + decisive[0]


def _operations(trace: Trace, labels: Sequence[str]) -> Sequence[str]:
    """The label each span's own work counts for: of the operation it is or is in, else its own."""
    if all(span.operation is not Operation.OTHER for span in trace.spans):
        return labels
    counted: list[str] = []
    for span, parent, label in zip(trace.spans, trace.parents, labels, strict=True):
        is_own = span.operation is not Operation.OTHER or parent == NO_PARENT
        counted.append(label if is_own else counted[parent])
    return counted


def _outermost_by_label(trace: Trace, labels: Iterable[str], wanted: Iterable[str]) -> dict[str, list[int]]:
    covered = dict.fromkeys(wanted, 0)
    found: dict[str, list[int]] = {label: [] for label in covered}
    for position, label in enumerate(labels):
        if position >= covered.get(label, len(trace)):
            found[label].append(position)
            covered[label] = trace.subtree_ends[position]
    return found


def _exact(schedule: Schedule, one: Sensitivity, positions: Sequence[int]) -> Sensitivity:
    """Replayed in a finer unit of time, in which each span saves so little that no other chain can overtake."""
    fineness = (
        1 + len(positions) * schedule.times.duration_ns
    )  # nothing inside saves more, even if it outlives its span
    was = schedule.times
    starts_ns, ends_ns = [start * fineness for start in was.starts_ns], [end * fineness for end in was.ends_ns]
    fine = schedule.retimed(Times(starts_ns, ends_ns, was.began_ns * fineness))
    durations = {position: schedule.times.duration_of(position) * (fineness - 1) for position in positions}
    saved = fine.times.duration_ns - fine.replay(durations).duration_ns
    return msgspec.structs.replace(one, waited_ns=saved)
