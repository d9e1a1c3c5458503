"""What to do about a value of a type that is not stored."""

from collections.abc import Awaitable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePath
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any
from uuid import UUID

from reev_flow.values.refusal import REGISTER, Refused, label

STORED_BASES: tuple[type[Any], ...] = (
    *(int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset),
    *(datetime, date, time, timedelta, Decimal, Fraction, UUID, PurePath),
)
CALLABLES = (FunctionType, BuiltinFunctionType, MethodType, type)


def refusal_of(value: object) -> Refused:
    kind = type(value)
    for base in STORED_BASES:
        if issubclass(kind, base):
            return Refused(
                f"would come back as a plain {label(base)}", f"return a {label(base)} made of it, or {REGISTER}"
            )
    return Refused("is of a type that is not stored", _advice(kind))


def _advice(kind: type[Any]) -> str:
    if issubclass(kind, Awaitable):
        return "await it and return what it gives"
    if issubclass(kind, Iterator):
        return "return the list of what it gives"
    if hasattr(kind, "tolist"):  # numpy and those like it
        return f"return its .tolist(), or {REGISTER}"
    if issubclass(kind, (*CALLABLES, ModuleType)):
        return "return its name and look it up where it is used"
    return f"return the data it stands for, or {REGISTER}"
