"""The flow operations of a trace as a forest of their own, infrastructure left out."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from reev_flow.trace.span import Operation
from reev_flow.trace.trace import NO_PARENT, Trace

Name: TypeAlias = tuple[Operation, str]


class OperationForest(msgspec.Struct, frozen=True, kw_only=True):
    """What a drawing shows, each operation addressed by its index: parents before children.

    An operation below infrastructure hangs on its nearest operation. `children` and `roots` are by start. `positions` leads back to
    `Trace.spans`; `name_keys[i]` is the place of operation i's name in `names`. A trace of nothing but infrastructure is drawn as an
    `is_overview`: then the infrastructure spans stand in for the operations.
    """

    trace: Trace
    positions: Sequence[int]
    parents: Sequence[int]
    children: Sequence[Sequence[int]]
    roots: Sequence[int]
    names: Sequence[Name]
    name_keys: Sequence[int]
    is_overview: bool = False

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def undrawn(self) -> int:
        """How many infrastructure spans are left out."""
        return len(self.trace) - len(self.positions)

    def index_of(self, position: int) -> int:
        """Of an operation, by its position in `Trace.spans`."""
        return bisect_left(self.positions, position)

    def below(self, indexes: Sequence[int]) -> list[int]:
        """Everything under these operations, in the order of the trace."""
        found: list[int] = []
        unseen = list(indexes)
        while unseen:
            children = self.children[unseen.pop()]
            found.extend(children)
            unseen.extend(children)
        return sorted(found)

    def count_by_operation(self, indexes: Sequence[int]) -> dict[Operation, int]:
        """Most frequent first, ties in the order of `Operation`."""
        counted = Counter(self.names[self.name_keys[index]][0] for index in indexes)
        return dict(sorted(counted.items(), key=lambda item: (-item[1], ORDER[item[0]])))


ORDER = {operation: place for place, operation in enumerate(Operation)}


def operation_forest(trace: Trace) -> OperationForest:
    is_overview = all(span.operation is Operation.OTHER for span in trace.spans)
    positions: list[int] = []
    parents: list[int] = []
    children: list[list[int]] = []
    roots: list[int] = []
    moved: set[int] = set()  # whose children did not all come by start
    owners: list[int] = []  # for each span, the index of the operation it is or is in
    for position, (span, parent) in enumerate(zip(trace.spans, trace.parents, strict=True)):
        owner = NO_PARENT if parent == NO_PARENT else owners[parent]
        if is_overview or span.operation is not Operation.OTHER:
            (roots if owner == NO_PARENT else children[owner]).append(len(positions))
            if parent != NO_PARENT and (owner == NO_PARENT or positions[owner] != parent):
                moved.add(owner)
            parents.append(owner)
            owner = len(positions)
            positions.append(position)
            children.append([])
        owners.append(owner)
    _sort_by_start(trace, positions, [roots if owner == NO_PARENT else children[owner] for owner in moved])
    names, name_keys = _name_all(trace, positions)
    return OperationForest(
        trace=trace,
        positions=positions,
        parents=parents,
        children=children,
        roots=roots,
        names=names,
        name_keys=name_keys,
        is_overview=is_overview,
    )


def _sort_by_start(trace: Trace, positions: Sequence[int], families: Sequence[list[int]]) -> None:
    for family in families:
        family.sort(key=lambda index: (trace.spans[positions[index]].start_ns, trace.spans[positions[index]].end_ns))


def _name_all(trace: Trace, positions: Sequence[int]) -> tuple[list[Name], list[int]]:
    places: dict[Name, int] = {}
    name_keys = []
    for position in positions:
        span = trace.spans[position]
        name_keys.append(places.setdefault((span.operation, span.label), len(places)))
    return list(places), name_keys
