"""The abstract picture of a run: what stands for which operations, before anyone decides how it looks."""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from reev_flow.render.operations import OperationForest
from reev_flow.trace.span import NO_TOKENS, Operation, TokenUsage


class NodeKind(StrEnum):
    """`OPERATION` stands for spans of one name, `LOOP` for no span but for rounds of what is below it, `REST` for a mixture."""

    OPERATION = "operation"
    LOOP = "loop"
    REST = "rest"


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """One thing drawn. `parent` is the index of another node or `NO_PARENT`, `positions` are the spans it stands for.

    `start_ns` and `end_ns` place it among its siblings: for operations merged out of several parents, they are those of the first.
    `duration_ns` is the sum over its spans, for a loop or a rest the time from the first start to the last end. `usage` is what its
    spans state themselves. `interrupted` ones are not among the `failed`. `gap` says why the run stood still meanwhile, if it did.
    `rounds` is above 1 for a loop only, `counts` filled for a rest only.
    """

    kind: NodeKind
    parent: int
    operation: Operation = Operation.OTHER
    label: str = ""
    positions: Sequence[int]
    failed: int
    interrupted: int = 0
    gap: str = ""
    start_ns: int
    end_ns: int
    duration_ns: int
    usage: TokenUsage = NO_TOKENS
    rounds: int = 1
    counts: dict[Operation, int] = {}

    @property
    def count(self) -> int:
        """How many operations it stands for, those of the nodes below it not included."""
        return len(self.positions)

    @property
    def broken(self) -> int:
        """How many of them did not come to a good end."""
        return self.failed + self.interrupted

    @property
    def count_by_operation(self) -> dict[Operation, int]:
        if self.kind is NodeKind.OPERATION:
            return {self.operation: len(self.positions)}
        return self.counts


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A forest of nodes, parents before children and siblings by start; `children[i]` are the indexes below node i.

    The nodes' counts sum to the number of operations in `forest`, whatever was folded.
    """

    forest: OperationForest
    nodes: Sequence[Node]
    children: Sequence[Sequence[int]]
    roots: Sequence[int]

    @property
    def folded(self) -> int:
        """How many operations share a node with others."""
        return sum(node.count for node in self.nodes if node.count > 1)

    @property
    def folds(self) -> int:
        """How many nodes stand for more than one operation."""
        return sum(node.count > 1 for node in self.nodes)
