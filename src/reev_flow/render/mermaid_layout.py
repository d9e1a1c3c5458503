"""Which boxes, nodes and arrows show a picture of a run."""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from reev_flow.render.picture import Node, NodeKind, Picture
from reev_flow.render.sequence import order_of
from reev_flow.trace.intervals import Interval
from reev_flow.trace.trace import NO_PARENT

HEAD = 0  # the place of the head among the units


class Role(StrEnum):
    """What a unit does with what it holds.

    The `HEAD` is where everything starts; a `BOX` is drawn around what it holds; a `HUB`, too deep for another box, is drawn before it;
    a `LEAF` holds nothing.
    """

    HEAD = "head"
    BOX = "box"
    HUB = "hub"
    LEAF = "leaf"


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """One box or node. `stack` are the picture's nodes it shows, each the only one directly within the one before.

    The head shows the picture's root, and has an empty stack when there are several.
    """

    role: Role
    stack: Sequence[int]
    children: Sequence[int]


class Arrows(msgspec.Struct, frozen=True):
    """An arrow from each of `before` to each of `after`, none of them a box."""

    before: Sequence[int]
    after: Sequence[int]
    from_hub: bool = False  # leads to what a hub holds


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """Units, parents before children and siblings by start, and what leads to what.

    Where many lead to many, the arrows meet in a join: `joins` tells of each in which unit it stands. Joins are numbered on from the
    units, so that arrows can name both.
    """

    picture: Picture
    units: Sequence[Unit]
    joins: Sequence[int]
    arrows: Sequence[Arrows]

    @property
    def edges(self) -> int:
        return sum(len(arrows.before) * len(arrows.after) for arrows in self.arrows)


def lay_out(picture: Picture, *, most_nested: int) -> Layout:
    """At most `most_nested` boxes are drawn within each other."""
    stacks, children = _stack(picture)
    units = [
        Unit(role=role, stack=stack, children=held)
        for role, stack, held in zip(_roles(children, most_nested), stacks, children, strict=True)
    ]
    families = _arrows(picture, units)
    joins, arrows = _join_many(families)
    return Layout(picture=picture, units=units, joins=joins, arrows=arrows)


def _stack(picture: Picture) -> tuple[list[list[int]], list[list[int]]]:
    """The nodes of each unit, and the units directly within it."""
    stacks: list[list[int]] = [[]]
    children: list[list[int]] = [[]]
    unit_of: list[int] = []
    for index, node in enumerate(picture.nodes):
        outer = HEAD if node.parent == NO_PARENT else unit_of[node.parent]
        siblings = picture.roots if node.parent == NO_PARENT else picture.children[node.parent]
        if len(siblings) > 1 or (outer == HEAD and not _fits_head(picture, index, node)):
            children[outer].append(len(stacks))
            outer = len(stacks)
            stacks.append([])
            children.append([])
        stacks[outer].append(index)
        unit_of.append(outer)
    return stacks, children


def _fits_head(picture: Picture, index: int, node: Node) -> bool:
    """Whether a root, or what is alone within the head's nodes, can be told in the head itself."""
    if node.kind is not NodeKind.OPERATION or node.count > 1:
        return False
    return node.parent == NO_PARENT or bool(picture.children[index])


def _roles(children: Sequence[Sequence[int]], most_nested: int) -> list[Role]:
    roles = [Role.LEAF] * len(children)
    nested = [0] * len(children)
    for unit, held in enumerate(children):
        if held and unit != HEAD:
            roles[unit] = Role.BOX if nested[unit] < most_nested else Role.HUB
        for child in held:
            nested[child] = nested[unit] + (roles[unit] is Role.BOX)
    roles[HEAD] = Role.HEAD
    return roles


def _arrows(picture: Picture, units: Sequence[Unit]) -> list[list[Arrows]]:
    """Those among and towards the children of each unit."""
    stretches = [_stretch(picture, unit) for unit in units]
    arrows: list[list[Arrows]] = [[] for _ in units]
    ways_in = [[unit] for unit in range(len(units))]
    ways_out = [[unit] for unit in range(len(units))]
    for place in range(len(units) - 1, -1, -1):
        unit = units[place]
        if not unit.children:
            continue
        children = sorted(unit.children, key=stretches.__getitem__)
        order = order_of([stretches[child] for child in children])
        first = [way for child in order.first for way in ways_in[children[child]]]
        if unit.role is Role.BOX:
            ways_in[place] = first
        else:
            arrows[place].append(Arrows([place], first, from_hub=unit.role is Role.HUB))
        for link in order.links:
            before = [way for child in link.before for way in ways_out[children[child]]]
            after = [way for child in link.after for way in ways_in[children[child]]]
            arrows[place].append(Arrows(before, after))
        ways_out[place] = [way for child in order.last for way in ways_out[children[child]]]
    return arrows


def _stretch(picture: Picture, unit: Unit) -> Interval:
    """When it stands among its siblings; the head has none."""
    if not unit.stack:
        return 0, 0
    outermost = picture.nodes[unit.stack[0]]
    return outermost.start_ns, outermost.end_ns


def _join_many(families: Sequence[Sequence[Arrows]]) -> tuple[list[int], list[Arrows]]:
    """All arrows in one list, many-to-many led through a join when that takes fewer."""
    joins: list[int] = []
    led: list[Arrows] = []
    for place, family in enumerate(families):
        for arrows in family:
            before, after = len(arrows.before), len(arrows.after)
            if before * after <= before + after:
                led.append(arrows)
                continue
            join = len(families) + len(joins)
            joins.append(place)
            led.extend((Arrows(arrows.before, [join]), Arrows([join], arrows.after)))
    return joins, led
