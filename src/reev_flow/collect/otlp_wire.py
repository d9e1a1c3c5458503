"""Fields of an OTLP message as protobuf writes them: tag, length, content."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from struct import Struct
from types import NoneType
from typing import Any

import msgspec

KEY, VALUE, ITEM = b"\x0a", b"\x12", b"\x0a"
LEAST_INT, LARGEST_INT, UNSIGNED = -(1 << 63), (1 << 63) - 1, (1 << 64) - 1
MOST_NESTING = 25  # a level takes up to three messages, and readers refuse what is a hundred deep

_double = Struct("<d").pack
_fixed = Struct("<Q").pack
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
    return tag + _fixed(max(0, min(time_ns, UNSIGNED))) if time_ns else b""


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
    return b"".join([message(tag, _key(name) + _value(value, 0)) for name, value in (pairs or {}).items()])


@lru_cache(maxsize=4_096)
def _key(name: str) -> bytes:
    return text(KEY, name)


def _value(value: Any, nesting: int) -> bytes:
    return message(VALUE, any_value(value, nesting))


def any_value(value: Any, nesting: int = 0) -> bytes:
    """What is no value of OTLP becomes text, and what nests too deep for readers becomes JSON."""
    if isinstance(value, str):
        return text(b"\x0a", value)
    write = WRITERS.get(type(value))
    if write is not None:
        return write(value)
    write_nested = next((write for kind, write in NESTED.items() if isinstance(value, kind)), None)
    if write_nested is None:
        write = next((write for kind, write in WRITERS.items() if isinstance(value, kind)), _shown)
        return write(value)
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
    bool: lambda truth: b"\x10\x01" if truth else b"\x10\x00",
    int: _int,
    float: lambda number: b"\x21" + _double(number),
    NoneType: lambda _: b"",
    bytes: lambda data: message(b"\x3a", data),
}
NESTED: Mapping[type, Callable[[Any, int], bytes]] = {
    Mapping: _pairs,
    Sequence: _array,
}  # text and bytes were taken before
