"""Values to JSON: walks a value, and knows the way it came."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeAlias

import msgspec

from reev_flow.values.codec import Codec
from reev_flow.values.plain import DEPTH_LIMIT, are_plain_keys
from reev_flow.values.refusal import Refused, TooLarge, key_part, label

Json: TypeAlias = Any
Form: TypeAlias = Callable[["Writer", Any], Json]
"""How values of one type are written."""

in_key_order = msgspec.json.Encoder(order="sorted").encode


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between storing a value and taking its digest."""

    name_of: Callable[[type[Any]], str]
    """The name that instances of a class are written under; raises `Refused` for a class that is not written."""
    settle: Callable[[object, Refused], Json]
    """What stands for a refused value; raises to refuse also what it is part of."""
    is_order_kept: bool


class Writer:
    """Writes one value, once."""

    def __init__(self, form_of: Callable[[type[Any]], Form], rules: Rules, *, most_items: int) -> None:
        self.form_of = form_of
        self.rules = rules
        self.items_left = most_items
        self.open: set[int] = set()
        self._known: dict[type[Any], Form] = {}

    def write(self, value: Any) -> Json:
        kind = type(value)
        if kind is str and value.isascii():  # most values are
            return value
        try:
            form = self._known.get(kind) or self._learn(kind)
            return form(self, value)
        except Refused as refused:
            refused.kind = refused.kind or label(kind)
            return self.rules.settle(value, refused)

    def write_items(self, items: Collection[object], part: str = "[{}]") -> list[Json]:
        self.count(len(items))
        written: list[Json] = []
        try:
            for item in items:
                written.append(self.write(item))  # noqa: PERF401 - how many there are is the path of the next
        except Refused as refused:
            refused.inside(part.format(len(written)))
            raise
        return written

    def write_fields(self, fields: Mapping[str, object], part: Callable[[str], str] = ".{}".format) -> dict[str, Json]:
        self.count(len(fields))
        written: dict[str, Json] = {}
        name = ""
        try:
            for name, value in fields.items():
                written[name] = self.write(value)
        except Refused as refused:
            refused.inside(part(name))
            raise
        return written

    def write_pairs(self, items: Mapping[object, object]) -> list[list[Json]]:
        self.count(len(items))
        pairs = [[self._write_key(key), self._write_at(key, value)] for key, value in items.items()]
        return pairs if self.rules.is_order_kept else sorted(pairs, key=in_key_order)

    def write_simpler(self, codec: Codec, value: object) -> Json:
        try:
            simpler: Any = codec.encode(value)
        except Refused:
            raise
        except Exception as cause:
            raise Refused(
                f"made its codec {codec.name!r} fail with {type(cause).__name__}", "correct `encode`"
            ) from cause
        has_attributes = type(simpler) is dict and are_plain_keys(simpler)
        return self.write_fields(simpler) if has_attributes else self.write(simpler)

    def count(self, items: int) -> None:
        self.items_left -= items
        if self.items_left < 0:
            raise TooLarge

    def _write_key(self, key: object) -> Json:
        try:
            return self.write(key)
        except Refused as refused:
            refused.inside("{key}")
            raise

    def _write_at(self, key: object, value: object) -> Json:
        try:
            return self.write(value)
        except Refused as refused:
            refused.inside(key_part(key))
            raise

    def _learn(self, kind: type[Any]) -> Form:
        form = self._known[kind] = self.form_of(kind)
        return form


def nested(form: Form) -> Form:
    """Guards the form of what holds other values: it may hold itself, or nest without end."""

    def guarded(writer: Writer, value: Any) -> Json:
        if id(value) in writer.open:
            raise Refused("contains itself", "return it without the way back")
        if len(writer.open) >= DEPTH_LIMIT:
            raise Refused(
                f"is nested more than {DEPTH_LIMIT} levels deep", "flatten it, or keep it in a file and return its path"
            )
        writer.open.add(id(value))
        try:
            return form(writer, value)
        finally:
            writer.open.discard(id(value))

    return guarded
