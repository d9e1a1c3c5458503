"""Whether a value is JSON as it stands, and can be stored without tags."""

from collections.abc import Collection, Sequence
from math import isfinite
from types import NoneType
from typing import Any

DEPTH_LIMIT = 100
"""How deep a stored value may nest; far below what exhausts the stack of whoever reads it back."""

TEXT_ALONE = frozenset({str})
PLAIN_ATOMS = frozenset({str, int, bool, NoneType})
LEAST_INT = -(2**63)
LARGEST_INT = 2**63 - 1


def is_plain(value: object, *, most_items: int) -> bool:  # noqa: C901, PLR0912 - one loop: calls would cost more than it
    """Whether it is made of None, bool, int, finite float, str, and lists and string-keyed dicts of these, all by exact type.

    Not plain either: what nests deeper than the limit, or is wider than `most_items`. What is reached twice counts twice, so a
    value that contains itself is not plain. Text may still hold half of a surrogate pair: the JSON encoder finds those.
    """
    if type(value) in PLAIN_ATOMS:
        return True
    level: list[Any] = [value]
    for _ in range(DEPTH_LIMIT + 1):
        below: list[Any] = []
        for each in level:
            kind = type(each)
            if kind in PLAIN_ATOMS:
                continue
            if kind is dict:
                for key in each:
                    if type(key) is not str:
                        return False
                below += each.values()
            elif kind is list:
                below += each
            elif kind is float and isfinite(each):
                continue
            else:
                return False
            if len(below) > most_items:
                return False
        if not below:
            return True
        level = below
    return False


def are_plain_keys(keys: Collection[Any]) -> bool:
    """Whether a JSON object beside tags can have these keys: all are text, and none can be taken for a tag."""
    if not TEXT_ALONE.issuperset(map(type, keys)):
        return False
    together = "".join(keys)
    if together.isascii() and "$" not in together:
        return True
    return all(is_unicode(key) and not key.startswith("$") for key in keys)


def are_plain_numbers(items: Sequence[Any]) -> bool:
    """Whether all are finite floats, or all are ints that JSON readers agree on."""
    kinds = set(map(type, items))
    if kinds == {float}:
        return all(map(isfinite, items))
    if kinds == {int}:
        return bool(min(items) >= LEAST_INT and max(items) <= LARGEST_INT)
    return False


def is_unicode(text: str) -> bool:
    """Whether it can be written as UTF-8: it holds no half of a surrogate pair."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
