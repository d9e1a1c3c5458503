"""Which operations of a family ran beside each other, so that their order says nothing."""

from collections.abc import Sequence

from reev_flow.analysis.comparison.operations import Operations


def parallel_groups(run: Operations, family: Sequence[int]) -> list[int]:
    """A number for each, by start: those that overlap, directly or through others, have the same number."""
    groups: list[int] = []
    number, reached = 0, None
    for index in family:
        span = run.span(index)
        if reached is not None and span.start_ns >= reached:
            number += 1
            reached = span.end_ns
        reached = span.end_ns if reached is None else max(reached, span.end_ns)
        groups.append(number)
    return groups
