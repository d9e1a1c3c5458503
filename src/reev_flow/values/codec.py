"""How values of one type are stored: as a simpler value that can itself be stored."""

from collections.abc import Callable
from typing import Any

import msgspec


class Codec(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` is meant exactly: a subclass needs its own. The name is stored with each value, so it must stay."""

    name: str
    kind: type[Any]
    encode: Callable[[Any], object]
    decode: Callable[[Any], object]
