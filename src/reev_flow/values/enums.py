"""Members of enumerations, stored by name: a value may come from `auto()` and change when a member is added."""

from enum import Enum, Flag
from functools import reduce
from operator import or_
from typing import Any, TypeAlias

from reev_flow.values.refusal import Unreadable

Stored: TypeAlias = str | list[Any]
"""The name of a member, or, for combined flags, their names and the bits that have none."""


def write_member(member: Enum) -> Stored:
    if isinstance(member, Flag) and type(member).__members__.get(member.name or "") is not member:
        return _write_flags(member)
    return member.name


def read_member(kind: type[Enum], stored: Stored) -> object:
    if isinstance(stored, str):
        return _named(kind, stored)
    *names, rest = stored
    return reduce(or_, (_named(kind, name) for name in names), kind(rest))


def _write_flags(flags: Flag) -> Stored:
    rest = flags.value
    names = []
    for name, flag in type(flags).__members__.items():
        if flag.value and flag.value & rest == flag.value:
            rest &= ~flag.value
            names.append(name)
    return [*names, rest]


def _named(kind: type[Enum], name: str) -> Any:
    try:
        return kind[name]
    except KeyError:
        raise Unreadable(f"{kind.__qualname__} has no member {name!r}", "give the member its name back") from None
