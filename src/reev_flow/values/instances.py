"""Instances of classes with fields, taken apart into their fields and put together again."""

import dataclasses
import functools
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import msgspec

from reev_flow.values.attributes import refuse_more_than
from reev_flow.values.pydantic_models import is_model, model_parts, put_model_together, take_model_apart
from reev_flow.values.refusal import Unreadable

Parts: TypeAlias = dict[str, Any]


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """How the instances of a class are taken apart and put together.

    Constructors are not run, except those of msgspec Structs, which know no other way: the value has been constructed before.
    """

    names: tuple[str, ...]
    known: frozenset[str]
    take_apart: Callable[["Shape", Any], Parts]
    put_together: Callable[[Any, Parts], object]


@functools.lru_cache(maxsize=1024)
def shape_of(kind: Any) -> Shape | None:
    """None for a class whose instances are more than their fields, or have none."""
    if is_model(kind):
        return _shape(model_parts(kind), _take_model_apart, put_model_together)
    if issubclass(kind, msgspec.Struct):
        return _shape(kind.__struct_fields__, _take_apart, _put_struct_together)
    if dataclasses.is_dataclass(kind) and _is_made_of_fields(kind):
        return _shape((field.name for field in dataclasses.fields(kind)), _take_apart, _put_dataclass_together)
    if issubclass(kind, tuple) and hasattr(kind, "_fields") and hasattr(kind, "_field_defaults"):
        return _shape(kind._fields, _take_namedtuple_apart, _put_namedtuple_together)
    return None


def put_together(kind: type[Any], parts: Parts) -> object:
    """The instance these fields make; a field added to the class since gets its default, one that is gone is an error."""
    shape = shape_of(kind)  # type: ignore[arg-type] # a class has a hash
    if shape is None:
        raise Unreadable(f"{kind.__qualname__} is no longer a class made of fields", "give it back its fields")
    for name in parts.keys() - shape.known:
        raise Unreadable(f"{kind.__qualname__} has no field {name!r} any more", "give it back, if only with a default")
    return shape.put_together(kind, parts)


def _shape(names: Iterable[str], take_apart: Callable[[Shape, Any], Parts], together: Callable[..., object]) -> Shape:
    in_order = tuple(names)
    return Shape(names=in_order, known=frozenset(in_order), take_apart=take_apart, put_together=together)


def _is_made_of_fields(kind: Any) -> bool:
    try:
        object.__new__(kind)
    except TypeError:  # it builds on dict, Exception or the like, whose contents are not among the fields
        return False
    return True


def _take_apart(shape: Shape, instance: Any) -> Parts:
    refuse_more_than(shape.known, instance)
    try:
        return {name: getattr(instance, name) for name in shape.names}
    except AttributeError:  # a field that was never set stays unset
        return {name: getattr(instance, name) for name in shape.names if hasattr(instance, name)}


def _take_namedtuple_apart(shape: Shape, instance: Any) -> Parts:
    refuse_more_than(shape.known, instance)
    return dict(zip(shape.names, instance, strict=True))


def _take_model_apart(shape: Shape, instance: Any) -> Parts:
    refuse_more_than(shape.known, instance)
    return take_model_apart(instance)


def _put_dataclass_together(kind: Any, parts: Parts) -> object:
    made = object.__new__(kind)
    for name, value in parts.items():
        object.__setattr__(made, name, value)
    if len(parts) < len(kind.__dataclass_fields__):
        for field in dataclasses.fields(kind):
            if field.name not in parts:
                _set_default(made, field)
    return made


def _set_default(made: object, field: dataclasses.Field[Any]) -> None:
    if field.default is not dataclasses.MISSING:
        object.__setattr__(made, field.name, field.default)
    elif field.default_factory is not dataclasses.MISSING:
        object.__setattr__(made, field.name, field.default_factory())
    elif field.init:
        raise _missing(field.name)


def _put_struct_together(kind: Any, parts: Parts) -> object:
    if len(parts) < len(kind.__struct_fields__):
        for field in msgspec.structs.fields(kind):
            if field.required and field.name not in parts:
                raise _missing(field.name)
    made = kind(**parts)
    for name, value in parts.items():
        if getattr(made, name) is not value:  # its __post_init__ had other ideas
            msgspec.structs.force_setattr(made, name, value)
    return made


def _put_namedtuple_together(kind: Any, parts: Parts) -> object:
    filled = {**kind._field_defaults, **parts}
    for name in kind._fields:
        if name not in filled:
            raise _missing(name)
    return tuple.__new__(kind, (filled[name] for name in kind._fields))


def _missing(name: str) -> Unreadable:
    return Unreadable(f"its field {name!r} was not stored", "give the field a default")
