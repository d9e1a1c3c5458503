"""Bodies are bounded in size, in time and together, whatever their senders do."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.server.inflating import inflater_for
from reev_flow.server.limits import Limits
from reev_flow.server.refusals import Refused
from support.otlp_server import JSON, PROTOBUF, request_of, served, status_of

SMALL = Limits(body_bytes=10_000, held_bytes=20_000)
IMPATIENT = Limits(patience_seconds=0.05, bytes_per_second=1_000_000)
COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
}


def inflated(encoding: str, *chunks: bytes) -> bytes:
    inflater = inflater_for(encoding)
    data = b"".join(piece for chunk in chunks for piece in inflater.pieces(chunk))
    inflater.finish()
    return data


@given(st.binary(), st.sampled_from(["gzip", "deflate", "raw"]), st.lists(st.integers(0, 200)))
def test_what_was_compressed_comes_out_however_it_was_cut(data: bytes, how: str, cuts: list[int]):
    raw = zlib.compress(data, wbits=-zlib.MAX_WBITS)
    sent = raw if how == "raw" else COMPRESSIONS[how](data)
    edges = sorted({0, *(min(cut, len(sent)) for cut in cuts), len(sent)})
    chunks = [sent[start:end] for start, end in pairwise(edges)]
    if how != "raw" or not looks_like_zlib(raw):
        assert inflated("deflate" if how == "raw" else how, *chunks) == data


def looks_like_zlib(data: bytes) -> bool:
    return data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0


@given(st.binary(), st.sampled_from(["gzip", "deflate", ""]))
def test_any_bytes_are_inflated_or_refused(data: bytes, encoding: str):
    with suppress(Refused):
        inflated(encoding, data)


@pytest.mark.parametrize("encoding", COMPRESSIONS)
def test_pieces_are_bounded(encoding: str):
    inflater = inflater_for(encoding)
    pieces = list(inflater.pieces(COMPRESSIONS[encoding](bytes(5_000_000))))

    assert max(map(len, pieces)) <= 1024 * 1024
    assert sum(map(len, pieces)) == 5_000_000


def test_a_gzip_body_may_have_several_members():
    assert inflated("gzip", gzip.compress(b"one ") + gzip.compress(b"two")) == b"one two"


NOT_COMPRESSED = {
    ("gzip", "not gzip"): b"this is no gzip",
    ("gzip", "cut"): gzip.compress(request_of(9))[:-9],
    ("gzip", "head only"): gzip.compress(b"")[:5],
    ("gzip", "a bit is wrong"): gzip.compress(request_of(9))[:-8] + bytes(8),
    ("gzip", "something follows"): gzip.compress(request_of(9)) + b"tail",
    ("deflate", "not deflate"): b"\xff\xff\xff",
    ("deflate", "cut"): zlib.compress(request_of(9))[:-1],
    ("deflate", "one byte"): b"x",
    ("deflate", "something follows"): zlib.compress(request_of(9)) + b"tail",
}


@pytest.mark.parametrize(("case", "body"), NOT_COMPRESSED.items(), ids=[" ".join(case) for case in NOT_COMPRESSED])
async def test_a_body_that_is_not_compressed_as_it_says_is_refused(case: tuple[str, str], body: bytes):
    async with served() as door:
        answer = await door.post(body, Content_Encoding=case[0])

        assert answer.status_code == 400
        assert status_of(answer).code == 3
        assert door.spans() == []


async def test_a_body_over_the_limit_is_refused():
    async with served(limits=SMALL) as door:
        answer = await door.post(bytes(10_001))

        assert answer.status_code == 413
        assert "larger than 10,000 bytes" in status_of(answer).message


async def test_a_body_at_the_limit_is_read():
    async with served(limits=SMALL) as door:
        assert (await door.post(bytes(10_000))).status_code == 400, "it is no message"


@pytest.mark.parametrize("kind", [PROTOBUF, JSON])
@pytest.mark.parametrize("encoding", COMPRESSIONS)
async def test_the_limit_counts_after_decompression(encoding: str, kind: str):
    async with served(limits=SMALL) as door:
        answer = await door.post(COMPRESSIONS[encoding](bytes(1_000_000)), kind, Content_Encoding=encoding)

        assert answer.status_code == 413


async def test_a_body_over_the_limit_without_a_length_is_refused():
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield bytes(1_000)

    async with served(limits=SMALL) as door:
        answer = await door.client.post("/v1/traces", content=pieces(), headers={"Content-Type": PROTOBUF})

        assert answer.status_code == 413


async def test_a_body_that_trickles_is_not_waited_for():
    async def trickle() -> AsyncIterator[bytes]:
        yield request_of()
        await asyncio.Event().wait()

    async with served(limits=IMPATIENT) as door:
        answer = await door.client.post("/v1/traces", content=trickle(), headers={"Content-Type": PROTOBUF})

        assert answer.status_code == 408
        assert door.spans() == []


async def test_bodies_that_are_too_much_together_are_to_be_sent_again():
    is_held, may_end = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield bytes(9_000)
        is_held.set()
        await may_end.wait()

    async with served(limits=Limits(body_bytes=10_000, held_bytes=10_000)) as door:
        headers = {"Content-Type": PROTOBUF}
        first = asyncio.create_task(door.client.post("/v1/traces", content=slow(), headers=headers))
        await is_held.wait()
        second = await door.post(bytes(5_000))
        may_end.set()
        await first

        assert (second.status_code, second.headers["retry-after"]) == (503, "2")
        assert status_of(second).code == 14
        assert door.intake.held.now_bytes == 0


async def test_nothing_is_held_when_all_is_answered():
    async with served(limits=SMALL) as door:
        bodies: list[Any] = [request_of(3), b"\xff", bytes(9_999), bytes(10_001)]
        for body in bodies:
            await door.post(body)

        assert door.intake.held.now_bytes == 0
