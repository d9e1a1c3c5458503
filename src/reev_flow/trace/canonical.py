"""One byte form for equal values, whatever the order of their keys."""

import json
from functools import partial

import msgspec

from reev_flow.trace.span import Value

_dumps = partial(json.dumps, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(value: Value | msgspec.Struct) -> bytes:
    """JSON with sorted keys; bytes as base64, NaN and infinities as null, halves of surrogate pairs as escapes."""
    try:
        return msgspec.json.encode(value, order="sorted")
    except UnicodeEncodeError:
        text = _dumps(msgspec.to_builtins(value))
        return _dumps(json.loads(text, parse_constant=lambda _: None)).encode(errors="backslashreplace")  # NaN is null


def exact(value: Value | msgspec.Struct) -> bytes:
    """Not to be read again. Tells apart what JSON does not: NaN from null, bytes from text."""
    try:
        return msgspec.msgpack.encode(value, order="sorted")
    except (UnicodeEncodeError, OverflowError):  # integers of more than 64 bits
        return canonical(value)
