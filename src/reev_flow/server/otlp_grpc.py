"""OTLP over gRPC: the same intake behind another door. The one place that imports grpc."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from functools import partial

import grpc
import grpc.aio

from reev_flow.server.answers import response_bytes
from reev_flow.server.guard import is_entitled
from reev_flow.server.intake import Intake
from reev_flow.server.refusals import Refused, missing_token, too_slow, unreadable
from reev_flow.server.sockets import CannotListen, shown
from reev_flow.server.tallies import Source
from reev_flow.server.untraced import untraced

SERVICES = {
    "traces": "opentelemetry.proto.collector.trace.v1.TraceService",
    "logs": "opentelemetry.proto.collector.logs.v1.LogsService",
    "metrics": "opentelemetry.proto.collector.metrics.v1.MetricsService",
}
CODES = {code.value[0]: code for code in grpc.StatusCode}
STREAMS = 16  # of one connection; more wait
MOST_RECEIVING = (
    8  # messages; grpc tells how large one is only when it has all of it, so that their bytes cannot be counted before
)
OK = "OK"


class GrpcDoor:
    """Open once `open` has returned, until `close`."""

    def __init__(self, intake: Intake, *, token: str) -> None:
        self._intake = intake
        self._token = token
        self._receiving = asyncio.Semaphore(MOST_RECEIVING)
        self._server = grpc.aio.server(
            options=(
                ("grpc.max_receive_message_length", intake.limits.body_bytes),
                ("grpc.max_concurrent_streams", STREAMS),
                ("grpc.max_allowed_incoming_connections", intake.limits.connections),
                ("grpc.so_reuseport", 0),  # else a second server would take half of the requests
            )
        )
        self._server.add_generic_rpc_handlers(tuple(self._handler_of(signal) for signal in SERVICES))

    async def open(self, addresses: Iterable[str], port: int) -> int:
        """The port, which is a free one for 0. Raises `CannotListen`."""
        for address in addresses:
            try:
                port = self._server.add_insecure_port(shown(address, port))
            except RuntimeError as error:
                details = "it is taken, or may not be used"
                raise CannotListen(shown(address, port), details, "name another with --grpc-port") from error
        await self._server.start()
        return port

    async def close(self) -> None:
        """What is under way has a moment to end."""
        await self._server.stop(self._intake.limits.stop_seconds)

    def _handler_of(self, signal: str) -> grpc.GenericRpcHandler:
        """As for a stream of messages, which looks the same from outside: a message is then not received before it is asked for."""
        export = grpc.stream_unary_rpc_method_handler(partial(self._export, Source(transport="grpc", signal=signal)))
        return grpc.method_handlers_generic_handler(SERVICES[signal], {"Export": export})

    async def _export(self, source: Source, messages: AsyncIterator[bytes], context: grpc.aio.ServicerContext) -> bytes:
        tallies = self._intake.tallies
        with untraced(), tallies.timed(source):
            try:
                answer = await self._take(source, messages, context)
            except Refused as why:
                code = CODES[why.rpc_code]
                tallies.requests[source, code.name] += 1
                await context.abort(code, why.message)
                raise
        tallies.requests[source, OK] += 1
        return answer

    async def _take(self, source: Source, messages: AsyncIterator[bytes], context: grpc.aio.ServicerContext) -> bytes:
        metadata = dict(context.invocation_metadata() or ())
        if not is_entitled(str(metadata.get("authorization", "")), self._token):
            raise missing_token()
        body = await self._receive(messages)
        with self._intake.held.hold() as hold:
            hold.add(len(body))
            accepted = await self._intake.take(source, body, is_json=False)
        return response_bytes(accepted.rejected, accepted.reason)

    async def _receive(self, messages: AsyncIterator[bytes]) -> bytes:
        try:
            async with self._receiving, asyncio.timeout(self._intake.limits.patience_seconds):
                body = await anext(messages, None)
        except TimeoutError:
            raise too_slow() from None
        if body is None:
            raise unreadable("there is no message")
        return body
