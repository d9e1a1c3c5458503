"""Fields of an OTLP message as protobuf writes them: tag, length, content."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from struct import Struct, error
from types import NoneType
from typing import Any

import msgspec

KEY, VALUE, ITEM = b"\x0a", b"\x12", b"\x0a"
LEAST_INT, LARGEST_INT, UNSIGNED = -(1 << 63), (1 << 63) - 1, (1 << 64) - 1
MOST_NESTING = 25  # a level takes up to three messages, and readers refuse what is a hundred deep
SHORT_PAIR = 80  # characters; longer names and values are not remembered

_double = Struct("<d").pack
_tagged = Struct("<cQ").pack
_short = [bytes([number]) for number in range(128)]


def message(tag: bytes, data: bytes) -> bytes:
    length = len(data)
    return tag + (_short[length] if length < 128 else varint(length)) + data


def text(tag: bytes, content: str) -> bytes:
    try:
        return message(tag, content.encode())
    except UnicodeEncodeError:  # half of a surrogate pair
        return message(tag, content.encode(errors="replace"))


def moment(tag: bytes, time_ns: int) -> bytes:
    """A time, left out when there is none. Those that 64 bits cannot hold are the nearest they can."""
    try:
        return _tagged(tag, time_ns) if time_ns else b""
    except error:
        return _tagged(tag, max(0, min(time_ns, UNSIGNED)))


def count(tag: bytes, number: int) -> bytes:
    return tag + varint(number) if number else b""


def varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; the top bit says that more follow."""
    if number < 128:
        return _short[number]
    data = bytearray()
    while number > 127:
        data.append(number & 127 | 128)
        number >>= 7
    data.append(number)
    return bytes(data)


def attributes(tag: bytes, pairs: Mapping[str, Any] | None) -> bytes:
    if not pairs:
        return b""
    return b"".join(
        [
            _short_pair(tag, name, value)
            if type(value) is str and len(name) + len(value) <= SHORT_PAIR
            else message(tag, _key(name) + _value(value, 0))
            for name, value in pairs.items()
        ]
    )


@lru_cache(maxsize=8_192)
def _short_pair(tag: bytes, name: str, value: str) -> bytes:
    """Short texts repeat: names of tools and models, kinds of operations."""
    return message(tag, text(KEY, name) + message(VALUE, text(b"\x0a", value)))


def _key(name: str) -> bytes:
    return _short_key(name) if len(name) <= SHORT_PAIR else text(KEY, name)


@lru_cache(maxsize=4_096)
def _short_key(name: str) -> bytes:
    return text(KEY, name)


def _value(value: Any, nesting: int) -> bytes:
    return message(VALUE, any_value(value, nesting))


def any_value(value: Any, nesting: int = 0) -> bytes:
    """What is no value of OTLP becomes text, and what nests too deep for readers becomes JSON."""
    kind = type(value)
    write = WRITERS.get(kind)
    if write is not None:
        return write(value)
    write_nested = NESTED.get(kind)
    if write_nested is None:
        kind = next((kind for kind in KINDS if isinstance(value, kind)), object)
        write_nested = NESTED.get(kind)
        if write_nested is None:
            return WRITERS[kind](value)
    return _as_json(value) if nesting >= MOST_NESTING else write_nested(value, nesting + 1)


def _int(number: int) -> bytes:
    return b"\x18" + varint(number & UNSIGNED) if LEAST_INT <= number <= LARGEST_INT else _shown(number)


def _array(items: Sequence[Any], nesting: int) -> bytes:
    return message(b"\x2a", b"".join([message(ITEM, any_value(item, nesting)) for item in items]))


def _pairs(items: Mapping[Any, Any], nesting: int) -> bytes:
    pairs = [message(ITEM, text(KEY, str(name)) + _value(item, nesting)) for name, item in items.items()]
    return message(b"\x32", b"".join(pairs))


def _shown(value: object) -> bytes:
    return text(b"\x0a", str(value))


def _as_json(value: object) -> bytes:
    try:
        return message(b"\x0a", msgspec.json.encode(value, enc_hook=str))
    except (TypeError, ValueError, RecursionError):
        return _shown(f"({type(value).__name__}, nested too deeply)")


WRITERS: Mapping[type, Callable[[Any], bytes]] = {
    str: lambda content: text(b"\x0a", content),
    bool: lambda truth: b"\x10\x01" if truth else b"\x10\x00",
    int: _int,
    float: lambda number: b"\x21" + _double(number),
    NoneType: lambda _: b"",
    bytes: lambda data: message(b"\x3a", data),
    object: _shown,
}
NESTED: Mapping[type, Callable[[Any, int], bytes]] = {
    tuple: _array,
    list: _array,
    dict: _pairs,
    Sequence: _array,
    Mapping: _pairs,
}
KINDS = (str, int, float, bytes, Sequence, Mapping)
"""For subclasses, and for what only behaves like a list or a dict."""
