"""Which classes an annotation allows to be rebuilt."""

import dataclasses
import enum
import functools
from collections.abc import Awaitable, Callable, Coroutine
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Generic,
    Literal,
    NamedTuple,
    NewType,
    Optional,
    TypedDict,
    TypeVar,
    Union,
)

import msgspec
import pytest

from reev_flow.values.reach import classes_in, resolve_annotation

if TYPE_CHECKING:
    from somewhere import Imaginary  # type: ignore[import-not-found]


class Leaf: ...


class Color(enum.Enum):
    RED = 1


@dataclasses.dataclass
class Tree:
    leaf: Leaf
    below: "list[Tree] | None" = None


@dataclasses.dataclass
class HalfKnown:
    unknown: "Imaginary"
    leaf: "Leaf"


class Record(msgspec.Struct):
    leaf: "Leaf | None"


class Row(NamedTuple):
    leaf: Leaf


class Options(TypedDict, total=False):
    leaf: "Leaf"


Content = TypeVar("Content")
OneLeaf = TypeVar("OneLeaf", bound=Leaf)
Either = TypeVar("Either", Leaf, int)


@dataclasses.dataclass
class Holder(Generic[Content]):
    content: Content


class LeafHolder(Holder[Leaf]): ...


LeafId = NewType("LeafId", Leaf)


@pytest.mark.parametrize(
    "annotation",
    [
        Leaf, Leaf | None, Optional[Leaf], Union[Leaf, int],  # noqa: UP007, UP045 - both spellings are meant
        list[Leaf], dict[str, tuple[Leaf, ...]], Annotated[Leaf, "told"], Annotated[list[Leaf], ["cannot be hashed"]],
        Coroutine[None, None, Leaf], Awaitable[Leaf], Callable[[Leaf], None], type[Leaf],
        Tree, list[Tree], HalfKnown, Record, Row, Options, Holder[Leaf], LeafHolder, LeafId, OneLeaf, Either,
    ],
    ids=str,
)  # fmt: skip
def test_a_class_is_reached_through(annotation: Any):
    assert Leaf in classes_in(annotation)


def test_an_enumeration_is_reached_through_one_of_its_members():
    assert Color in classes_in(Literal[Color.RED])


@pytest.mark.parametrize("annotation", [None, Any, "Leaf", list, 3, Literal["Leaf"], Annotated[int, Leaf]], ids=str)
def test_nothing_is_reached_through(annotation: Any):
    assert Leaf not in classes_in(annotation)


def test_a_class_that_names_itself_inside_a_function_is_reached():
    @dataclasses.dataclass
    class Node:
        after: "Node | None"
        leaf: "Leaf"

    assert {Node, Leaf} <= classes_in(Node)


def test_a_field_called_like_its_class_is_reached():
    assert Leaf in classes_in(Shadowed)


@dataclasses.dataclass
class Shadowed:
    Leaf: "Leaf | None" = None


def gives_leaf() -> "Leaf": ...  # type: ignore[empty-body]
def gives_half_known(what: "Imaginary") -> Leaf: ...  # type: ignore[empty-body]
def gives_imaginary() -> "list[Imaginary]": ...  # type: ignore[empty-body]
def gives_nothing() -> None: ...
def says_nothing(): ...


class Steps:
    def method(self) -> Leaf: ...  # type: ignore[empty-body]

    def __call__(self) -> "Leaf": ...  # type: ignore[empty-body]


@functools.wraps(gives_leaf)
def wrapped(*arguments: Any) -> Any: ...


@pytest.mark.parametrize(
    "function",
    [gives_leaf, gives_half_known, Steps().method, Steps(), wrapped, functools.partial(functools.partial(gives_leaf)), Leaf],
    ids=["function", "function with a name for type checkers", "method", "object", "wrapped", "partial", "class"],
)  # fmt: skip
def test_the_annotation_is_resolved_of_a(function: Callable[..., Any]):
    assert resolve_annotation(function) is Leaf


def test_names_of_an_enclosing_function_are_found():
    class Inner: ...

    def step() -> "list[Inner]":
        return [Inner()]

    assert resolve_annotation(step) == list[Inner]


def test_a_name_that_is_not_assigned_yet_is_left_as_text():
    def step() -> "Later":
        return Later()

    assert resolve_annotation(step) == "Later"

    class Later: ...


def test_a_name_that_does_not_exist_is_left_as_text():
    assert resolve_annotation(gives_imaginary) == "list[Imaginary]"


@pytest.mark.parametrize(
    ("function", "annotation"), [(gives_nothing, type(None)), (says_nothing, None), (len, None), (print, None)]
)
def test_nothing_is_said_about(function: Callable[..., Any], annotation: Any):
    assert resolve_annotation(function) is annotation
