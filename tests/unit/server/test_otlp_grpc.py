"""The same over gRPC, with grpc's own client, and with the exporter that programs have."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import grpc.aio
import pytest
from opentelemetry.context import get_value
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from reev_flow.errors import ReevFlowError
from reev_flow.server.limits import MIB, Limits
from reev_flow.server.options import ServerOptions
from reev_flow.server.otlp_grpc import MOST_RECEIVING, SERVICES
from reev_flow.stores.memory_traces import MemoryTraceStore
from support.loopback import Loopback, loopback
from support.otlp_server import BrokenTraceStore, request_of
from unit.server.test_metric_points import message as metrics_message

PATIENCE_SECONDS = 60

Code = grpc.StatusCode


class Caller:
    """Calls the services of one server."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel

    async def call(self, body: bytes, *, signal: str = "traces", **options: Any) -> bytes:
        answer: bytes = await self._channel.unary_unary(f"/{SERVICES[signal]}/Export")(
            body, timeout=PATIENCE_SECONDS, **options
        )
        return answer

    async def code(self, body: bytes, **options: Any) -> grpc.StatusCode:
        try:
            await self.call(body, **options)
        except grpc.aio.AioRpcError as error:
            return error.code()
        return Code.OK


@asynccontextmanager
async def calling(server: Loopback) -> AsyncIterator[Caller]:
    limits = [("grpc.max_send_message_length", -1)]
    async with grpc.aio.insecure_channel(server.grpc_target, options=limits) as channel:
        yield Caller(channel)


async def test_spans_are_taken_and_answered_with_an_empty_response():
    async with loopback(grpc=True) as server, calling(server) as caller:
        assert await caller.call(request_of(4)) == b""
        assert server.span_count() == 4


async def test_compressed_messages_are_taken():
    async with loopback(grpc=True) as server, calling(server) as caller:
        assert await caller.code(request_of(4), compression=grpc.Compression.Gzip) is Code.OK
        assert server.span_count() == 4


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
async def test_the_exporter_that_programs_have_is_served(compression: grpc.Compression):
    async with loopback(grpc=True) as server:
        await asyncio.to_thread(export_one, server.grpc_target, compression)

        assert server.span_count() == 1


def export_one(target: str, compression: grpc.Compression, **headers: str) -> None:
    provider = TracerProvider(shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=target, insecure=True, compression=compression, headers=headers or None)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    provider.get_tracer("tests").start_span("work").end()
    provider.shutdown()


async def test_an_empty_request_succeeds():
    async with loopback(grpc=True) as server, calling(server) as caller:
        assert await caller.call(b"") == b""


async def test_a_message_over_grpcs_own_limit_is_taken():
    async with loopback(grpc=True) as server, calling(server) as caller:
        assert await caller.code(request_of(1, text_bytes=5 * MIB)) is Code.OK
        assert server.span_count() == 1


async def test_a_message_over_our_limit_is_refused_for_good():
    async with loopback(grpc=True) as server, calling(server) as caller:
        assert await caller.code(bytes(65 * MIB)) is Code.RESOURCE_EXHAUSTED
        assert await caller.code(request_of()) is Code.OK


async def test_the_limit_counts_after_decompression():
    async with loopback(grpc=True) as server, calling(server) as caller:
        assert await caller.code(bytes(65 * MIB), compression=grpc.Compression.Gzip) is Code.RESOURCE_EXHAUSTED
        assert await caller.code(request_of()) is Code.OK


async def test_bytes_that_are_no_message_are_refused():
    async with loopback(grpc=True) as server, calling(server) as caller:
        assert await caller.code(b"\xff\xfe") is Code.INVALID_ARGUMENT
        assert await caller.code(gzip.compress(request_of())) is Code.INVALID_ARGUMENT
        assert await caller.code(request_of()) is Code.OK


async def test_what_cannot_be_stored_is_to_be_sent_again():
    async with loopback(store=BrokenTraceStore(), grpc=True) as server, calling(server) as caller:
        assert await caller.code(request_of()) is Code.UNAVAILABLE


async def test_what_is_too_much_at_once_is_to_be_sent_again():
    async with loopback(grpc=True) as server, calling(server) as caller:
        with server.intake.held.hold() as hold:
            hold.add(server.intake.held.most_bytes)
            assert await caller.code(request_of()) is Code.UNAVAILABLE
        assert await caller.code(request_of()) is Code.OK


async def test_points_of_metrics_are_rejected_and_counted():
    async with loopback(grpc=True) as server, calling(server) as caller:
        answer = ExportMetricsServiceResponse.FromString(await caller.call(metrics_message(), signal="metrics"))

        assert answer.partial_success.rejected_data_points == 10


async def test_log_records_are_taken():
    async with loopback(grpc=True) as server, calling(server) as caller:
        assert (
            ExportLogsServiceResponse.FromString(await caller.call(b"", signal="logs")) == ExportLogsServiceResponse()
        )


