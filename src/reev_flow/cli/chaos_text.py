"""What people are told of a rehearsal."""

import shlex
from collections import Counter
from collections.abc import Sequence

from reev_flow.chaos.points import STORE, TRACES, Fault, Point
from reev_flow.chaos.rehearsal import UNDISTURBED, PointOutcome
from reev_flow.render.printable import printable

STEPS = "edges of steps"
OWNERS = {STORE: "store's", TRACES: "traces'"}


def told_points(held: Sequence[Point], passed: Sequence[Point]) -> str:
    """Where something went wrong."""
    counts = Counter(_told_subject(point) for point in held if point != UNDISTURBED)
    told = ", ".join(f"{what} {count}" for what, count in sorted(counts.items()))
    return f"points of the uninterrupted run: {len(passed)}; of them here: {told or 'none'}\n"


def _told_subject(point: Point) -> str:
    if not point.is_of_store:
        return STEPS
    store, _, part = point.subject.partition("-")
    return f"{OWNERS[store]} {part}"


def told_divergence(outcome: PointOutcome, again: str) -> str:
    """On one line, with how to see it again."""
    first, *others = outcome.differences.lines
    more = f" (and {len(others)} more)" if others else ""
    workers = f"; {outcome.complaints[0]}" if outcome.complaints else ""
    is_at_point = outcome.point != UNDISTURBED
    command = f"{again} --kill-points {shlex.quote(outcome.point.name)}" if is_at_point else again
    return printable(f"{outcome.point.name}: {first}{more}{workers}; again: {command}") + "\n"


def told_sum(fault: Fault, outcomes: Sequence[PointOutcome]) -> str:
    reached = sum(one.was_reached for one in outcomes)
    not_reached = sum(not one.was_reached and one.point != UNDISTURBED for one in outcomes)
    told = f"not passed this time, because of the order in which branches ran: {not_reached}\n" if not_reached else ""
    unkept = sum(one.differences.unkept_spans for one in outcomes)
    told += (
        f"spans of tools and models that died with their worker before any store had them: {unkept}\n" if unkept else ""
    )
    divergent = sum(one.is_divergent for one in outcomes)
    duplicated = sum(one.differences.duplicated for one in outcomes)
    lost = sum(one.differences.lost_spans for one in outcomes)
    return (
        f"{told}{fault.value} points {reached}, divergent {divergent}, duplicated effects {duplicated}, "
        f"lost spans {lost}\n"
    )
