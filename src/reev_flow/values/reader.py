"""Tagged JSON back to values; knows no class but those it is given."""

import functools
from collections.abc import Callable, Mapping, Sized
from enum import Enum
from types import NoneType
from typing import Any, TypeAlias

from reev_flow.values.catalog import Catalog
from reev_flow.values.codec import Codec
from reev_flow.values.enums import read_member
from reev_flow.values.instances import put_together
from reev_flow.values.plain import are_plain_keys
from reev_flow.values.refusal import DAMAGED, Unreadable, key_part, label
from reev_flow.values.registry import Codecs
from reev_flow.values.standard import CODECS, guest_codec_named, read_bytes

Json: TypeAlias = Any
Read: TypeAlias = Callable[["Reader", Json], object]

JSON_ATOMS = frozenset({str, int, float, bool, NoneType})


class Reader:
    """Reads one value."""

    def __init__(self, catalog: Catalog, codecs: Codecs) -> None:
        self.catalog = catalog
        self.codecs = codecs

    def read(self, stored: Json) -> Any:
        kind = type(stored)
        if kind is dict:
            return self._read_object(stored)
        return self.read_items(stored) if kind is list else stored

    def read_items(self, stored: list[Json]) -> list[Any]:
        items: list[Any] = []
        try:
            for each in stored:
                items.append(each if type(each) in JSON_ATOMS else self.read(each))  # noqa: PERF401 - their number is a path
        except Unreadable as unreadable:
            unreadable.inside(f"[{len(items)}]")
            raise
        return items

    def read_fields(self, stored: dict[str, Json], part: Callable[[str], str] = ".{}".format) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        name = ""
        try:
            for name, each in stored.items():
                fields[name] = each if type(each) in JSON_ATOMS else self.read(each)
        except Unreadable as unreadable:
            unreadable.inside(part(name))
            raise
        return fields

    def read_pairs(self, stored: list[Json]) -> dict[Any, Any]:
        items: dict[Any, Any] = {}
        for key_stored, value_stored in stored:
            key = self.read(key_stored)
            items[key] = self._read_at(key, value_stored)
        _refuse_repeats(items, stored)
        return items

    def _read_at(self, key: object, stored: Json) -> Any:
        try:
            return self.read(stored)
        except Unreadable as unreadable:
            unreadable.inside(key_part(key))
            raise

    def _read_object(self, stored: dict[str, Json]) -> Any:
        tag = next(iter(stored), "")
        if len(stored) == 1 and tag.startswith("$"):
            return self._read_tagged(tag, stored[tag])
        if are_plain_keys(stored):
            return self.read_fields(stored, key_part)
        raise Unreadable("it has a tag among other keys", DAMAGED)

    def _read_tagged(self, tag: str, stored: Json) -> Any:
        read = READERS.get(tag) or _reader_of_guest(tag)
        try:
            return read(self, stored)
        except (Unreadable, RecursionError, MemoryError):
            raise
        except Exception as cause:  # damaged data, or the user's codec or class
            told = " ".join(str(cause).split())
            raise Unreadable(f"{tag} failed with {type(cause).__name__}: {told}", DAMAGED) from cause


def _reader_of_guest(tag: str) -> Read:
    codec = guest_codec_named(tag[1:])
    if codec is None:
        raise Unreadable(f"the tag {tag} is not known", "update reev-flow, or install what it was stored with")
    return functools.partial(_read_standard, codec)


def _read_standard(codec: Codec, reader: Reader, stored: Json) -> object:
    return codec.decode(reader.read(stored))


def _read_set(reader: Reader, stored: Json) -> set[Any]:
    made = set(reader.read_items(stored))
    _refuse_repeats(made, stored)
    return made


def _read_frozenset(reader: Reader, stored: Json) -> frozenset[Any]:
    return frozenset(_read_set(reader, stored))


def _read_member(reader: Reader, stored: Json) -> object:
    name, member = stored
    kind = reader.catalog.find(name)
    if not issubclass(kind, Enum):
        raise Unreadable(f"{kind.__qualname__} is no longer an enumeration", "make it one again")
    return read_member(kind, member)


def _read_instance(reader: Reader, stored: Json) -> object:
    name, fields = stored
    return put_together(reader.catalog.find(name), reader.read_fields(fields))


def _read_registered(reader: Reader, stored: Json) -> object:
    name, simpler = stored
    codec = reader.codecs.by_name.get(name)
    if codec is None:
        raise Unreadable(f"no codec is called {name!r}", "register it before the session goes on")
    value = codec.decode(reader.read(simpler))
    if type(value) is not codec.kind:
        raise Unreadable(
            f"the codec {name!r} gave back a {label(type(value))}", f"let `decode` give a {label(codec.kind)}"
        )
    return value


def _refuse_repeats(made: Sized, stored: Sized) -> None:
    if len(made) != len(stored):
        raise Unreadable("something is in it twice", DAMAGED)


READERS: Mapping[str, Read] = {
    "$str": lambda _, stored: read_bytes(stored).decode(errors="surrogatepass"),
    "$int": lambda _, stored: int(stored, 16),
    "$float": lambda _, stored: float(stored),
    "$tuple": lambda reader, stored: tuple(reader.read_items(stored)),
    "$set": _read_set,
    "$frozenset": _read_frozenset,
    "$dict": Reader.read_pairs,
    "$enum": _read_member,
    "$object": _read_instance,
    "$codec": _read_registered,
    **{f"${codec.name}": functools.partial(_read_standard, codec) for codec in CODECS},
}
