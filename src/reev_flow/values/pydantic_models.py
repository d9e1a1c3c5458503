"""Models of pydantic 2, which is never imported here: whoever has a model has it loaded."""

import sys
from collections.abc import Iterable
from typing import Any

from reev_flow.values.refusal import Unreadable

FIELDS_SET = "__pydantic_fields_set__"
EXTRA = "__pydantic_extra__"
PRIVATE = "__pydantic_private__"


def is_model(kind: type[Any]) -> bool:
    base = getattr(sys.modules.get("pydantic.main"), "BaseModel", None)
    return base is not None and issubclass(kind, base) and hasattr(kind, FIELDS_SET)


def model_parts(kind: Any) -> Iterable[str]:
    return (*kind.model_fields, EXTRA, PRIVATE, FIELDS_SET)


def take_model_apart(model: Any) -> dict[str, Any]:
    """Its fields, and what else a copy of it has: extra and private attributes, and which fields were set."""
    attributes = vars(model)
    parts = {name: attributes[name] for name in type(model).model_fields if name in attributes}
    extra, private = getattr(model, EXTRA), getattr(model, PRIVATE)
    if getattr(model, FIELDS_SET) != parts.keys() | (extra or {}).keys():
        parts[FIELDS_SET] = set(getattr(model, FIELDS_SET))
    if extra is not None:
        parts[EXTRA] = extra
    if private is not None:
        undefined = sys.modules["pydantic_core"].PydanticUndefined
        parts[PRIVATE] = {name: value for name, value in private.items() if value is not undefined}
    return parts


def put_model_together(kind: Any, parts: dict[str, Any]) -> object:
    """Without validation: what was stored was valid, and validating could change it. A field added since gets its default."""
    extra, private, fields_set = (parts.pop(name, None) for name in (EXTRA, PRIVATE, FIELDS_SET))
    model = kind.__new__(kind)
    object.__setattr__(model, FIELDS_SET, parts.keys() | (extra or {}).keys() if fields_set is None else fields_set)
    object.__setattr__(model, EXTRA, extra)
    object.__setattr__(model, PRIVATE, private)
    object.__setattr__(
        model, "__dict__", {name: _value(name, field, parts) for name, field in kind.model_fields.items()}
    )
    return model


def _value(name: str, field: Any, parts: dict[str, Any]) -> object:
    if name in parts:
        return parts[name]
    if field.is_required():
        raise Unreadable(f"its field {name!r} was not stored", "give the field a default")
    return field.get_default(call_default_factory=True)
