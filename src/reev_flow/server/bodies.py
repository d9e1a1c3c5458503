"""Reading the body of a request: bounded in size after decompression, in time, and together with all others."""

import asyncio

from starlette.requests import Request

from reev_flow.server.held import Hold
from reev_flow.server.inflating import inflater_for
from reev_flow.server.limits import Limits
from reev_flow.server.refusals import too_large, too_slow, unreadable


async def read_body(request: Request, limits: Limits, hold: Hold) -> bytes:
    """All of it, decompressed. Raises `Refused`."""
    inflater = inflater_for(request.headers.get("content-encoding", ""))
    if _declared_bytes(request) > limits.body_bytes:
        raise too_large(limits.body_bytes)
    body = bytearray()
    sender = _Sender(request, limits)
    while (chunk := await sender.chunk()) is not None:
        for number, piece in enumerate(inflater.pieces(chunk)):
            if number:
                await asyncio.sleep(0)  # a small body may inflate for long: let others have their turn
            if len(body) + len(piece) > limits.body_bytes:
                raise too_large(limits.body_bytes)
            hold.add(len(piece))
            body += piece
    inflater.finish()
    return bytes(body)


def _declared_bytes(request: Request) -> int:
    declared = request.headers.get("content-length", "")
    return int(declared) if declared.isdecimal() else 0


class _Sender:
    """Whoever sends a body. One that trickles is not waited for."""

    def __init__(self, request: Request, limits: Limits) -> None:
        self._request = request
        self._bytes_per_second = limits.bytes_per_second
        self._deadline = asyncio.get_running_loop().time() + limits.patience_seconds
        self._has_more = True

    async def chunk(self) -> bytes | None:
        """What came next; None when that was all. Raises `Refused`."""
        if not self._has_more:
            return None
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._request.receive()
        except TimeoutError:
            raise too_slow() from None
        if message["type"] == "http.disconnect":
            raise unreadable("the body breaks off")  # nobody reads this
        body: bytes = message.get("body", b"")
        self._deadline += len(body) / self._bytes_per_second
        self._has_more = message.get("more_body", False)
        return body
