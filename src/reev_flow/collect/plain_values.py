"""Attributes out of plain JSON, as formats write them that do not say the type of each value."""

from collections.abc import Iterator, Mapping
from typing import Any

from reev_flow.collect.json_text import Unread, read_part
from reev_flow.collect.otlp_values import INT64
from reev_flow.collect.too_deep import MOST_NESTING, TOO_DEEP
from reev_flow.trace.span import Attributes, Value


def decoded_fields(fields: Mapping[str, Unread]) -> dict[str, Any]:
    return {name: read_part(raw) for name, raw in fields.items()}


def text(raw: Any) -> str:
    return raw if isinstance(raw, str) else ""


def record(raw: Any) -> dict[str, Any]:
    """Its fields when it is an object, else none."""
    return raw if isinstance(raw, dict) else {}


def entries(raw: Any) -> list[Any]:
    """Its entries when it is an array, else none."""
    return raw if isinstance(raw, list) else []


def plain_attributes(raw: Any) -> Attributes:
    """The fields of an object as attributes. What is null is left out."""
    read = ((name, plain_value(value)) for name, value in record(raw).items())
    return {name: value for name, value in read if value is not None}


def flat_attributes(raw: Any) -> Attributes:
    """The same, where objects in it were names with dots before somebody took them apart: `{"llm": {"model_name": …}}`."""
    return dict(_flat("", record(raw), MOST_NESTING))


def plain_value(raw: Any, nesting: int = MOST_NESTING) -> Value:
    """Whole numbers that 64 bits cannot hold become their digits, what is nested too deeply a text that says so."""
    if isinstance(raw, (str, bool, float)):
        return raw
    if isinstance(raw, int):
        return raw if raw in INT64 else _digits(raw)
    if isinstance(raw, list | dict) and not nesting:
        return TOO_DEEP
    if isinstance(raw, list):
        return [plain_value(value, nesting - 1) for value in raw]
    if isinstance(raw, dict):
        return {name: plain_value(value, nesting - 1) for name, value in raw.items()}
    return None


def _flat(prefix: str, fields: Mapping[str, Any], nesting: int) -> Iterator[tuple[str, Value]]:
    for name, value in fields.items():
        if nesting and isinstance(value, dict) and value:
            yield from _flat(f"{prefix}{name}.", value, nesting - 1)
        elif nesting and isinstance(value, list) and any(isinstance(entry, dict) for entry in value):
            yield from _flat(f"{prefix}{name}.", {str(place): entry for place, entry in enumerate(value)}, nesting - 1)
        elif (content := plain_value(value, nesting)) is not None:
            yield f"{prefix}{name}", content


def _digits(number: int) -> str | None:
    try:
        return str(number)
    except ValueError:  # more digits than Python writes
        return None
