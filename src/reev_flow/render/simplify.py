"""How a run with too much in it becomes a picture that can be read, with every count exact."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import TypeAlias

import msgspec

from reev_flow.analysis.meaning.failure import was_interrupted
from reev_flow.render.operations import OperationForest
from reev_flow.render.picture import Node, NodeKind, Picture
from reev_flow.render.repeats import Group, fold_repeats, merge_same
from reev_flow.trace.run import GapKind
from reev_flow.trace.semantics import REEV_GAP
from reev_flow.trace.span import NO_TOKENS, Operation, Span, Status, TokenUsage
from reev_flow.trace.trace import NO_PARENT

REST = "rest"
TELLS_TOKENS = frozenset({Operation.LLM, Operation.EMBEDDING})

Place: TypeAlias = tuple[int, int, Group]  # the parent node, how many operations it is nested in, what to draw


class Fold(msgspec.Struct, frozen=True, kw_only=True):
    """How strongly to fold.

    `least_repeats` siblings in a row that are the same become one node, and so do rounds of two to four siblings; 0 folds none.
    Siblings are the same when they have the same name and everything below them is the same too; with `by_name`, when they have the
    same name; `anywhere` puts those together even when others stand between. Below `depth` levels everything becomes one rest; of
    more than `siblings`, those in the middle become one.
    """

    least_repeats: int = 3
    by_name: bool = False
    anywhere: bool = False
    depth: int | None = None
    siblings: int | None = None


NO_FOLD = Fold(least_repeats=0)
EXACT_REPEATS = Fold()
REPEATS_FOLDED = (
    EXACT_REPEATS,
    Fold(by_name=True, least_repeats=2),
    Fold(by_name=True, anywhere=True),
)
"""What these put together is the same to the eye: names and counts stay, only order is lost."""

DETAIL_LEFT_OUT = tuple(
    Fold(by_name=True, anywhere=True, depth=depth, siblings=siblings)
    for depth, siblings in (
        *((32, 400), (16, 200), (10, 100), (7, 50), (5, 25), (4, 25)),
        *((3, 12), (3, 6), (2, 6), (2, 3), (1, 3), (1, 1)),
    )
)
FOLDS = (*REPEATS_FOLDED, *DETAIL_LEFT_OUT)
"""From the gentlest to the strongest, which leaves two nodes of any run with one root."""


def draw_picture(forest: OperationForest, fold: Fold = EXACT_REPEATS) -> Picture:
    return _picture(forest, [(parent, group) for parent, group, _ in _walk(forest, fold)])


def draw_within(
    forest: OperationForest, fold: Fold, *, most_nodes: int | None = None, most_leaves: int | None = None
) -> Picture | None:
    """None as soon as it is known that more nodes, or more nodes with none in them, would be drawn than wanted."""
    drawn: list[tuple[int, Group]] = []
    for parent, group, leaves in _walk(forest, fold):
        if len(drawn) == most_nodes or (most_leaves is not None and leaves > most_leaves):
            return None
        drawn.append((parent, group))
    return _picture(forest, drawn)


def _picture(forest: OperationForest, drawn: Sequence[tuple[int, Group]]) -> Picture:
    children: list[list[int]] = [[] for _ in drawn]
    roots: list[int] = []
    for index, (parent, _) in enumerate(drawn):
        (roots if parent == NO_PARENT else children[parent]).append(index)
    nodes = [_node(forest, group, parent) for parent, group in drawn]
    return Picture(forest=forest, nodes=nodes, children=children, roots=roots)


def _walk(forest: OperationForest, fold: Fold) -> Iterator[tuple[int, Group, int]]:
    """Every group to draw, parents first and siblings by start.

    With each: the place of its parent in this walk, the group, and how many leaves there are at least.
    """
    keys: Sequence[Hashable] = forest.name_keys if fold.by_name else _shapes(forest)
    top = _fold(forest, _singles(forest, keys, forest.roots), fold)
    waiting: list[Place] = [(NO_PARENT, 1, group) for group in reversed(top)]
    place = leaves = 0
    while waiting:
        parent, level, group = waiting.pop()
        yield parent, group, leaves + len(waiting) + 1
        below = _inside(forest, keys, group, fold=fold, level=level)
        if below:
            inner_level = level if group.pattern else level + 1
            waiting.extend((place, inner_level, inner) for inner in reversed(below))
        else:
            leaves += 1
        place += 1


def _inside(
    forest: OperationForest, keys: Sequence[Hashable], group: Group, *, fold: Fold, level: int
) -> Sequence[Group]:
    """The groups directly below a group, folded. `level` is how many operations they are nested in."""
    if group.key == REST or group.pattern:
        return group.pattern
    families = [family for index in group.indexes if (family := forest.children[index])]
    if not families:
        return ()
    if fold.depth is not None and level >= fold.depth:
        return (_rest_below(forest, group),)
    if len(families) == 1:
        return _fold(forest, _singles(forest, keys, families[0]), fold)
    if len(families) == len(group.indexes) and _are_alike(keys, families):
        return _fold(forest, _columns(forest, keys, families), fold)
    singles = _singles(forest, keys, [index for family in families for index in family])
    return _fold(forest, merge_same(singles), fold)


def _fold(forest: OperationForest, groups: Sequence[Group], fold: Fold) -> Sequence[Group]:
    if len(groups) < 2:
        return groups
    if fold.anywhere:
        groups = merge_same(groups)
    elif fold.least_repeats:
        groups = fold_repeats(groups, least=fold.least_repeats, counts_matter=not fold.by_name)
    if fold.siblings is not None and len(groups) > fold.siblings:
        return _fold_middle(forest, groups, fold.siblings)
    return groups


def _fold_middle(forest: OperationForest, groups: Sequence[Group], most: int) -> list[Group]:
    """The first and the last stay: a run's answer is at its end."""
    first, last = max(0, most - 2), 0 if most < 3 else 1
    middle = groups[first : len(groups) - last]
    held = [index for group in middle for part in group.pattern or (group,) for index in part.indexes]
    start_ns, end_ns = middle[0].start_ns, max(group.end_ns for group in middle)
    rest = Group(REST, sorted([*held, *forest.below(held)]), start_ns, end_ns)
    return [*groups[:first], rest, *groups[len(groups) - last :]]


