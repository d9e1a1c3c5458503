"""HTTP on a real socket: what senders do wrong ends with their own connection."""

import asyncio

from reev_flow.server.limits import Limits
from support.loopback import loopback
from support.otlp_server import request_of

IMPATIENT = Limits(patience_seconds=0.1, bytes_per_second=1_000_000, head_bytes=2_000, stop_seconds=1)
HEAD = b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\n"
CLOSE = b"Connection: close\r\n"


def with_length(body: bytes, length: int | None = None, *more: bytes) -> bytes:
    declared = len(body) if length is None else length
    return HEAD + b"".join(more) + f"Content-Length: {declared}\r\n\r\n".encode() + body


def status(answer: bytes) -> bytes:
    return answer.split(b" ")[1] if answer else b"closed"


async def test_a_whole_request_is_answered():
    async with loopback() as server:
        assert status(await server.send(with_length(request_of(2), None, CLOSE))) == b"200"
        assert server.span_count() == 2


async def test_a_body_in_chunks_is_taken():
    body = request_of(2)
    chunked = b"%x\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (10, body[:10], len(body) - 10, body[10:])
    async with loopback() as server:
        answer = await server.send(HEAD + CLOSE + b"Transfer-Encoding: chunked\r\n\r\n", chunked)

        assert status(answer) == b"200"
        assert server.span_count() == 2


async def test_several_requests_may_share_a_connection():
    async with loopback() as server:
        answer = await server.send(with_length(request_of(1)), with_length(request_of(1, first=2), None, CLOSE))

        assert answer.count(b"HTTP/1.1 200") == 2
        assert server.span_count() == 2


async def test_a_sender_that_promised_more_and_left_leaves_nothing_behind():
    async with loopback() as server:
        _, writer = await server.connect()
        writer.write(with_length(request_of(2), 10_000))
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        assert status(await server.send(with_length(request_of(1, first=9), None, CLOSE))) == b"200"

        assert server.span_count() == 1
        assert server.intake.held.now_bytes == 0


async def test_a_body_that_trickles_is_refused_and_its_connection_closed():
    async with loopback(limits=IMPATIENT) as server:
        answer = await server.send(with_length(b"\x0a", 10_000))

        assert status(answer) == b"408"


async def test_a_head_that_trickles_ends_its_connection():
    async with loopback(limits=IMPATIENT) as server:
        assert await server.send(HEAD[:20]) == b""


async def test_a_connection_on_which_nothing_comes_is_closed():
    async with loopback(limits=IMPATIENT) as server:
        assert await server.send() == b""


async def test_a_head_that_swells_is_refused():
    async with loopback(limits=IMPATIENT) as server:
        answer = await server.send(HEAD, b"X-Long: ", b"x" * 3_000)

        assert status(answer) == b"400"


async def test_what_is_no_http_is_refused():
    async with loopback() as server:
        assert status(await server.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")) == b"400"


async def test_too_much_is_refused_before_it_was_sent_and_the_rest_is_not_waited_for_long():
    async with loopback(limits=IMPATIENT) as server:
        answer = await server.send(with_length(b"x", 100_000_000))

        assert status(answer) == b"413"


async def test_whoever_asks_first_whether_to_send_is_told():
    async with loopback() as server:
        reader, writer = await server.connect()
        body = request_of(1)
        writer.write(with_length(b"", len(body), b"Expect: 100-continue\r\n", CLOSE))
        told = await reader.readuntil(b"\r\n\r\n")
        writer.write(body)
        answer = await reader.read()
        writer.close()

        assert (status(told), status(answer)) == (b"100", b"200")


async def test_others_are_answered_while_many_trickle():
    async with loopback() as server:
        slow = [await server.connect() for _ in range(100)]
        for _, writer in slow:
            writer.write(with_length(b"\x0a", 10_000))
            await writer.drain()
        answer = await server.send(with_length(request_of(1), None, CLOSE))
        for _, writer in slow:
            writer.close()

        assert status(answer) == b"200"


async def test_what_is_under_way_is_ended_before_the_server_is():
    async with loopback() as server:
        reader, writer = await server.connect()
        body = request_of(1)
        writer.write(with_length(body[:5], len(body)))
        while server.intake.tallies.under_way == 0:
            await asyncio.sleep(0)
        stopping = asyncio.create_task(server.server.stop())
        writer.write(body[5:])
        answer = await reader.read()
        await stopping
        writer.close()

        assert status(answer) == b"200"
        assert server.span_count() == 1
