"""Whether an answer fits the JSON Schema of its question, as far as can be told without the program that asks."""

from typing import Any

import msgspec

TYPES: dict[str, tuple[type, ...]] = {
    "null": (type(None),),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "string": (str,),
    "array": (list,),
    "object": (dict,),
}
MOST_REFERENCES = 100


def misfit(value: Any, schema: bytes) -> str:
    """What is wrong with it; empty when it fits, or when the schema says what this does not understand. The program checks again."""
    if not schema:
        return ""
    try:
        whole = msgspec.json.decode(schema)
        return _misfit(value, whole, whole, "answer")
    except (msgspec.DecodeError, TypeError, AttributeError, KeyError, RecursionError):
        return ""  # no JSON Schema, or one inside itself: it says nothing


def _misfit(value: Any, schema: Any, whole: Any, path: str) -> str:
    schema = _resolved(schema, whole)
    if not isinstance(schema, dict):
        return ""
    if "enum" in schema and value not in schema["enum"]:
        return f"{path} is none of {_shown(schema['enum'])}"
    for word in ("anyOf", "oneOf"):
        wrong = [_misfit(value, option, whole, path) for option in schema.get(word, ())]
        if wrong and all(wrong):
            return wrong[0] if len(wrong) == 1 else f"{path} fits none of {len(wrong)} forms: {'; or '.join(wrong)}"
    return _misfit_of_type(value, schema, path) or _misfit_inside(value, schema, whole, path)


def _misfit_of_type(value: Any, schema: dict[str, Any], path: str) -> str:
    said = schema.get("type")
    names = [said] if isinstance(said, str) else said if isinstance(said, list) else []
    kinds = tuple(kind for name in names for kind in TYPES.get(name, (object,)))
    is_flag = isinstance(value, bool) and "boolean" not in names
    if kinds and (not isinstance(value, kinds) or (is_flag and object not in kinds)):
        return f"{path} is to be of type {' or '.join(names)}"
    return ""


def _misfit_inside(value: Any, schema: dict[str, Any], whole: Any, path: str) -> str:
    if isinstance(value, list) and "items" in schema:
        parts = [(f"{path}[{number}]", item, schema["items"]) for number, item in enumerate(value)]
    elif isinstance(value, dict):
        known = schema.get("properties", {})
        missing = [name for name in schema.get("required", ()) if name not in value]
        unknown = [name for name in value if name not in known] if schema.get("additionalProperties") is False else []
        if missing or unknown:
            return f"{path} lacks {_shown(missing)}" if missing else f"{path} has unknown {_shown(unknown)}"
        parts = [(f"{path}.{name}", item, known[name]) for name, item in value.items() if name in known]
    else:
        return ""
    return next((wrong for place, item, inner in parts if (wrong := _misfit(item, inner, whole, place))), "")


def _resolved(schema: Any, whole: Any) -> Any:
    for _ in range(MOST_REFERENCES):
        if not isinstance(schema, dict) or not isinstance(schema.get("$ref"), str):
            return schema
        found = whole
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found.get(part) if isinstance(found, dict) else None
        schema = found
    return None


def _shown(values: list[Any]) -> str:
    return ", ".join(msgspec.json.encode(value).decode() for value in values)
