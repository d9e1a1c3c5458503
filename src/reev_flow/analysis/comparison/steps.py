"""Two runs as one list of steps: what both did, what only one did, and what was different about it."""

from collections.abc import Iterator, Sequence
from enum import StrEnum

import msgspec

from reev_flow.analysis.comparison.amounts import Amounts, Owned
from reev_flow.analysis.comparison.operations import Operations, asked_text
from reev_flow.analysis.comparison.pairing import NO_PARTNER, Pairing
from reev_flow.trace.span import Operation, Value
from reev_flow.trace.trace import NO_PARENT

NOT_THERE = -1

SPEAKERS = frozenset({Operation.FLOW, Operation.AGENT, Operation.LLM})  # what they say may be worded in many ways


class Change(StrEnum):
    """What is different about a step in B."""

    MISSING = "missing"  # only A did it
    ADDED = "added"  # only B did it
    MOVED = "moved"  # it came before or after other steps than in A
    OTHER_NAME = "other_name"  # another model, or the run by another name
    OTHER_ARGUMENTS = "other_arguments"
    OTHER_RESULT = "other_result"  # of a model: other tools asked for, or the same asked otherwise
    FAILED = "failed"  # it went well in A
    WENT_WELL = "went_well"  # it failed in A
    OTHER_WORDS = "other_words"  # a model, an agent or a flow said it otherwise; no divergence by itself


class Step(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One operation in both runs or in one. `a` and `b` are positions in the spans of each, or `NOT_THERE`.

    `parent` is the index of the step around it, `end` of the first step behind those inside it. The amounts are what it owned itself: its
    time on the critical path, tokens and dollars without those of the steps inside it. A pending step is one that the other run may still
    come to.
    """

    operation: Operation
    name: str
    parent: int
    end: int
    a: int
    b: int
    a_owned: Amounts
    b_owned: Amounts
    changes: tuple[Change, ...] = ()
    is_pending: bool = False

    @property
    def difference(self) -> Amounts:
        return self.b_owned - self.a_owned


class PairedRuns(msgspec.Struct, frozen=True, kw_only=True):
    """Two runs and which operation of one is which of the other."""

    a: Operations
    b: Operations
    pairing: Pairing


def steps_of(runs: PairedRuns, owned: tuple[Owned, Owned]) -> tuple[Step, ...]:
    """Steps before what is inside them, in the order of A, with what only B did where it did it."""
    rows = list(_rows(runs.a, runs.b, runs.pairing))
    ends = _ends(rows)
    return tuple(_step(runs, owned, row, end) for row, end in zip(rows, ends, strict=True))


Row = tuple[int, int, int]  # the row around it, the operation of A, the operation of B


def _rows(a: Operations, b: Operations, pairing: Pairing) -> Iterator[Row]:
    claimed_a = {index for family in pairing.families_of_a.values() for index in family}
    claimed_b = {index for family in pairing.families_of_b.values() for index in family}
    roots_a = [index for index in a.roots if index not in claimed_a]
    roots_b = [index for index in b.roots if index not in claimed_b]
    waiting = [(NO_PARENT, one, other) for one, other in _merged(roots_a, roots_b, pairing)][::-1]
    count = 0
    while waiting:
        row = waiting.pop()
        yield row
        _, one, other = row
        below_a = _below(a, one, pairing.families_of_a.get(other))
        below_b = _below(b, other, pairing.families_of_b.get(one))
        if below_a or below_b:
            waiting += [(count, *pair) for pair in _merged(below_a, below_b, pairing)][::-1]
        count += 1


def _below(run: Operations, index: int, claimed: Sequence[int] | None) -> Sequence[int]:
    """What is known to be below it, and what is taken for it because its parent was never seen."""
    children = run.children[index] if index != NO_PARTNER else ()
    if not claimed:
        return children
    return sorted((*children, *claimed), key=lambda child: (run.span(child).start_ns, child))


def _merged(a: Sequence[int], b: Sequence[int], pairing: Pairing) -> list[tuple[int, int]]:
    """One family in the order of A; what only B has stands before what it came before there."""
    places = {index: place for place, index in enumerate(b)}
    merged: list[tuple[int, int]] = []
    reached = 0
    for index in a:
        partner = pairing.partners_of_a[index]
        place = places.get(partner, -1)
        if place >= reached:
            merged += _only_b(b[reached:place], pairing)
            reached = place + 1
        merged.append((index, partner))
    return [*merged, *_only_b(b[reached:], pairing)]


def _only_b(family: Sequence[int], pairing: Pairing) -> Iterator[tuple[int, int]]:
    return ((NO_PARTNER, index) for index in family if pairing.partners_of_b[index] == NO_PARTNER)


def _ends(rows: Sequence[Row]) -> list[int]:
    ends = list(range(1, len(rows) + 1))
    for place in range(len(rows) - 1, -1, -1):
        parent = rows[place][0]
        if parent != NO_PARENT:
            ends[parent] = max(ends[parent], ends[place])
    return ends


def _step(runs: PairedRuns, owned: tuple[Owned, Owned], row: Row, end: int) -> Step:
    a, b, pairing = runs.a, runs.b, runs.pairing
    parent, one, other = row
    run, index = (a, one) if one != NO_PARTNER else (b, other)
    return Step(
        operation=run.span(index).operation,
        name=run.label(index),
        parent=parent,
        end=end,
        a=NOT_THERE if one == NO_PARTNER else a.positions[one],
        b=NOT_THERE if other == NO_PARTNER else b.positions[other],
        a_owned=Amounts() if one == NO_PARTNER else owned[0].by_operation[one],
        b_owned=Amounts() if other == NO_PARTNER else owned[1].by_operation[other],
        changes=tuple(_changes(runs, one, other)),
        is_pending=(other == NO_PARTNER and one in pairing.pending_a)
        or (one == NO_PARTNER and other in pairing.pending_b),
    )


def _changes(runs: PairedRuns, one: int, other: int) -> Iterator[Change]:
    a, b = runs.a, runs.b
    if other == NO_PARTNER:
        yield Change.MISSING
        return
    if one == NO_PARTNER:
        yield Change.ADDED
        return
    if one in runs.pairing.moved_a:
        yield Change.MOVED
    if a.label(one) != b.label(other):
        yield Change.OTHER_NAME
    operation = a.span(one).operation
    if operation is not Operation.LLM and _differ(a, b, a.input(one), b.input(other)):
        yield Change.OTHER_ARGUMENTS
    if not a.is_open(one) and not b.is_open(other):
        yield from _changes_at_the_end(a, b, one, other)


def _changes_at_the_end(a: Operations, b: Operations, one: int, other: int) -> Iterator[Change]:
    if (one in a.failed) != (other in b.failed):
        yield Change.FAILED if other in b.failed else Change.WENT_WELL
        return
    if one in a.failed:
        return
    operation = a.span(one).operation
    if operation is Operation.LLM and asked_text(a, one) != asked_text(b, other):
        yield Change.OTHER_RESULT
    elif _differ(a, b, _told(a, one), _told(b, other)):
        yield Change.OTHER_WORDS if operation in SPEAKERS else Change.OTHER_RESULT


def _told(run: Operations, index: int) -> Value:
    call = run.model_calls.get(index)
    return call.answer if call is not None else run.output(index)


def _differ(a: Operations, b: Operations, one: Value, other: Value) -> bool:
    """Only what both recorded can differ."""
    if one is None or other is None:
        return False
    try:
        if one == other:
            return False
    except RecursionError:  # both are too deep to be told apart
        return False
    return a.text(one) != b.text(other)
