"""Why a run with other durations could go another way than the one that was recorded.

A replay keeps what happened: who won, what timed out, what was tried again, who came first. Each of these may depend on the durations.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from reev_flow.analysis.replay.changes import Change
from reev_flow.analysis.replay.cut_short import timed_out, was_cancelled
from reev_flow.analysis.replay.schedule import Schedule, Times
from reev_flow.trace.durations import told_duration
from reev_flow.trace.span import Span
from reev_flow.trace.trace import NO_PARENT

MOST_OF_A_KIND = 3
AT_ONCE_NS = 1_000_000
TIMES_LONGER = 20  # than what is between the two, so that they hardly meet by chance


class Affected:
    """What was changed, and what came of it."""

    def __init__(self, schedule: Schedule, times: Times, applied: Mapping[int, Sequence[Change]]) -> None:
        self.schedule = schedule
        self.trace = schedule.trace
        self.times = times
        self.applied = applied

    @cached_property
    def touched(self) -> list[int]:
        """The changed spans and everything below them."""
        found: list[int] = []
        covered = 0
        for position in sorted(self.applied):
            end = self.trace.subtree_ends[position]
            found.extend(range(max(position, covered), end))
            covered = max(covered, end)
        return found

    @cached_property
    def open_families(self) -> set[int]:
        """Parents (`NO_PARENT` for the roots) of whose children it was not recorded in full who waited for them."""
        is_recorded, count = self.schedule.is_recorded, len(self.trace)
        found = {parent for position, parent in enumerate(self.trace.parents) if not is_recorded[position]}
        found.update(position for position in range(count) if not is_recorded[count + position])
        return found

    @cached_property
    def groups_with(self) -> dict[int, set[int]]:
        """By position, the groups of ends that it is in. What waited for any of a group waited for all."""
        found: dict[int, set[int]] = {}
        for group, positions in enumerate(self.schedule.groups):
            for position in positions:
                found.setdefault(position, set()).add(group)
        return found

    def are_joined(self, one: int, other: int) -> bool:
        """Whether it was recorded that whatever waited for either of two siblings waited for both, in whichever order they ended."""
        if self.trace.parents[one] in self.open_families:
            return False
        return self.groups_with.get(one) == self.groups_with.get(other)

    @cached_property
    def is_touched(self) -> bytearray:
        flags = bytearray(len(self.trace))
        for position in self.touched:
            flags[position] = 1
        return flags

    def outlived(self, position: int) -> bool:
        """Whether a span ended after the one that it is in had ended."""
        parent, ends_ns = self.trace.parents[position], self.schedule.times.ends_ns
        return parent != NO_PARENT and ends_ns[position] > ends_ns[parent]

    def span(self, position: int) -> Span:
        return self.trace.spans[position]

    def was_duration_ns(self, position: int) -> int:
        return self.schedule.times.duration_of(position)


def warnings_of(affected: Affected) -> tuple[str, ...]:
    """One sentence each, a few of a kind at most."""
    found: list[str] = []
    for look in (_races, _timeouts, _new_timeouts, _retries, _orders, _unseen_waits):
        sentences = list(dict.fromkeys(look(affected)))
        found += sentences[:MOST_OF_A_KIND]
        if len(sentences) > MOST_OF_A_KIND:
            found.append(f"{len(sentences) - MOST_OF_A_KIND} more warnings of this kind are left out.")
    return tuple(found)


def _races(affected: Affected) -> Iterator[str]:
    """A loser that is made faster, or is given more time than it had, might win."""
    count = len(affected.trace)
    for position in sorted(affected.schedule.cancelled):
        group = affected.schedule.group_of[count + position]
        label = affected.span(position).label
        lasted_ns, lasts_ns = affected.was_duration_ns(position), affected.times.duration_of(position)
        if not affected.is_touched[position] and lasts_ns <= lasted_ns:
            continue
        if group >= 0:
            winner = affected.span(affected.schedule.groups[group][0]).label
            yield (
                f"{label!r} was cancelled after {told_duration(lasted_ns)} because {winner!r} was done first; with this change it might win."
            )
        else:
            yield f"{label!r} was cancelled after {told_duration(lasted_ns)}; with this change it might get done before that."


def _timeouts(affected: Affected) -> Iterator[str]:
    """What timed out might not, if it or something inside it got shorter."""
    for position, span in enumerate(affected.trace.spans):
        if not span.failed or not timed_out(span):
            continue
        inside = affected.is_touched[position : affected.trace.subtree_ends[position]]
        if 1 in inside:
            yield (
                f"{span.label!r} timed out after {told_duration(affected.was_duration_ns(position))}; with this change it might not, and the run "
                "would go another way."
            )


def _new_timeouts(affected: Affected) -> Iterator[str]:
    """What timed out once tells how long its namesakes may take."""
    limits_ns: dict[str, int] = {}
    for position, span in enumerate(affected.trace.spans):
        if span.failed and timed_out(span):
            lasted_ns = affected.was_duration_ns(position)
            limits_ns[span.label] = min(lasted_ns, limits_ns.get(span.label, lasted_ns))
    if not limits_ns:
        return
    for position, span in enumerate(affected.trace.spans):
        limit_ns = limits_ns.get(span.label)
        if limit_ns is None or span.failed or affected.was_duration_ns(position) >= limit_ns:
            continue
        if affected.times.duration_of(position) >= limit_ns:
            yield f"{span.label!r} would take {told_duration(affected.times.duration_of(position))}, and timed out once after {told_duration(limit_ns)}."


def _retries(affected: Affected) -> Iterator[str]:
    """Something that failed, was changed and was done again next."""
    count = len(affected.trace)
    last_failed: dict[tuple[int, str], int] = {}
    for position, span in enumerate(affected.trace.spans):
        key = (affected.trace.parents[position], span.label)
        failed = last_failed.pop(key, None)
        if failed is not None and affected.is_touched[failed] and span.start_ns >= affected.span(failed).end_ns:
            yield f"{span.label!r} failed and was tried again; with this change it might not fail, or fail otherwise."
        if span.failed and not was_cancelled(span) and position < count:
            last_failed[key] = position


def _orders(affected: Affected) -> Iterator[str]:
    """Siblings that ran side by side and end in another order, unless both were waited for together. One that waited for the other cannot
    change places with it.
    """
    flips = 0
    example = ""
    latest: dict[int, Latest] = {}
    count = len(affected.trace)
    for event in affected.schedule.order:
        if event < count:
            continue
        position = event - count
        before = latest.setdefault(affected.trace.parents[position], Latest(affected)).overtaken_by(position)
        if before is not None:
            flips += 1
            example = example or _told_flip(affected.span(before).label, affected.span(position).label)
    if flips:
        more = f" ({flips} such cases in all)" if flips > 1 else ""
        yield f"{example}{more}; what depended on that order could go another way."


def _unseen_waits(affected: Affected) -> Iterator[str]:
    """What began as soon as something else had ended, long after all that it is recorded or guessed to have waited for: locks, places and
    queues are waited for without a record, and what outlived the operation around it is waited for where no guess looks.
    """
    schedule, was, now = affected.schedule, affected.schedule.times, affected.times
    count = len(affected.trace)
    last = NO_PARENT
    for event in schedule.order:
        if event >= count:
            last = event - count
            continue
        alone_ns = schedule.lags_ns[event]
        if last == NO_PARENT or alone_ns < AT_ONCE_NS or not (schedule.is_recorded[event] or affected.outlived(last)):
            continue
        apart_ns = was.starts_ns[event] - was.ends_ns[last]
        is_at_once = 0 <= apart_ns <= min(AT_ONCE_NS, alone_ns // TIMES_LONGER)
        if is_at_once and now.starts_ns[event] - now.ends_ns[last] != apart_ns:
            yield _told_wait(affected, event, last)


def _told_wait(affected: Affected, later: int, earlier: int) -> str:
    example = "as for a lock or a queue"
    if affected.outlived(earlier):
        example = f"as for a task that outlives {affected.span(affected.trace.parents[earlier]).label!r}"
    return (
        f"{affected.span(later).label!r} began as soon as {affected.span(earlier).label!r} had ended; if it waited for that, {example}, nobody "
        "recorded it, and it would come otherwise."
    )


class Latest:
    """Of the siblings that were done so far, the one that would now be done last, and the last of those that are not joined with it."""

    def __init__(self, affected: Affected) -> None:
        self._affected = affected
        self._last: list[int] = []

    def overtaken_by(self, position: int) -> int | None:
        """The last that was done before this one, would be done after it, and is not joined with it; from now on this one is among them."""
        ends_ns, are_joined = self._affected.times.ends_ns, self._affected.are_joined
        before = next((one for one in self._last if not are_joined(one, position)), None)
        kept = [one for one in self._last if not are_joined(one, position) or ends_ns[one] > ends_ns[position]]
        self._last = self._two_of(sorted([*kept, position], key=ends_ns.__getitem__, reverse=True))
        return before if before is not None and ends_ns[before] > ends_ns[position] else None

    def _two_of(self, by_end: list[int]) -> list[int]:
        others = (one for one in by_end[1:] if not self._affected.are_joined(by_end[0], one))
        return [by_end[0], *list(others)[:1]]


def _told_flip(first: str, second: str) -> str:
    if first == second:
        return f"Two calls of {first!r} would be done in the other order"
    return f"{second!r} would be done before {first!r}, which was done first"