async def test_single_spans_are_rejected_and_counted():
    from unit.server.test_otlp_http import with_a_bad_neighbour

    async with loopback(grpc=True) as server, calling(server) as caller:
        answer = ExportTraceServiceResponse.FromString(await caller.call(with_a_bad_neighbour()))

        assert answer.partial_success.rejected_spans == 1
        assert server.span_count() == 1


async def test_other_services_are_not_there():
    async with loopback(grpc=True) as server:
        async with grpc.aio.insecure_channel(server.grpc_target) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await channel.unary_unary("/opentelemetry.proto.collector.profiles.v1.ProfilesService/Export")(b"")

        assert caught.value.code() is Code.UNIMPLEMENTED


@pytest.mark.parametrize("header", ["", "Bearer wrong", "t"])
async def test_without_the_token_nothing_is_taken(header: str):
    async with loopback(grpc=True, token="t") as server, calling(server) as caller:
        assert await caller.code(request_of(), metadata=(("authorization", header),)) is Code.UNAUTHENTICATED
        assert await caller.code(request_of()) is Code.UNAUTHENTICATED
        assert server.span_count() == 0


async def test_without_the_token_nothing_is_even_received():
    """Else whoever can reach the port could fill the memory with messages."""
    async with loopback(grpc=True, token="t") as server, grpc.aio.insecure_channel(server.grpc_target) as channel:
        call = channel.stream_unary(f"/{SERVICES['traces']}/Export")(timeout=PATIENCE_SECONDS)  # and nothing is sent

        assert await call.code() is Code.UNAUTHENTICATED


async def test_a_call_without_a_message_is_refused():
    async with loopback(grpc=True) as server, grpc.aio.insecure_channel(server.grpc_target) as channel:
        call = channel.stream_unary(f"/{SERVICES['traces']}/Export")(timeout=PATIENCE_SECONDS)
        await call.done_writing()

        assert await call.code() is Code.INVALID_ARGUMENT


async def test_senders_that_trickle_keep_nobody_out():
    limits = Limits(patience_seconds=0.1, stop_seconds=1)
    async with loopback(grpc=True, limits=limits) as server, calling(server) as caller:
        async with grpc.aio.insecure_channel(server.grpc_target) as channel:
            begun = [
                channel.stream_unary(f"/{SERVICES['traces']}/Export")(timeout=PATIENCE_SECONDS)
                for _ in range(MOST_RECEIVING + 1)
            ]
            codes = [await one.code() for one in begun]

        assert codes == [Code.DEADLINE_EXCEEDED] * len(begun)
        assert {(source.transport, status) for source, status in server.intake.tallies.requests} == {
            ("grpc", "DEADLINE_EXCEEDED")
        }
        later = [await caller.code(request_of()) for _ in range(20)]
        assert Code.OK in later  # not all of them, since a busy machine trickles too


async def test_more_connections_than_are_taken_are_refused():
    async with loopback(grpc=True, limits=Limits(connections=1, stop_seconds=1)) as server, calling(server) as caller:
        assert await caller.code(request_of()) is Code.OK
        alone = [("grpc.use_local_subchannel_pool", 1)]
        async with grpc.aio.insecure_channel(server.grpc_target, options=alone) as other:
            assert await Caller(other).code(request_of()) is Code.UNAVAILABLE
        assert await caller.code(request_of()) is Code.OK


async def test_with_the_token_things_are_taken():
    async with loopback(grpc=True, token="t") as server:
        await asyncio.to_thread(
            export_one, server.grpc_target, grpc.Compression.NoCompression, authorization="Bearer t"
        )

        assert server.span_count() == 1


async def test_it_counts_as_http_does():
    async with loopback(grpc=True) as server, calling(server) as caller:
        await caller.code(request_of(3))
        await caller.code(b"\xff")
        counts = {
            (source.transport, status): count for (source, status), count in server.intake.tallies.requests.items()
        }

        assert counts == {("grpc", "OK"): 1, ("grpc", "INVALID_ARGUMENT"): 1}


async def test_what_happens_inside_is_not_traced():
    seen: list[object] = []

    class Watching(MemoryTraceStore):
        def add(self, chunks):
            seen.append(get_value("suppress_instrumentation"))
            return super().add(chunks)

    async with loopback(store=Watching(), grpc=True) as server, calling(server) as caller:
        await caller.call(request_of())

        assert seen == [True]


async def test_a_port_that_is_taken_is_told_in_one_line():
    from reev_flow.server.otlp_grpc import GrpcDoor

    async with loopback(grpc=True) as server:
        taken = server.whereabouts.grpc_port
        assert taken is not None
        door = GrpcDoor(server.intake, token="")
        with pytest.raises(ReevFlowError, match=rf"^cannot listen on 127\.0\.0\.1:{taken}: .*--grpc-port$"):
            await door.open((ServerOptions().host,), taken)
        await door.close()
