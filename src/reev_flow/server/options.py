"""How a server is to be set up."""

import msgspec

from reev_flow.server.limits import Limits

HTTP_PORT, GRPC_PORT = 4318, 4317
LOOPBACK = "127.0.0.1"


class ServerOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Port 0 takes a free one. `grpc_port` is None for a server without gRPC; without `token` nobody needs one."""

    host: str = LOOPBACK
    http_port: int = HTTP_PORT
    grpc_port: int | None = GRPC_PORT
    token: str = ""
    limits: Limits = Limits()


class Whereabouts(msgspec.Struct, frozen=True, kw_only=True):
    """Where a server listens."""

    address: str
    http_port: int
    grpc_port: int | None
