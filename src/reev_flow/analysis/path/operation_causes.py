"""What the operations of a run are known to have waited for, once the infrastructure between them is left out."""

from collections.abc import Iterable, Sequence
from heapq import nlargest
from itertools import chain
from typing import TypeAlias

from reev_flow.analysis.path.awaited import Waits, stood_still, waits_of
from reev_flow.analysis.path.causes import Causes
from reev_flow.trace.trace import NO_PARENT, Trace

Cause: TypeAlias = tuple[int, ...] | None  # operations; None where it has to be guessed from times

NOBODY: tuple[int, ...] = ()
MOST_MEANT = 64  # operations that one piece of infrastructure stands for


def operation_waits(trace: Trace, causes: Causes, operations: Sequence[int], forest: Trace) -> tuple[Waits, list[bool]]:
    """By index in the forest of the operations, which stand at these positions of the trace; then which of them are strangers.

    What waited for infrastructure waited for the operations inside it that its end waited for, or else for what the infrastructure waited for;
    what starts inside infrastructure waited for what that waited for. An operation inside infrastructure of which nothing is known,
    among others, is a stranger to all: nobody knows what waited for that infrastructure.
    """
    walk = _Walk(trace, causes, operations)
    walk.run()
    index = {position: number for number, position in enumerate(operations)}
    starts = [_before(walk.start_causes[position], index, forest, number) for number, position in enumerate(operations)]
    ends = [_inside(walk.end_causes(position), index, forest, number) for number, position in enumerate(operations)]
    is_stranger = [starts[number] is None or walk.is_loose[position] for number, position in enumerate(operations)]
    is_loose = [stranger or stood_still(span) for stranger, span in zip(is_stranger, forest.spans, strict=True)]
    return waits_of(forest, Causes(starts=starts, ends=ends), is_loose), is_stranger


def _before(causes: Cause, index: dict[int, int], forest: Trace, number: int) -> Cause:
    """Unless one of them ended too late, or takes no time and stands behind what waited for it in that very moment."""
    if not causes:
        return causes
    found = tuple(index[cause] for cause in causes)
    start_ns = forest.spans[number].start_ns
    is_possible = all(
        forest.spans[cause].end_ns <= start_ns and (cause < number or forest.spans[cause].start_ns < start_ns)
        for cause in found
    )
    return found if is_possible else None


def _inside(causes: Cause, index: dict[int, int], forest: Trace, number: int) -> Cause:
    if not causes:
        return causes
    found = tuple(index[cause] for cause in causes)
    return found if all(forest.spans[cause].end_ns <= forest.spans[number].end_ns for cause in found) else None


class _Walk:
    """From the first span of a trace to the last; a span is left when everything below it was seen."""

    def __init__(self, trace: Trace, causes: Causes, operations: Iterable[int]) -> None:
        count = len(trace)
        self._trace = trace
        self._causes = causes
        self._is_operation = [False] * count
        self.start_causes: list[Cause] = [None] * count  # the operations that a span's start waited for
        self.is_loose = [False] * count
        self._meant: list[Cause] = [None] * count  # by who waited for a span: itself, or operations inside
        self._inside: dict[
            int, list[tuple[int, ...]]
        ] = {}  # by infrastructure whose end has to be guessed, what is meant by those inside it
        self._loose_inside: dict[int, list[tuple[int, ...]]] = {}
        for position in operations:
            self._is_operation[position] = True
            self._meant[position] = (position,)
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
        causes = None if is_guess else self._meant_by(known or ())
        if causes == NOBODY and is_inside:
            causes = self.start_causes[parent]
        self.start_causes[position] = causes if self._is_operation[position] else self._bounded(causes)

    def _leave(self, position: int) -> None:
        if not self._is_operation[position]:
            inside = self.end_causes(position, is_guess_wanted=True)
            self._meant[position] = self.start_causes[position] if inside == NOBODY else self._bounded(inside)
        parent, meant = self._trace.parents[position], self._meant[position]
        if parent == NO_PARENT or not meant:
            return
        is_guess = self._causes.ends[parent] is None and not self._is_operation[parent]
        if not (is_guess or self.is_loose[position]):
            return
        end_ns = self._trace.spans[parent].end_ns
        if any(self._trace.spans[one].end_ns > end_ns for one in meant):
            meant = tuple(one for one in meant if self._trace.spans[one].end_ns <= end_ns)
        if meant and is_guess:
            self._inside.setdefault(parent, []).append(meant)
        if meant and self.is_loose[position]:
            self._loose_inside.setdefault(parent, []).append(meant)

    def end_causes(self, position: int, *, is_guess_wanted: bool = False) -> Cause:
        """The operations below a span that its end waited for."""
        known = self._causes.ends[position]
        if known is None:
            return self._all_of(self._inside.get(position, ())) if is_guess_wanted else None
        causes = self._meant_by(known)
        loose = self._loose_inside.get(position)
        return causes if causes is None or loose is None else self._all_of([causes, *loose])

    def _meant_by(self, causes: Iterable[int]) -> Cause:
        found: list[tuple[int, ...]] = []
        for cause in causes:
            meant = self._meant[cause]
            if meant is None:
                return None
            found.append(meant)
        return self._all_of(found)

    def _all_of(self, found: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
        """Each once."""
        if len(found) < 2:
            return found[0] if found else NOBODY
        return tuple(dict.fromkeys(chain.from_iterable(found)))

    def _bounded(self, causes: Cause) -> Cause:
        """Of very many the last to finish, since many others may come to wait for what infrastructure stands for."""
        if causes is None or len(causes) <= MOST_MEANT:
            return causes
        return tuple(nlargest(MOST_MEANT, causes, key=self._finishing))

    def _finishing(self, position: int) -> tuple[int, int, int]:
        span = self._trace.spans[position]
        return span.end_ns, -span.start_ns, -position


def _with_siblings(trace: Trace) -> list[bool]:
    """Of each span, whether it has any."""
    counts = [0] * (len(trace) + 1)  # of the children of each span, and last, where NO_PARENT leads, of the roots
    for parent in trace.parents:
        counts[parent] += 1
    return [counts[parent] > 1 for parent in trace.parents]
