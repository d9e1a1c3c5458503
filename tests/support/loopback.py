"""The real server in the test's own event loop, on free ports of loopback, and bytes sent to it by hand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

from reev_flow.runtime.ingest import Ingest
from reev_flow.server.intake import Intake
from reev_flow.server.limits import Limits
from reev_flow.server.options import LOOPBACK, ServerOptions, Whereabouts
from reev_flow.server.running import Server
from reev_flow.server.sockets import listen
from reev_flow.stores.memory_traces import MemoryTraceStore
from reev_flow.trace.store import TraceStore
from support.otlp_server import stored_spans


class Loopback:
    """A server that runs."""

    def __init__(self, server: Server, intake: Intake, store: TraceStore, whereabouts: Whereabouts) -> None:
        self.server = server
        self.intake = intake
        self.store = store
        self.whereabouts = whereabouts

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.whereabouts.http_port}"

    @property
    def grpc_target(self) -> str:
        return f"127.0.0.1:{self.whereabouts.grpc_port}"

    def span_count(self) -> int:
        return len(stored_spans(self.store))

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.whereabouts.http_port)

    async def send(self, *parts: bytes) -> bytes:
        """Everything that is answered to these bytes until the server closes the connection."""
        reader, writer = await self.connect()
        for part in parts:
            writer.write(part)
            await writer.drain()
        answer = await reader.read()
        writer.close()
        return answer


@asynccontextmanager
async def loopback(
    *,
    store: TraceStore | None = None,
    limits: Limits | None = None,
    token: str = "",
    grpc: bool = False,
    host: str = LOOPBACK,
) -> AsyncIterator[Loopback]:
    options = ServerOptions(
        host=host, http_port=0, grpc_port=0 if grpc else None, token=token, limits=limits or Limits(stop_seconds=1)
    )
    listening = listen(options.host, options.http_port, token)
    with closing(listening), closing(store or MemoryTraceStore()) as traces:
        intake = Intake(Ingest(traces), options.limits, lambda _: None)
        server = Server(options, listening, intake, traces)
        whereabouts = await server.start()
        try:
            yield Loopback(server, intake, traces, whereabouts)
        finally:
            await server.stop()
