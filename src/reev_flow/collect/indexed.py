"""Lists that were flattened into attributes (`0.message.role`, `0.message.tool_calls.1.tool_call.id`), as lists again."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from reev_flow.trace.span import Value

# Steps that only say again what the step before them said.
REDUNDANT = frozenset({"message", "tool_call", "function", "message_content", "completion"})
MOST_STEPS = 12
MOST_DIGITS = 9


def unflatten(leaves: Mapping[str, Value]) -> Value:
    """Where there is a leaf there is nothing below it."""
    root: dict[str, Any] = {}
    for path, leaf in sorted(leaves.items(), key=itemgetter(0)):  # so that leaves come before what would be below them
        steps = [step for step in path.split(".", MOST_STEPS) if step not in REDUNDANT]
        if steps:
            _place(root, steps, leaf)
    listed: Value = _as_lists(root)
    return listed


def _place(root: dict[str, Any], steps: list[str], leaf: Value) -> None:
    place = root
    for step in steps[:-1]:
        place = place.setdefault(step, {})
        if not isinstance(place, dict):
            return
    place.setdefault(steps[-1], leaf)


def _as_lists(branch: Any) -> Any:
    """Calls itself at most `MOST_STEPS` deep, because no path is longer."""
    if not isinstance(branch, dict) or not branch:
        return branch
    grown = {step: _as_lists(below) for step, below in branch.items()}
    if all(step.isascii() and step.isdigit() and len(step) <= MOST_DIGITS for step in grown):
        return [grown[step] for step in sorted(grown, key=int)]
    return grown
