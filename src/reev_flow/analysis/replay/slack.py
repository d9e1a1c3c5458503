"""How much later each span could end, and how much sooner the run would if the span took no time.

Both are read off a schedule, in which every event comes a fixed lag after the last of what it waits for. With `latest` the time at which an
event may come at the latest without moving the end of the run,

    latest(end of run) = end of run
    latest(event)      = min(latest(next) - lag(next)) over everything next that waits for the event
    slack(span)        = latest(end of span) - end of span

which is the backward pass of the critical path method (Kelley and Walker, 1959). Drag (Devaux, 1999; CRISP calls what it lists so too) is

    drag(span) = min(duration, length of the run - longest way through the schedule that avoids the span)   without slack, else 0

What is inside a span takes no time with it; what outlives it stays as it was. Two spans side by side that both end last have neither slack nor drag.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from typing import TypeAlias

import msgspec

from reev_flow.analysis.replay.schedule import NO_GROUP, Schedule
from reev_flow.trace.trace import NO_PARENT

Detour: TypeAlias = tuple[
    int, int, int
]  # what a way is shorter than the run, and from which end to before which it avoids all


class Margins(msgspec.Struct, frozen=True):
    """Nanoseconds by position, never negative."""

    slack_ns: tuple[int, ...]
    drag_ns: tuple[int, ...]


def margins(schedule: Schedule) -> Margins:
    """In the order of a linear pass over the schedule and a sort of the ways around what has no slack."""
    latest = _Latest(schedule)
    ends_ns = schedule.times.ends_ns
    slack_ns = tuple(late - end for late, end in zip(latest.events_ns[len(ends_ns) :], ends_ns, strict=True))
    return Margins(slack_ns=slack_ns, drag_ns=tuple(_drags(schedule, latest, slack_ns)))


class _Latest:
    """By event and by group, when it may come at the latest."""

    def __init__(self, schedule: Schedule) -> None:
        count = len(schedule.trace)
        end_ns = max(schedule.times.ends_ns)
        events_ns = [end_ns] * (2 * count + 1)  # the last is the start of the run
        groups_ns = [end_ns] * len(schedule.groups)
        waiting = Counter(schedule.group_of)
        around_of, group_of, lags_ns = schedule.around, schedule.group_of, schedule.lags_ns
        for event in reversed(schedule.order):
            needed_ns = events_ns[event] - lags_ns[event]
            around, number = around_of[event], group_of[event]
            if needed_ns < events_ns[around]:  # noqa: PLR1730 - this is where the time goes
                events_ns[around] = needed_ns
            if number == NO_GROUP:
                continue
            if needed_ns < groups_ns[number]:  # noqa: PLR1730
                groups_ns[number] = needed_ns
            waiting[number] -= 1
            if not waiting[number]:  # what waits for an end comes after it, so this is known before the end is asked
                needed_ns = groups_ns[number]
                for position in schedule.groups[number]:
                    events_ns[count + position] = min(events_ns[count + position], needed_ns)
        events_ns.pop()
        self.events_ns = events_ns
        self.groups_ns = groups_ns


def _numbers(schedule: Schedule) -> list[int]:
    """Of each event how many ends come before it when siblings stand as they end and the ends inside a span right before its own. Then
    whatever waits for an end comes after it.
    """
    trace = schedule.trace
    count = len(trace)
    offsets = [0] * count
    seen = [0] * (count + 1)  # ends inside each span so far, and last, where NO_PARENT leads, of the whole trace
    parents, subtree_ends = trace.parents, trace.subtree_ends
    for event in schedule.order:
        if event >= count:
            position = event - count
            offsets[position] = seen[parents[position]]
            seen[parents[position]] += subtree_ends[position] - position
    firsts: list[int] = []
    for parent, offset in zip(parents, offsets, strict=True):
        firsts.append(offset if parent == NO_PARENT else firsts[parent] + offset)
    return firsts + [
        first + end - position - 1 for position, (first, end) in enumerate(zip(firsts, subtree_ends, strict=True))
    ]


def _drags(schedule: Schedule, latest: _Latest, slack_ns: Sequence[int]) -> list[int]:
    """Every way that avoids a span goes past its end at one place, so the shortest detour past that end tells the longest way around it."""
    count = len(slack_ns)
    numbers = _numbers(schedule)
    starts_ns, ends_ns = schedule.times.starts_ns, schedule.times.ends_ns
    tight = [
        position
        for position, slack in enumerate(slack_ns)
        if not slack and starts_ns[position] < ends_ns[position] and position not in schedule.cancelled
    ]
    tight.sort(key=lambda position: numbers[count + position])
    detours = _detours(schedule, latest, numbers, tight)
    around_ns = _shortest(detours, [ends_ns[position] - starts_ns[position] for position in tight])
    early_ns = _ended_early(schedule, numbers)
    outlived_ns = _outlived_by(schedule)
    drags = [0] * count
    for position, shortest_ns in zip(tight, around_ns, strict=True):
        drags[position] = min(shortest_ns, early_ns[numbers[position]], outlived_ns[position])
    return drags


def _ended_early(schedule: Schedule, numbers: Sequence[int]) -> list[int]:
    """By how many ends came before: how long before the end of the run the latest of them was."""
    count = len(schedule.trace)
    ends_ns = [0] * count
    for number, end_ns in zip(numbers[count:], schedule.times.ends_ns, strict=True):
        ends_ns[number] = end_ns
    end_ns, start_ns = max(ends_ns), min(schedule.times.starts_ns)
    return [end_ns - last_ns for last_ns in accumulate(ends_ns, max, initial=start_ns)]


def _outlived_by(schedule: Schedule) -> list[int]:
    """How long before the end of the run the last of what is inside a span ended, if it outlived the span, else the length of the run."""
    ends_ns = schedule.times.ends_ns
    start_ns, end_ns = min(schedule.times.starts_ns), max(ends_ns)
    reached_ns = list(ends_ns)
    outlived_ns = [end_ns - start_ns] * len(reached_ns)
    for position in range(len(reached_ns) - 1, -1, -1):
        if reached_ns[position] > ends_ns[position]:
            outlived_ns[position] = end_ns - reached_ns[position]
        parent = schedule.trace.parents[position]
        if parent != NO_PARENT and reached_ns[position] > reached_ns[parent]:
            reached_ns[parent] = reached_ns[position]
    return outlived_ns


def _detours(schedule: Schedule, latest: _Latest, numbers: Sequence[int], tight: Sequence[int]) -> list[Detour]:
    """Each wait of an event for another, as a way past the tight ends between the two, told by their rank. The shortest come first.

    A group stands after the last of its ends.
    """
    count = len(numbers) // 2
    is_tight = [0] * count
    for position in tight:
        is_tight[numbers[count + position]] = 1
    ranks = [0, *accumulate(is_tight)]
    ends_ns = schedule.times.ends_ns
    found: list[Detour] = []
    last_ns: list[int] = []
    last_ranks: list[int] = []
    for needed_ns, group in zip(latest.groups_ns, schedule.groups, strict=True):
        if len(group) == 1:
            last_ns.append(ends_ns[group[0]])
            last_ranks.append(ranks[numbers[count + group[0]] + 1])
            continue
        past = ranks[max([numbers[count + position] for position in group]) + 1]
        last_ns.append(max([ends_ns[position] for position in group]))
        last_ranks.append(past)
        ways = [(needed_ns - ends_ns[position], ranks[numbers[count + position] + 1], past) for position in group]
        found += [way for way in ways if way[1] < past]
    found += _detours_of_events(schedule, latest, [ranks[number] for number in numbers], (last_ns, last_ranks))
    found.sort()
    return found


def _detours_of_events(
    schedule: Schedule, latest: _Latest, ranks: Sequence[int], groups: tuple[Sequence[int], Sequence[int]]
) -> list[Detour]:
    """By number of the group: when the last of its ends came, and how many tight ends come up to there."""
    last_ns, last_ranks = groups
    found: list[Detour] = []
    times_ns = [*schedule.times.starts_ns, min(schedule.times.starts_ns)]
    first_ranks = [*ranks[: len(ranks) // 2], 0]
    is_sound = not schedule.cancelled
    for rank, around, group, late_ns, lag_ns in zip(
        ranks, schedule.around, schedule.group_of, latest.events_ns, schedule.lags_ns, strict=True
    ):
        if group != NO_GROUP:
            if last_ranks[group] < rank:
                found.append((late_ns - lag_ns - last_ns[group], last_ranks[group], rank))
            if is_sound and schedule.lags_ns[schedule.groups[group][0]] >= 0:
                continue  # the way through the end that it waited for is never shorter, and avoids as much
        if first_ranks[around] < rank:
            found.append((late_ns - lag_ns - times_ns[around], first_ranks[around], rank))
    return found


def _shortest(detours: Sequence[Detour], most_ns: Sequence[int]) -> list[int]:
    """By rank the shortest detour, or the most that there can be. Each rank is looked at once, since the shortest detours come first."""
    shortest = list(most_ns)
    following = list(range(len(shortest) + 1))  # leads to the next rank that no detour has gone past yet
    for short_ns, first, before in detours:
        rank = _next(following, first)
        while rank < before:
            shortest[rank] = min(shortest[rank], short_ns)
            following[rank] = rank + 1
            rank = _next(following, rank)
    return shortest


def _next(following: list[int], rank: int) -> int:
    while following[rank] != rank:
        following[rank] = following[following[rank]]
        rank = following[rank]
    return rank
