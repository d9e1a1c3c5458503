"""How much of everything the server takes, and how long it waits for it."""

import msgspec

MIB = 1024 * 1024


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """`body_bytes` counts after decompression; `held_bytes` is for all bodies together that are being read or stored.

    A body may take `patience_seconds`, and as much longer as it needs at `bytes_per_second`. The head of a request, and what is left of a
    body that was refused, may take `patience_seconds` too. A store that another process keeps busy is waited for `store_seconds`, and as long
    again for what was asked for before.
    """

    body_bytes: int = 64 * MIB
    held_bytes: int = 128 * MIB
    head_bytes: int = 64 * 1024
    connections: int = 900  # the usual limit on open files is 1,024
    patience_seconds: float = 15.0
    bytes_per_second: int = 16 * 1024
    idle_seconds: int = 75  # longer than the usual 60 between two exports, so that no sender meets a closing connection
    stop_seconds: int = 4
    store_seconds: float = 2.5  # exporters wait ten for their answer
