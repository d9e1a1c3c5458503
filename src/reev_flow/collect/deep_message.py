"""OTLP protobuf in which a reader passes over values that are nested too deeply for it."""

from collections.abc import Iterator, Mapping
from enum import Enum, auto

MOST_MESSAGES = 90  # within each other; readers stop at a hundred
NO_FIELD = 0x7A  # the tag of field 15, of a length, which no value has
VARINT, FIXED_64, OF_LENGTH, FIXED_32 = 0, 1, 2, 5
MOST_VARINT = 10  # bytes


class Kind(Enum):
    """Messages that may hold values."""

    REQUEST = auto()
    RESOURCE_SPANS = auto()
    RESOURCE = auto()
    SCOPE_SPANS = auto()
    SCOPE = auto()
    SPAN = auto()
    EVENT = auto()
    LINK = auto()
    PAIR = auto()
    VALUE = auto()
    ARRAY = auto()
    RECORD = auto()


WITHIN: Mapping[Kind, Mapping[int, Kind]] = {
    Kind.REQUEST: {1: Kind.RESOURCE_SPANS},
    Kind.RESOURCE_SPANS: {1: Kind.RESOURCE, 2: Kind.SCOPE_SPANS},
    Kind.RESOURCE: {1: Kind.PAIR},
    Kind.SCOPE_SPANS: {1: Kind.SCOPE, 2: Kind.SPAN},
    Kind.SCOPE: {3: Kind.PAIR},
    Kind.SPAN: {9: Kind.PAIR, 11: Kind.EVENT, 13: Kind.LINK},
    Kind.EVENT: {3: Kind.PAIR},
    Kind.LINK: {4: Kind.PAIR},
    Kind.PAIR: {2: Kind.VALUE},
    Kind.VALUE: {5: Kind.ARRAY, 6: Kind.RECORD},
    Kind.ARRAY: {1: Kind.VALUE},
    Kind.RECORD: {1: Kind.PAIR},
}


class _Broken(Exception):
    """Bytes that are no protobuf."""


def shallow(data: bytes) -> bytes | None:
    """The same bytes, but each value that is too deep is a field that nobody knows. None when there is none, or when it is no protobuf."""
    changed = bytearray(data)
    is_changed = False
    pending = [(Kind.REQUEST, 0, 0, len(data))]
    while pending:
        kind, depth, start, end = pending.pop()
        try:
            for tag_at, within, begin, until in _messages(data, kind, start, end):
                if kind is Kind.VALUE and depth >= MOST_MESSAGES:
                    changed[tag_at] = NO_FIELD
                    is_changed = True
                else:
                    pending.append((within, depth + 1, begin, until))
        except _Broken:
            return None
    return bytes(changed) if is_changed else None


def _messages(data: bytes, kind: Kind, at: int, end: int) -> Iterator[tuple[int, Kind, int, int]]:
    """Those within a message that may hold values: where their tag is, what they are, where they begin and end."""
    within = WITHIN[kind]
    while at < end:
        tag_at = at
        tag, at = _varint(data, at)
        wire_type = tag & 7
        if wire_type == OF_LENGTH:
            length, at = _varint(data, at)
            if at + length > end:
                raise _Broken
            inner = within.get(tag >> 3)
            if inner is not None:
                yield tag_at, inner, at, at + length
            at += length
        elif wire_type == VARINT:
            _, at = _varint(data, at)
        elif wire_type in {FIXED_64, FIXED_32}:
            at += 8 if wire_type == FIXED_64 else 4
        else:
            raise _Broken


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The number, and where it ends."""
    number = 0
    for shift in range(0, 7 * MOST_VARINT, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, at
    raise _Broken
