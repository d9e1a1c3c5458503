"""Prompts with placeholders: `{name}` and `{name.field}` are values, `{{` and `}}` are braces, and there is nothing else.

A field is looked up among the keys of a dict, the positions of a list, or the declared fields of a class made of fields; never among
attributes, and nothing is called.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from reev_flow.errors import UnfillableTemplate
from reev_flow.values.instances import shape_of

NAME = r"[A-Za-z][A-Za-z0-9_-]*"
PATH = re.compile(rf"{NAME}(?:\.[A-Za-z0-9_-]+)*")
MARKS = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
MOST_FIELDS_SHOWN = 8
LONGEST_SHOWN = 40


class Placeholder(msgspec.Struct, frozen=True):
    """`path` begins with the name of a value and goes on with fields."""

    path: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.path[0]

    def __str__(self) -> str:
        return ".".join(self.path)


Part: TypeAlias = str | Placeholder


class BadTemplate(Exception):
    """Text that is no template."""

    def __init__(self, details: str) -> None:
        super().__init__(details)
        self.details = details


def parse_template(template: str) -> tuple[Part, ...]:
    """Raises `BadTemplate` for a brace that is neither doubled nor part of a placeholder."""
    parts: list[Part] = []
    after = 0
    for mark in MARKS.finditer(template):
        parts += [template[after : mark.start()], _part(mark)]
        after = mark.end()
    return (*parts, template[after:])


def placeholders_of(template: str) -> tuple[Placeholder, ...]:
    return tuple(part for part in parse_template(template) if isinstance(part, Placeholder))


def fill_template(template: str, values: Mapping[str, object]) -> str:
    """Text stands as it is, anything else as JSON. Raises `UnfillableTemplate` for a field that a value does not have."""
    return "".join(
        part if isinstance(part, str) else _shown(look_up(part, values), part) for part in parse_template(template)
    )


def look_up(placeholder: Placeholder, values: Mapping[str, object]) -> object:
    """The value it stands for. Raises `UnfillableTemplate` when there is none."""
    found: object = values
    for position, field in enumerate(placeholder.path):
        inside = found
        found = _field(inside, field)
        if found is msgspec.UNSET:
            where = ".".join(placeholder.path[:position]) or "what may be named here"
            raise UnfillableTemplate(str(placeholder), f"{where} has no {field!r}{_has(inside)}")
    return found


def _part(mark: re.Match[str]) -> Part:
    text = mark.group()
    if text in {"{{", "}}"}:
        return text[0]
    if mark.group(1) is None:
        raise BadTemplate(f"a single {text} at character {mark.start() + 1}")
    if not PATH.fullmatch(mark.group(1)):
        shown = text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
        raise BadTemplate(f"{shown!r} at character {mark.start() + 1} is no {{name}} and no {{name.field}}")
    return Placeholder(tuple(mark.group(1).split(".")))


def _field(value: Any, field: str) -> object:
    if isinstance(value, Mapping):
        return value.get(field, msgspec.UNSET)
    if isinstance(value, list | tuple) and field.isdecimal():
        return value[int(field)] if len(field) < 10 and int(field) < len(value) else msgspec.UNSET
    return getattr(value, field) if field in _declared(value) else msgspec.UNSET


def _declared(value: Any) -> Sequence[str]:
    """The fields that the class of a value declares and the value has; not what pydantic keeps beside them."""
    shape = shape_of(type(value))  # type: ignore[arg-type] # a class has a hash
    return () if shape is None else [name for name in shape.names if not name.startswith("__") and hasattr(value, name)]


def _has(value: Any) -> str:
    names = [str(name) for name in (value if isinstance(value, Mapping) else _declared(value))]
    if not names:
        return f" (it is a {type(value).__name__})" if not isinstance(value, Mapping) else ""
    shown = ", ".join(names[:MOST_FIELDS_SHOWN])
    return f" (it has {shown}{', …' if len(names) > MOST_FIELDS_SHOWN else ''})"


def _shown(value: object, placeholder: Placeholder) -> str:
    try:
        # Sets have another order in each process, and a prompt must be the same when its step is run again.
        plain = msgspec.to_builtins(value, enc_hook=_take_apart, str_keys=True, order="deterministic")
        return plain if isinstance(plain, str) else msgspec.json.encode(plain).decode()
    except (TypeError, ValueError, OverflowError, RecursionError) as cause:
        raise UnfillableTemplate(str(placeholder), f"a {type(value).__name__} cannot be shown as text") from cause


def _take_apart(value: Any) -> object:
    names = _declared(value)
    if not names:
        raise TypeError(type(value).__qualname__)
    return {name: getattr(value, name) for name in names}