def _rest_below(forest: OperationForest, group: Group) -> Group:
    return Group(REST, forest.below(group.indexes), group.start_ns, group.end_ns)


def _singles(forest: OperationForest, keys: Sequence[Hashable], indexes: Iterable[int]) -> list[Group]:
    spans, positions = forest.trace.spans, forest.positions
    return [Group(keys[index], (index,), (span := spans[positions[index]]).start_ns, span.end_ns) for index in indexes]


def _are_alike(keys: Sequence[Hashable], families: Sequence[Sequence[int]]) -> bool:
    first = [keys[index] for index in families[0]]
    return all([keys[index] for index in family] == first for family in families[1:])


def _columns(forest: OperationForest, keys: Sequence[Hashable], families: Sequence[Sequence[int]]) -> list[Group]:
    """The first children of all together, the second, and so on; each stands where it stood in the first family."""
    singles = _singles(forest, keys, families[0])
    columns = zip(*families, strict=True)
    return [
        Group(single.key, column, single.start_ns, single.end_ns)
        for single, column in zip(singles, columns, strict=True)
    ]


def _shapes(forest: OperationForest) -> list[int]:
    """Equal numbers for operations with the same name and the same shapes below them."""
    numbers: dict[Hashable, int] = {}
    shapes = list(forest.name_keys)
    for index in range(len(forest) - 1, -1, -1):
        below = tuple([shapes[child] for child in forest.children[index]])
        shapes[index] = numbers.setdefault((forest.name_keys[index], below), len(numbers))
    return shapes


def _node(forest: OperationForest, group: Group, parent: int) -> Node:
    if group.pattern or group.key == REST:
        return _mixed_node(forest, group, parent)
    operation, label = forest.names[forest.name_keys[group.indexes[0]]]
    positions = [forest.positions[index] for index in group.indexes]
    spans = [forest.trace.spans[position] for position in positions]
    return Node(
        kind=NodeKind.OPERATION,
        parent=parent,
        operation=operation,
        label=label,
        positions=positions,
        failed=_failures(spans),
        interrupted=_interruptions(spans),
        gap=_gap(spans),
        start_ns=group.start_ns,
        end_ns=group.end_ns,
        duration_ns=sum([span.end_ns - span.start_ns for span in spans]),
        usage=_usage(spans) if operation in TELLS_TOKENS else NO_TOKENS,
    )


def _mixed_node(forest: OperationForest, group: Group, parent: int) -> Node:
    positions = [forest.positions[index] for index in group.indexes]
    spans = [forest.trace.spans[position] for position in positions]
    return Node(
        kind=NodeKind.LOOP if group.pattern else NodeKind.REST,
        parent=parent,
        positions=positions,
        failed=_failures(spans),
        interrupted=_interruptions(spans),
        start_ns=group.start_ns,
        end_ns=group.end_ns,
        duration_ns=group.end_ns - group.start_ns,
        rounds=group.rounds,
        counts=forest.count_by_operation(group.indexes),
    )


def _failures(spans: Sequence[Span]) -> int:
    return sum([span.status is Status.ERROR and not was_interrupted(span) for span in spans])


def _interruptions(spans: Sequence[Span]) -> int:
    return sum([was_interrupted(span) for span in spans])


def _gap(spans: Sequence[Span]) -> str:
    gap = spans[0].attributes.get(REEV_GAP)
    return "" if gap is None else next((kind for kind in GapKind if kind == gap), "")


def _usage(spans: Sequence[Span]) -> TokenUsage:
    stated = [span.usage for span in spans if span.usage is not None]
    return stated[0] if len(stated) == 1 else sum(stated, NO_TOKENS)
