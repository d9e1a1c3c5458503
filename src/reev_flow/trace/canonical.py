"""One byte form for equal values, whatever the order of their keys."""

import msgspec

from reev_flow.trace.span import Value


def canonical(value: Value | msgspec.Struct) -> bytes:
    """JSON with sorted keys; bytes as base64, NaN and infinities as null."""
    return msgspec.json.encode(value, order="sorted")
