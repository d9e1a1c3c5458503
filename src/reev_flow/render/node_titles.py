"""What a node of a picture is called."""

from reev_flow.render.mermaid_text import shorten
from reev_flow.render.picture import Node, NodeKind
from reev_flow.render.quantities import plural
from reev_flow.trace.span import Operation

LONGEST_NAME = 40
UNNAMED = "(no name)"
TIMES = "\u00d7"
INSIDE = "\u203a"


def title(node: Node, *, has_operation: bool = True, longest: int = LONGEST_NAME) -> str:
    if node.kind is NodeKind.LOOP:
        return f"repeated {node.rounds:,} times"
    if node.kind is NodeKind.REST:
        return f"+{plural(node.count, 'span' if Operation.OTHER in node.counts else 'operation')}"
    name = shorten(node.label or UNNAMED, longest)
    if node.gap:
        name = name if name == node.gap else f"{node.gap}: {name}"
    elif has_operation and node.operation is not Operation.OTHER and not name.startswith(f"{node.operation} "):
        name = f"{node.operation} {name}"
    return f"{name} {TIMES}{node.count:,}" if len(node.positions) > 1 else name
