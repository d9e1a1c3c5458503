"""A laid-out diagram as the text that mermaid reads."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from reev_flow.render.mermaid_labels import box_label, description, head_label, leaf_label
from reev_flow.render.mermaid_layout import HEAD, Layout, Role
from reev_flow.render.mermaid_styles import CIRCLE, CRITICAL_LINE, RECTANGLE, SHAPES, STADIUM, STYLES
from reev_flow.render.mermaid_text import escape_label, shorten
from reev_flow.render.picture import Node, NodeKind
from reev_flow.trace.span import Operation

INDENT = "  "
LONGEST_TITLE = 100
CONFIGURATION = """---
config:
  flowchart:
    wrappingWidth: 360
---"""


def write_flowchart(layout: Layout, critical_ns: Sequence[int]) -> str:
    """`critical_ns` tells of each span of the trace how long the run waited for it."""
    critical = _critical(layout, critical_ns)
    lines = [
        CONFIGURATION,
        "flowchart TD",
        f"{INDENT}accTitle: {escape_label(shorten(layout.picture.forest.trace.name, LONGEST_TITLE))}",
        f"{INDENT}accDescr: {escape_label(description(layout.picture))}",
        *_nodes(layout),
        *_arrows(layout, critical),
        *_classes(layout, critical),
    ]
    return "\n".join(lines) + "\n"


def _critical(layout: Layout, critical_ns: Sequence[int]) -> set[int]:
    """The nodes that the run waited for, and the joins between two such nodes."""
    nodes = layout.picture.nodes
    critical = {
        place
        for place, unit in enumerate(layout.units)
        if not unit.stack or any(critical_ns[position] for index in unit.stack for position in nodes[index].positions)
    }
    joined = len(layout.units)
    into = {arrows.after[0] for arrows in layout.arrows if arrows.after[0] >= joined and critical & {*arrows.before}}
    out = {arrows.before[0] for arrows in layout.arrows if arrows.before[0] >= joined and critical & {*arrows.after}}
    return critical | (into & out)


def _nodes(layout: Layout) -> Iterator[str]:
    """Every node within the boxes it belongs to; joins stand last in theirs."""
    joins: dict[int, list[int]] = {}
    for join, place in enumerate(layout.joins, start=len(layout.units)):
        joins.setdefault(place, []).append(join)
    unwritten = [HEAD]
    indent = INDENT
    while unwritten:
        place = unwritten.pop()
        if place < 0:  # all that ~place holds is written
            yield from (f"{indent}n{join}{_shaped(CIRCLE, escape_label(''))}" for join in joins.get(~place, ()))
            if layout.units[~place].role is Role.BOX:
                indent = indent[: -len(INDENT)]
                yield f"{indent}end"
            continue
        unit = layout.units[place]
        if unit.role is Role.BOX:
            yield f"{indent}subgraph n{place}{_shaped(RECTANGLE, box_label(layout.picture, unit.stack))}"
            indent += INDENT
        else:
            yield f"{indent}n{place}{_node(layout, place)}"
        if unit.children:
            unwritten.append(~place)
            unwritten.extend(reversed(unit.children))


def _node(layout: Layout, place: int) -> str:
    picture, stack = layout.picture, layout.units[place].stack
    if place == HEAD:
        return _shaped(STADIUM, head_label(picture, stack))
    return _shaped(SHAPES.get(picture.nodes[stack[-1]].operation, RECTANGLE), leaf_label(picture, stack))


def _shaped(shape: tuple[str, str], label: str) -> str:
    return f'{shape[0]}"{label}"{shape[1]}'


def _arrows(layout: Layout, critical: AbstractSet[int]) -> Iterator[str]:
    thick: list[int] = []
    count = 0
    for arrows in layout.arrows:
        line = "-.->" if arrows.from_hub else "-->"
        targets = " & ".join([f"n{after}" for after in arrows.after])
        for before in arrows.before:
            yield f"{INDENT}n{before} {line} {targets}"
            if before in critical:
                thick.extend(count + place for place, after in enumerate(arrows.after) if after in critical)
            count += len(arrows.after)
    if thick:
        yield f"{INDENT}linkStyle {','.join(map(str, thick))} {CRITICAL_LINE}"


def _classes(layout: Layout, critical: AbstractSet[int]) -> Iterator[str]:
    """Only the styles that are used, in the order in which later ones win."""
    members: dict[str, list[int]] = {name: [] for name in STYLES}
    nodes = layout.picture.nodes
    for place, unit in enumerate(layout.units):
        is_box = unit.role is Role.BOX
        members[_kind_of_class(nodes[unit.stack[-1]], is_box=is_box) if unit.stack else Operation.FLOW].append(place)
        if any(nodes[index].broken for index in unit.stack):
            members["failedbox" if is_box else "failed"].append(place)
        if place in critical and not is_box:
            members["critical"].append(place)
    members["join"].extend(range(len(layout.units), len(layout.units) + len(layout.joins)))
    for name, places in members.items():
        if places:
            yield f"{INDENT}classDef {name} {STYLES[name]}"
            yield f"{INDENT}class {','.join([f'n{place}' for place in places])} {name}"


def _kind_of_class(node: Node, *, is_box: bool) -> str:
    if is_box:
        return "loop" if node.kind is NodeKind.LOOP else "box"
    return node.operation if node.kind is NodeKind.OPERATION else "rest"
