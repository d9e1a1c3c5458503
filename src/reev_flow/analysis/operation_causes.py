"""What the operations of a run are known to have waited for, once the infrastructure between them is left out."""

from collections.abc import Iterable, Sequence

from reev_flow.analysis.awaited import NOBODY, Waits, last_of, stood_still, waits_of
from reev_flow.analysis.causes import Causes
from reev_flow.trace.trace import NO_PARENT, Trace

UNKNOWN = -2  # what a start or end waited for that has to be guessed from times


def operation_waits(trace: Trace, causes: Causes, operations: Sequence[int], forest: Trace) -> Waits:
    """By index in the forest of the operations, which stand at these positions of the trace.

    What waited for infrastructure waited for the operation that finished last inside it, or else for what the infrastructure waited for; what
    starts inside infrastructure waited for what that waited for. An operation inside infrastructure of which nothing is known,
    among others, is loose for all: nobody knows what waited for that infrastructure.
    """
    walk = _Walk(trace, causes, operations)
    walk.run()
    index = {position: number for number, position in enumerate(operations)}
    starts = [
        _within(walk.start_causes[position], index, forest, forest.spans[number].start_ns)
        for number, position in enumerate(operations)
    ]
    ends = [
        _within(walk.end_causes(position), index, forest, forest.spans[number].end_ns)
        for number, position in enumerate(operations)
    ]
    is_loose = [
        starts[number] is None or walk.is_loose[position] or stood_still(trace.spans[position])
        for number, position in enumerate(operations)
    ]
    return waits_of(forest, Causes(starts=starts, ends=ends), is_loose)


def _within(cause: int, index: dict[int, int], forest: Trace, moment: int) -> tuple[int, ...] | None:
    if cause == UNKNOWN:
        return None
    if cause == NOBODY:
        return ()
    return (index[cause],) if forest.spans[index[cause]].end_ns <= moment else None


class _Walk:
    """From the first span of a trace to the last; a span is left when everything below it was seen.

    One cause is enough, the last to finish: it alone decided.
    """

    def __init__(self, trace: Trace, causes: Causes, operations: Iterable[int]) -> None:
        count = len(trace)
        self._trace = trace
        self._causes = causes
        self._is_operation = [False] * count
        self.start_causes = [UNKNOWN] * count  # the operation that a span's start waited for
        self.is_loose = [False] * count
        self._stand_ins = [
            UNKNOWN
        ] * count  # the operation that is meant by who waited for a span: itself or one inside
        self._last_inside = [NOBODY] * count
        self._last_loose_inside = [NOBODY] * count
        for position in operations:
            self._is_operation[position] = True
            self._stand_ins[position] = position
        self._has_siblings = _with_siblings(trace)

    def run(self) -> None:
        open_spans: list[int] = []
        for position in range(len(self._trace)):
            self._enter(position)
            open_spans.append(position)
            while open_spans and self._trace.subtree_ends[open_spans[-1]] == position + 1:
                self._leave(open_spans.pop())

    def _enter(self, position: int) -> None:
        parent = self._trace.parents[position]
        is_inside = parent != NO_PARENT and not self._is_operation[parent]
        known = self._causes.starts[position]
        is_guess = known is None and self._has_siblings[position]
        self.is_loose[position] = is_guess or (is_inside and self.is_loose[parent])
        cause = UNKNOWN if is_guess else self._last(known or ())
        if cause == NOBODY and is_inside:
            cause = self.start_causes[parent]
        self.start_causes[position] = cause

    def _leave(self, position: int) -> None:
        if not self._is_operation[position]:
            inside = self.end_causes(position, is_guess_wanted=True)
            self._stand_ins[position] = self.start_causes[position] if inside == NOBODY else inside
        parent = self._trace.parents[position]
        stand_in = self._stand_ins[position]
        if parent == NO_PARENT or stand_in < 0 or self._trace.spans[stand_in].end_ns > self._trace.spans[parent].end_ns:
            return
        self._last_inside[parent] = self._later(self._last_inside[parent], stand_in)
        if self.is_loose[position]:
            self._last_loose_inside[parent] = self._later(self._last_loose_inside[parent], stand_in)

    def end_causes(self, position: int, *, is_guess_wanted: bool = False) -> int:
        """The operation below a span that its end waited for."""
        known = self._causes.ends[position]
        if known is None:
            return self._last_inside[position] if is_guess_wanted else UNKNOWN
        cause = self._last(known)
        return cause if cause == UNKNOWN else self._later(cause, self._last_loose_inside[position])

    def _last(self, causes: Iterable[int]) -> int:
        """The operation that finished last of those meant by these causes."""
        found = [self._stand_ins[cause] for cause in causes]
        if UNKNOWN in found:
            return UNKNOWN
        cause = last_of(self._trace, [operation for operation in found if operation != NOBODY])
        return NOBODY if cause is None else cause

    def _later(self, one: int, other: int) -> int:
        if NOBODY in {one, other}:
            return max(one, other)
        cause = last_of(self._trace, (one, other))
        return NOBODY if cause is None else cause


def _with_siblings(trace: Trace) -> list[bool]:
    """Of each span, whether it has any."""
    counts = [0] * (len(trace) + 1)  # of the children of each span, and last, where NO_PARENT leads, of the roots
    for parent in trace.parents:
        counts[parent] += 1
    return [counts[parent] > 1 for parent in trace.parents]
