"""Which conversations the spans in an OTLP message name, found without parsing the message."""

import re
from collections.abc import Iterator

from reev_flow.collect.dialects import MEANINGS
from reev_flow.collect.dialects.dialect import Concept

KEY, VALUE, STRING = b"\x0a", b"\x12", b"\x0a"
LAST_BYTE = 128  # a varint goes on as long as its bytes are this or more
MOST_VARINT_BYTES = 5

# A pair is written as its key, with tag and length, and then its value. None of the names is so long that its length takes two bytes.
WRITTEN_KEY = re.compile(
    b"|".join(
        re.escape(KEY + bytes([len(name)]) + name.encode() + VALUE)
        for name, meaning in MEANINGS.items()
        if meaning.concept is Concept.CONVERSATION
    )
)


def conversations_in(data: bytes) -> tuple[str, ...]:
    """Every text that an attribute for conversations has, whatever dialect it is of, by text."""
    found = set(_values(data))
    return tuple(sorted(text for text in found if text.strip()))


def _values(data: bytes) -> Iterator[str]:
    for key in WRITTEN_KEY.finditer(data):
        length, start = _length(data, key.end())  # of the value as a whole
        if data[start : start + 1] == STRING and start < len(data):
            of_text, start = _length(data, start + 1)
            if of_text < length:
                yield data[start : start + of_text].decode(errors="replace")


def _length(data: bytes, place: int) -> tuple[int, int]:
    """A varint, and where what follows it begins."""
    length = 0
    for shift, byte in enumerate(data[place : place + MOST_VARINT_BYTES]):
        length |= (byte % LAST_BYTE) << (7 * shift)
        if byte < LAST_BYTE:
            return length, place + shift + 1
    return 0, len(data)
