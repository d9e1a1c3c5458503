"""A text of mappings, lists and scalars as plain values, each with the line it stands on."""

from collections.abc import Iterable
from typing import Any, TypeAlias

import msgspec

from reev_flow.flows.plans.fields import FieldPath
from reev_flow.values.plain import is_unicode

MOST_DEPTH = 60
MOST_ITEMS = 100_000

Scalar: TypeAlias = str | int | float | bool | None


class BadText(Exception):
    """Text that cannot be read: on which line, why, and what to do."""

    def __init__(self, line: int | None, details: str, advice: str = "") -> None:
        super().__init__(details)
        self.line = line
        self.details = details
        self.advice = advice


class Begin(msgspec.Struct, frozen=True):
    """A mapping or a list begins."""

    line: int
    is_mapping: bool
    anchor: str | None = None


class Leaf(msgspec.Struct, frozen=True):
    """A scalar."""

    line: int
    value: Scalar
    anchor: str | None = None


class Repeat(msgspec.Struct, frozen=True):
    """What was anchored under this name stands here again."""

    line: int
    anchor: str


class End(msgspec.Struct, frozen=True):
    """The innermost open mapping or list ends."""


Event: TypeAlias = Begin | Leaf | Repeat | End


class Node(msgspec.Struct):
    """A value and where it stands. `size` and `height` count what is repeated as often as it is repeated."""

    line: int
    value: Any
    members: dict[str | int, "Node"] = msgspec.field(default_factory=dict)
    key_lines: dict[str | int, int] = msgspec.field(default_factory=dict)
    size: int = 1
    height: int = 0

    def line_of(self, path: FieldPath, *, is_about_key: bool = False) -> int:
        """The line of what stands at the path, or of the nearest thing around it that is there."""
        node, line = self, self.line
        for position, part in enumerate(path):
            if part not in node.members:
                break
            is_wanted_key = is_about_key and position == len(path) - 1
            line = node.key_lines[part] if is_wanted_key else node.members[part].line
            node = node.members[part]
        return line


class _Opened(msgspec.Struct):
    """A mapping or list that has not ended; `key` is that of the value that comes next."""

    node: Node
    anchor: str | None
    key: str | int | None
    key_line: int = 0


def build_tree(events: Iterable[Event]) -> Node | None:
    """None when there are no events. Raises `BadText` for what nests too deeply, is too much, or has one key twice."""
    opened: list[_Opened] = []
    anchored: dict[str, Node] = {}
    root: Node | None = None
    for event in events:
        if isinstance(event, Begin):
            node = Node(event.line, {} if event.is_mapping else [])
            opened.append(_Opened(node, event.anchor, None if event.is_mapping else 0))
            _refuse_depth(len(opened), event.line)
            continue
        node, anchor = _ended(opened) if isinstance(event, End) else _read(event, anchored)
        if anchor is not None:
            anchored[anchor] = node
        if opened:
            _add(opened[-1], node, len(opened))
        else:
            root = node
    return root


def _ended(opened: list[_Opened]) -> tuple[Node, str | None]:
    last = opened.pop()
    return last.node, last.anchor


def _read(event: Leaf | Repeat, anchored: dict[str, Node]) -> tuple[Node, str | None]:
    if isinstance(event, Leaf):
        if isinstance(event.value, str) and not is_unicode(event.value):
            raise BadText(event.line, "text with half of a surrogate pair", "write the whole character")
        return Node(event.line, event.value), event.anchor
    if event.anchor not in anchored:
        raise BadText(event.line, f"*{event.anchor} repeats what is not there", f"put &{event.anchor} before it")
    return anchored[event.anchor], None


def _add(around: _Opened, node: Node, depth: int) -> None:
    if around.key is None:
        _set_key(around, node)
        return
    whole = around.node
    whole.members[around.key] = node
    if isinstance(around.key, str):
        whole.key_lines[around.key] = around.key_line
        whole.value[around.key] = node.value
        around.key = None
    else:
        whole.key_lines[around.key] = node.line
        whole.value.append(node.value)
        around.key += 1
    whole.size += node.size
    whole.height = max(whole.height, node.height + 1)
    if whole.size > MOST_ITEMS:
        raise BadText(node.line, f"more than {MOST_ITEMS:,} values, repeated ones counted", "make the plan smaller")
    _refuse_depth(depth + node.height, node.line)


def _refuse_depth(depth: int, line: int) -> None:
    if depth > MOST_DEPTH:
        raise BadText(line, f"nested deeper than {MOST_DEPTH} levels", "name alternative flows instead")


def _set_key(around: _Opened, node: Node) -> None:
    key = node.value
    if not isinstance(key, str):
        raise BadText(node.line, "a key that is not text", "put it in quotes")
    if key in around.node.members:
        first = around.node.key_lines[key]
        raise BadText(node.line, f"the key {key[:60]!r} stands twice, first on line {first}", "keep one of them")
    around.key, around.key_line = key, node.line
