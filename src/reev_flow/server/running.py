"""A server from its first moment to its last."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import uvicorn

from reev_flow.server.application import build_application
from reev_flow.server.intake import Intake
from reev_flow.server.limits import Limits
from reev_flow.server.options import ServerOptions, Whereabouts
from reev_flow.server.sockets import Listening
from reev_flow.trace.store import TraceStore


class Server:
    """Answers from the moment `start` returns until `stop` does, which waits for what is under way, within a bound."""

    def __init__(self, options: ServerOptions, listening: Listening, intake: Intake, store: TraceStore) -> None:
        """`listening` is closed with the server."""
        self._options = options
        self._listening = listening
        self._intake = intake
        self._app = build_application(intake, store, token=options.token, is_on_loopback=listening.is_on_loopback)
        self._closing: list[Callable[[], Awaitable[None]]] = []

    async def start(self) -> Whereabouts:
        """Raises `CannotListen`."""
        http = _Http(uvicorn_config(self._app, self._options.limits))
        serving = asyncio.create_task(http.serve(list(self._listening.sockets)))
        self._closing.append(partial(_end, http, serving))
        await http.is_up.wait()
        return Whereabouts(
            address=self._listening.addresses[0],
            http_port=self._listening.port,
            grpc_port=await self._start_grpc(),
        )

    async def _start_grpc(self) -> int | None:
        if self._options.grpc_port is None:
            return None
        from reev_flow.server.otlp_grpc import GrpcDoor  # noqa: PLC0415 - an extra, and not everybody's

        door = GrpcDoor(self._intake, token=self._options.token)
        port = await door.open(self._listening.addresses, self._options.grpc_port)
        self._closing.append(door.close)
        return port

    async def stop(self) -> None:
        await asyncio.gather(*(close() for close in self._closing))
        self._listening.close()


def uvicorn_config(app: Any, limits: Limits) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_protocol(limits),
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",  # what senders do wrong is answered to them, and counted
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=limits.connections,
        timeout_keep_alive=limits.idle_seconds,
        timeout_graceful_shutdown=limits.stop_seconds,
    )


def _protocol(limits: Limits) -> Any:
    try:
        from reev_flow.server.http_protocol import bounded_protocol  # noqa: PLC0415 - httptools is not on Windows
    except ModuleNotFoundError:
        return "h11"  # slower; bounds the size of heads by itself, and not how long they take
    return bounded_protocol(limits)


class _Http(uvicorn.Server):
    """Leaves signals to whoever runs it, and says when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _end(http: _Http, serving: Awaitable[None]) -> None:
    http.should_exit = True
    await serving
