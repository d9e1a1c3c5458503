"""Which classes an annotation names, itself or through the fields of what it names."""

import functools
import inspect
import sys
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from enum import Enum
from typing import Any

import msgspec

if sys.version_info >= (3, 14):
    import annotationlib

FIELD_MARKS = ("__dataclass_fields__", "_field_defaults", "__pydantic_fields_set__")


def classes_in(annotation: object) -> frozenset[type[Any]]:
    """Every class met on the way through unions, containers, aliases, `Annotated`, type variables, and fields of classes.

    A name that cannot be resolved leads nowhere. A subclass of a named class is not named by it.
    """
    try:
        return _walk_once(annotation)
    except TypeError:  # cannot be hashed, such as Annotated with a list
        return _walk(annotation)


def resolve_annotation(function: Callable[..., object]) -> object:
    """What a function is annotated to return; its text when a name in it cannot be resolved; None when nothing is said.

    Looks through partials and wrappers, and finds names of the module and of enclosing functions. A class stands for itself.
    """
    inner = inspect.unwrap(_without_partials(function))
    if isinstance(inner, type):
        return inner
    if not inspect.isroutine(inner):
        inner = type(inner).__call__
    annotations = _annotations_of(inner)
    if "return" not in annotations:
        return None
    said = annotations["return"]
    return next(_resolved([said], getattr(inner, "__globals__", {}), _enclosing_names(inner)), said)


def _walk(annotation: object) -> frozenset[type[Any]]:
    todo: list[object] = [annotation]
    classes: set[type[Any]] = set()
    seen: dict[int, object] = {}  # holds what was seen, so that no id comes back as another hint
    while todo:
        hint = todo.pop()
        if id(hint) in seen:
            continue
        seen[id(hint)] = hint
        if isinstance(hint, type) and typing.get_origin(hint) is None:
            classes.add(hint)
            todo.extend(_field_hints(hint))
        else:
            todo.extend(_inner_hints(hint))
    return frozenset(classes)


_walk_once = functools.lru_cache(maxsize=1024)(_walk)


def _inner_hints(hint: object) -> Iterator[object]:
    if isinstance(hint, Enum):  # a value inside Literal
        yield type(hint)
    elif isinstance(hint, list):  # the parameters inside Callable
        yield from hint
    elif typing.get_origin(hint) is typing.Annotated:
        yield typing.get_args(hint)[0]
    else:
        yield typing.get_origin(hint)
        yield from typing.get_args(hint)
        yield from getattr(hint, "__constraints__", ())
        for name in ("__supertype__", "__bound__", "__value__"):  # NewType, TypeVar, `type X = …`
            with suppress(NameError):
                yield getattr(hint, name, None)


def _field_hints(kind: type[Any]) -> Iterator[object]:
    yield from getattr(kind, "__orig_bases__", ())
    if (
        issubclass(kind, msgspec.Struct)
        or typing.is_typeddict(kind)
        or any(hasattr(kind, mark) for mark in FIELD_MARKS)
    ):
        yield from _class_hints(kind)
    model_fields = getattr(kind, "model_fields", None)
    if isinstance(model_fields, Mapping):  # of a generic pydantic model, where the hints still say T
        yield from (getattr(field, "annotation", None) for field in model_fields.values())


def _class_hints(kind: type[Any]) -> Iterator[object]:
    for base in kind.__mro__:
        module = sys.modules.get(base.__module__)
        inner_names = {base.__name__: base, kind.__name__: kind, **vars(base)}
        # As in typing.get_type_hints, names of the module win over those of the class: a field may be called like its class.
        yield from _resolved(_annotations_of(base).values(), inner_names, vars(module) if module else {})


def _annotations_of(holder: Any) -> dict[str, Any]:
    if sys.version_info >= (3, 14):  # names are looked up when they are read, and a missing one would hide the others
        return inspect.get_annotations(holder, format=annotationlib.Format.FORWARDREF)
    return inspect.get_annotations(holder)


def _resolved(
    hints: Iterable[object], module_names: Mapping[str, object], local_names: Mapping[str, object]
) -> Iterator[object]:
    """One by one, so that a hint that cannot be resolved takes no other with it."""

    def holder() -> None: ...

    for hint in hints:
        holder.__annotations__ = {"hint": hint}
        # An annotation is the user's code: resolving it may raise anything, and a name may exist for type checkers only.
        with suppress(Exception):
            yield typing.get_type_hints(holder, dict(module_names), local_names, include_extras=True)["hint"]


def _without_partials(function: Any) -> Any:
    while isinstance(function, functools.partial):
        function = function.func
    return function


def _enclosing_names(function: Any) -> dict[str, object]:
    code = getattr(function, "__code__", None)
    found: dict[str, object] = {}
    for name, cell in zip(code.co_freevars if code else (), getattr(function, "__closure__", None) or (), strict=True):
        with suppress(ValueError):  # not assigned yet
            found[name] = cell.cell_contents
    return found
