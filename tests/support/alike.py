"""Whether two values are of equal content and exactly equal type, all the way down."""

import dataclasses
import math
from datetime import datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any

import msgspec


def alike(one: Any, other: Any) -> bool:
    """NaN is like NaN, 0.0 is not like -0.0; dicts are in the same order, and moments in the same zone."""
    if type(one) is not type(other):
        return False
    if isinstance(one, Enum) or one is None or one is msgspec.UNSET:
        return one is other
    if isinstance(one, dict):
        return all(map(alike, one.items(), other.items())) and len(one) == len(other)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, set | frozenset):
        return len(one) == len(other) and all(any(alike(each, found) for found in other) for each in one)
    return _instances_alike(one, other) if _fields(one) else _atoms_alike(one, other)


def _instances_alike(one: Any, other: Any) -> bool:
    return all(
        hasattr(one, name) == hasattr(other, name) and alike(getattr(one, name, None), getattr(other, name, None))
        for name in _fields(one)
    )


def _fields(value: Any) -> tuple[str, ...]:
    if isinstance(value, msgspec.Struct):
        return value.__struct_fields__
    return tuple(field.name for field in dataclasses.fields(value)) if dataclasses.is_dataclass(value) else ()


def _atoms_alike(one: Any, other: Any) -> bool:
    if isinstance(one, float):
        return (math.isnan(one) and math.isnan(other)) or (
            one == other and math.copysign(1, one) == math.copysign(1, other)
        )
    if isinstance(one, complex):
        return alike(one.real, other.real) and alike(one.imag, other.imag)
    if isinstance(one, Decimal):
        return bool(one.as_tuple() == other.as_tuple())
    if isinstance(one, datetime | time):
        local_times_alike = one.replace(tzinfo=None) == other.replace(tzinfo=None)
        return local_times_alike and one.fold == other.fold and alike(one.tzinfo, other.tzinfo)
    return bool(one == other)
