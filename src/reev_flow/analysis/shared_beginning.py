"""How much of two values is the same from their beginning on, in characters of text."""

from itertools import takewhile
from operator import eq

from reev_flow.trace.span import Value


def shared_beginning(earlier: Value, later: Value) -> int:
    """Of two texts, of two lists up to the first item that differs, or of the fields of two records, one level deep."""
    if isinstance(earlier, dict) and isinstance(later, dict):
        return sum(_shared(value, later[key]) for key, value in earlier.items() if key in later)
    return _shared(earlier, later)


def text_length(value: Value) -> int:
    """Of all texts in a value, each number counting as one character."""
    length = 0
    pending: list[Value] = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            length += len(item)
        elif isinstance(item, list):
            pending.extend(item)
        elif isinstance(item, dict):
            pending.extend(item.values())
        elif item is not None:
            length += 1
    return length


def _shared(earlier: Value, later: Value) -> int:
    if isinstance(earlier, str) and isinstance(later, str):
        return _shared_text(earlier, later)
    if isinstance(earlier, list) and isinstance(later, list):
        same = sum(1 for _ in takewhile(bool, map(eq, earlier, later)))
        return sum(text_length(item) for item in earlier[:same])
    return text_length(earlier) if earlier == later else 0


def _shared_text(earlier: str, later: str) -> int:
    """Halving, since comparing slices is far quicker than comparing characters."""
    known, beyond = 0, min(len(earlier), len(later)) + 1
    while beyond - known > 1:
        middle = (known + beyond) // 2
        if earlier[known:middle] == later[known:middle]:
            known = middle
        else:
            beyond = middle
    return known
