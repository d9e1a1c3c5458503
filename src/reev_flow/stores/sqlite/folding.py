"""Bytes of spans made small: what is said again and again in one chunk is kept once, then everything is compressed.

A model is sent the whole conversation with every call, so that a run of fifty calls says its first message fifty times, farther apart than
compression looks back. Whatever dialect writes them, messages have a `role`: there they are cut, and equal pieces are kept once.
"""

import zlib
from itertools import chain

import msgspec

SEAM = b"role"
FOLDED = b"F"  # what zlib makes begins with another byte
LEAST_BYTES = 32 * 1024  # compression sees the repetitions of less than that by itself
LEAST_SEAMS_OF_A_SPAN = 4
WORTH = 0.7  # of the bytes may be left

Folded = tuple[list[int], list[bytes]]


def pack(data: bytes, spans: int, level: int) -> bytes:
    folded = _fold(data) if _may_repeat(data, spans) else None
    return zlib.compress(data, level) if folded is None else FOLDED + zlib.compress(folded, level)


def unpack(packed: bytes) -> bytes:
    """Of what `pack` made."""
    if not packed.startswith(FOLDED):
        return zlib.decompress(packed)
    order, pieces = msgspec.msgpack.decode(zlib.decompress(packed[1:]), type=Folded)
    return SEAM.join([pieces[number] for number in order])


def _may_repeat(data: bytes, spans: int) -> bool:
    return len(data) >= LEAST_BYTES and data.count(SEAM) >= LEAST_SEAMS_OF_A_SPAN * max(spans, 1)


def _fold(data: bytes) -> bytes | None:
    """Which piece comes where, and each piece once. None when that saves little."""
    numbers: dict[bytes, int] = {}
    order = [numbers.setdefault(piece, len(numbers)) for piece in data.split(SEAM)]
    left = sum(map(len, chain(numbers))) + len(order)
    return msgspec.msgpack.encode((order, list(numbers))) if left <= WORTH * len(data) else None
