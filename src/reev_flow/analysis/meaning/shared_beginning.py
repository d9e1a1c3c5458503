"""How much of two values is the same from their beginning on, in characters of text."""

from itertools import takewhile
from operator import eq

from reev_flow.trace.span import Value

DEEPEST = 6  # levels from a message to its text


def shared_beginning(earlier: Value, later: Value) -> int:
    """Of two texts, of two lists up to where the first item that differs does, or of the fields of two records."""
    if isinstance(earlier, dict) and isinstance(later, dict):
        return sum(_shared(value, later[key]) for key, value in earlier.items() if key in later)
    return _shared(earlier, later)


def shared_in_place(earlier: Value, later: Value) -> int:
    """As `shared_beginning`, but of two lists all items that are the same at the same place, also after one that differs."""
    if isinstance(earlier, list) and isinstance(later, list):
        return sum(text_length(one) for one, other in zip(earlier, later, strict=False) if one == other)
    return shared_beginning(earlier, later)


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
    """Goes down into the first item and the first field that differ: of a long message only the end may be another."""
    length = 0
    for _ in range(DEEPEST):
        if isinstance(earlier, str) and isinstance(later, str):
            return length + _shared_text(earlier, later)
        if isinstance(earlier, list) and isinstance(later, list):
            same = sum(1 for _ in takewhile(bool, map(eq, earlier, later)))
            length += sum(text_length(item) for item in earlier[:same])
            earlier, later = (earlier[same], later[same]) if same < min(len(earlier), len(later)) else (None, None)
        elif isinstance(earlier, dict) and isinstance(later, dict) and earlier != later:
            same_fields = [key for key in earlier if key in later and earlier[key] == later[key]]
            length += sum(text_length(earlier[key]) for key in same_fields)
            changed = next((key for key in earlier if key in later and earlier[key] != later[key]), None)
            earlier, later = (earlier[changed], later[changed]) if changed is not None else (None, None)
        else:
            return length + (text_length(earlier) if earlier == later else 0)
    return length


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
