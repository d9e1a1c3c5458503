"""What rows are proved with."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import msgspec

Value = Any  # what SQLite gives: text as bytes, numbers, blobs, NULL; after damage anything
Row = tuple[Value, ...]

DIGEST_BYTES = 16

_encoder = msgspec.msgpack.Encoder()


def digest_of(columns: Sequence[Value]) -> bytes:
    return blake2b(_encoder.encode(columns), digest_size=DIGEST_BYTES).digest()
