"""From dicts and lists to a plan, or to the one field that is wrong and what to write there instead."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeAlias

import msgspec

from reev_flow.flows.plans.plan import (
    AlternativeFlow,
    AskPerson,
    AtomicMode,
    DynamicFlowPlan,
    DynamicStep,
    RetryStep,
)

FieldPath: TypeAlias = tuple[str | int, ...]

STRATEGIES: Mapping[str, type[msgspec.Struct]] = {
    "retry": RetryStep,
    "alternative_flow": AlternativeFlow,
    "ask": AskPerson,
}
WORDS: Mapping[str, Sequence[str]] = {
    "atomic_mode": list(AtomicMode),
    "on_interrupt": ["ask", "rerun", "fail"],
    "kind": list(STRATEGIES),
}
WANTED = {
    "str": "text",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "array": "a list",
    "object": "a mapping of fields",
}
PLACE = re.compile(r" - at `\$([^`]*)`$")
PLACE_PART = re.compile(r"\.(\w+)|\[(\d+)\]")
LONGEST_SHOWN = 60
MOST_LISTED = 12
LARGEST_SHOWN = 1e18


class WrongField(Exception):
    """Where in a plan something is wrong, what, and what to do. `is_about_key` when the field itself has no business there."""

    def __init__(self, path: FieldPath, details: str, advice: str = "", *, is_about_key: bool = False) -> None:
        super().__init__(details)
        self.path = path
        self.details = details
        self.advice = advice
        self.is_about_key = is_about_key


def plan_from(fields: object) -> DynamicFlowPlan:
    """Raises `WrongField` for the first field that is missing, unknown or of the wrong type."""
    try:
        return msgspec.convert(fields, DynamicFlowPlan)
    except msgspec.ValidationError as error:
        raise _explained(fields, str(error)) from None


def path_text(path: FieldPath) -> str:
    """As people write it: `steps[2].depends_on[0]`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def nearest(word: str, known: Sequence[str]) -> str:
    """Advice: the known word that was probably meant, else which there are."""
    listed = ", ".join(known[:MOST_LISTED]) + (", …" if len(known) > MOST_LISTED else "")
    return _meant(word, known) or f"known are {listed}"


def shown(value: object) -> str:
    """A value in a one-line message: its kind, and what is short of it."""
    if isinstance(value, str):
        return f"the text {quoted(value)}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        is_readable = isinstance(value, float) or abs(value) < LARGEST_SHOWN
        return f"the number {value!r}" if is_readable else "a very large number"
    return "nothing" if value is None else "a mapping of fields" if isinstance(value, Mapping) else "a list"


def quoted(text: str) -> str:
    """On one line, and not longer than a line."""
    return _shortened(repr(text[: LONGEST_SHOWN + 1]))


def _meant(word: str, known: Sequence[str]) -> str:
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else ""


def _explained(fields: object, message: str) -> WrongField:
    path = _path_in(message)
    value, fields_around = _value_at(fields, path), _value_at(fields, path[:-1])
    if message.startswith("Object contains unknown field"):
        return _unknown_field(path, value)
    if message.startswith("Object missing required field"):
        return _missing_field(path, message)
    word = str(path[-1]) if path else ""
    if isinstance(value, str) and word in WORDS and isinstance(fields_around, Mapping):
        return WrongField(path, f"is {shown(value)}", f"write one of {', '.join(WORDS[word])}")
    return _wrong_type(path, value, message)


def _unknown_field(path: FieldPath, holder: Any) -> WrongField:
    known = _kind_at(path, holder).__struct_fields__
    known = (*known, "kind") if path and path[-2:-1] == ("recovery_strategies",) else known
    unknown = next((name for name in holder if name not in known), "?")
    return WrongField((*path, unknown), "there is no such field", nearest(unknown, known), is_about_key=True)


def _missing_field(path: FieldPath, message: str) -> WrongField:
    name = message.partition("`")[2].partition("`")[0]
    advice = f"add it: one of {', '.join(WORDS[name])}" if name in WORDS else f"add `{name}`"
    return WrongField(path, f"the field {name!r} is missing", advice)


def _wrong_type(path: FieldPath, value: object, message: str) -> WrongField:
    expected = message.partition("`")[2].partition("`")[0].removesuffix(" | null")
    is_unquoted = expected == "str" and not isinstance(value, Mapping | list | type(None))
    advice = "put it in quotes" if is_unquoted else f"write {WANTED.get(expected, expected)}"
    return WrongField(path, f"is {shown(value)}", advice)


def _path_in(message: str) -> FieldPath:
    place = PLACE.search(message)
    found = PLACE_PART.findall(place.group(1)) if place else []
    return tuple(name or int(position) for name, position in found)


def _value_at(fields: Any, path: FieldPath) -> Any:
    for part in path:
        fields = fields[part]
    return fields


def _kind_at(path: FieldPath, holder: Any) -> type[msgspec.Struct]:
    names = [part for part in path if isinstance(part, str)]
    match names[-1] if names else "alternative_flows":
        case "alternative_flows":
            return DynamicFlowPlan
        case "recovery_strategies":
            return STRATEGIES[holder["kind"]]
        case _:
            return DynamicStep


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
