"""How values of each type are written: as JSON where it can say them, else as an object whose one key is a tag."""

import functools
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from math import isfinite
from types import NoneType
from typing import Any

from reev_flow.values.advice import refusal_of
from reev_flow.values.codec import Codec
from reev_flow.values.enums import write_member
from reev_flow.values.instances import shape_of
from reev_flow.values.plain import LARGEST_INT, LEAST_INT, are_plain_keys, are_plain_numbers, is_unicode
from reev_flow.values.refusal import key_part
from reev_flow.values.registry import Codecs
from reev_flow.values.standard import CODECS, guest_codec, write_bytes
from reev_flow.values.writer import Form, Json, Writer, in_key_order, nested


def forms_with(codecs: Codecs) -> Callable[[type[Any]], Form]:
    """What the standard library has comes first, then what was registered, then classes by their kind."""

    def form_of(kind: type[Any]) -> Form:
        known = FORMS.get(kind)
        if known is not None:
            return known
        codec = codecs.by_kind.get(kind)
        return _form_of_class(kind) if codec is None else nested(functools.partial(_write_registered, codec))

    return form_of


def _form_of_class(kind: type[Any]) -> Form:
    if issubclass(kind, Enum):
        return _write_enum
    guest = guest_codec(kind)
    return _write_instance if guest is None else functools.partial(_write_standard, guest)


def _write_itself(_: Writer, value: Json) -> Json:
    return value


def _write_text(_: Writer, text: str) -> Json:
    return text if is_unicode(text) else {"$str": write_bytes(text.encode(errors="surrogatepass"))}


def _write_int(_: Writer, number: int) -> Json:
    """Python limits how many decimal digits it reads, but not how many hexadecimal ones."""
    return number if LEAST_INT <= number <= LARGEST_INT else {"$int": hex(number)}


def _write_float(_: Writer, number: float) -> Json:
    return number if isfinite(number) else {"$float": repr(number)}


@nested
def _write_list(writer: Writer, items: list[Any]) -> Json:
    return _items(writer, items)


@nested
def _write_tuple(writer: Writer, items: tuple[Any, ...]) -> Json:
    return {"$tuple": _items(writer, items)}


def _items(writer: Writer, items: Sequence[Any]) -> Json:
    if not are_plain_numbers(items):
        return writer.write_items(items)
    writer.count(len(items))
    return items


@nested
def _write_set(writer: Writer, items: set[Any] | frozenset[Any]) -> Json:
    """In the order of what is written, because the order of a set differs from process to process."""
    return {f"${type(items).__name__}": sorted(writer.write_items(items, part="{{…}}"), key=in_key_order)}


@nested
def _write_dict(writer: Writer, items: dict[Any, Any]) -> Json:
    return writer.write_fields(items, key_part) if are_plain_keys(items) else {"$dict": writer.write_pairs(items)}


@nested
def _write_instance(writer: Writer, value: object) -> Json:
    shape = shape_of(type(value))  # type: ignore[arg-type] # a class has a hash
    if shape is None:
        raise refusal_of(value)
    return {"$object": [writer.rules.name_of(type(value)), writer.write_fields(shape.take_apart(shape, value))]}


def _write_enum(writer: Writer, member: Enum) -> Json:
    return {"$enum": [writer.rules.name_of(type(member)), write_member(member)]}


def _write_standard(codec: Codec, writer: Writer, value: object) -> Json:
    return {f"${codec.name}": writer.write_simpler(codec, value)}


def _write_registered(codec: Codec, writer: Writer, value: object) -> Json:
    return {"$codec": [codec.name, writer.write_simpler(codec, value)]}


FORMS: Mapping[type[Any], Form] = {
    NoneType: _write_itself,
    bool: _write_itself,
    str: _write_text,
    int: _write_int,
    float: _write_float,
    list: _write_list,
    tuple: _write_tuple,
    set: _write_set,
    frozenset: _write_set,
    dict: _write_dict,
    **{codec.kind: functools.partial(_write_standard, codec) for codec in CODECS},
}
