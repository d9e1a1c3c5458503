"""Attributes an instance carries besides its fields, which would be lost."""

import functools
import inspect
from typing import Any

from reev_flow.values.refusal import REGISTER, Refused

NO_ATTRIBUTES: dict[str, object] = {}
NOT_STATE = frozenset({"__dict__", "__weakref__", "__orig_class__"})  # the last one: what a generic was called as


def refuse_more_than(fields: frozenset[str], instance: Any) -> None:
    kind: Any = type(instance)
    attributes = getattr(instance, "__dict__", NO_ATTRIBUTES)
    if not attributes.keys() <= fields:
        for name in attributes.keys() - fields - NOT_STATE:
            _refuse_unless_computed(kind, name)
    for name in _other_slots(kind, fields):
        if hasattr(instance, name):
            _refuse_unless_computed(kind, name)


def _refuse_unless_computed(kind: type[Any], name: str) -> None:
    """A cached property is computed again when it is next read."""
    if not isinstance(inspect.getattr_static(kind, name, None), functools.cached_property):
        raise Refused(f"has {name!r} besides its fields, which would be lost", f"make it a field, or {REGISTER}")


@functools.lru_cache(maxsize=1024)
def _other_slots(kind: Any, fields: frozenset[str]) -> tuple[str, ...]:
    slots = (_mangled(base, name) for base in kind.__mro__ for name in _declared_slots(base))
    return tuple(name for name in slots if name not in fields | NOT_STATE)


def _declared_slots(base: type[Any]) -> tuple[str, ...]:
    slots = vars(base).get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)


def _mangled(base: type[Any], name: str) -> str:
    is_private = name.startswith("__") and not name.endswith("__")
    return f"_{base.__name__.lstrip('_')}{name}" if is_private else name
