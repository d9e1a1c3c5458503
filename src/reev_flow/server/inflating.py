"""Compressed bodies, taken out piece by piece so that none grows past its limit."""

import zlib
from collections.abc import Iterator
from http import HTTPStatus
from typing import Protocol

from reev_flow.server.refusals import Refused, unreadable

PIECE_BYTES = 1024 * 1024
GZIP_OR_ZLIB, RAW_DEFLATE = 32 + zlib.MAX_WBITS, -zlib.MAX_WBITS
CUT_SHORT = "the compressed body breaks off; send it whole"


class Inflater(Protocol):
    """Makes of what was sent what was meant. Raises `Refused`."""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """What these bytes stand for, in pieces of bounded size."""

    def finish(self) -> None:
        """There is no more."""


def inflater_for(content_encoding: str) -> Inflater:
    encoding = content_encoding.strip().lower()
    if encoding in {"", "identity"}:
        return _Plain()
    if encoding in {"gzip", "x-gzip"}:
        return _Gzip()
    if encoding == "deflate":
        return _Deflate()
    raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the Content-Encoding is not known; send gzip, deflate or none")


class _Plain:
    def pieces(self, data: bytes) -> Iterator[bytes]:
        yield data

    def finish(self) -> None:
        pass


class _Gzip:
    """A gzip body may have several members, one behind the other."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(16 + zlib.MAX_WBITS)
        self._has_begun = False

    def pieces(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._member.eof:
                self._member = zlib.decompressobj(16 + zlib.MAX_WBITS)
            self._has_begun = True
            yield from _inflated(self._member, data)
            data = self._member.unused_data

    def finish(self) -> None:
        if self._has_begun and not self._member.eof:
            raise unreadable(CUT_SHORT)


class _Deflate:
    """By the standard with a zlib header; many send it without."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj()
        self._start = b""
        self._has_begun = False

    def pieces(self, data: bytes) -> Iterator[bytes]:
        if not self._has_begun:
            data = self._start + data
            self._start = data
            if len(data) < 2:
                return
            self._has_begun = True
            self._stream = zlib.decompressobj(zlib.MAX_WBITS if _has_zlib_header(data) else RAW_DEFLATE)
        is_over = self._stream.eof
        yield from _inflated(self._stream, data)
        if self._stream.unused_data or (is_over and data):
            raise unreadable("something follows the compressed body")

    def finish(self) -> None:
        if (self._has_begun or self._start) and not self._stream.eof:
            raise unreadable(CUT_SHORT)


def _has_zlib_header(data: bytes) -> bool:
    return data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0


def _inflated(stream: "zlib._Decompress", data: bytes) -> Iterator[bytes]:
    while data and not stream.eof:
        try:
            piece = stream.decompress(data, PIECE_BYTES)
        except zlib.error as error:
            raise unreadable("the body is not compressed the way its Content-Encoding says, or is damaged") from error
        if piece:
            yield piece
        data = stream.unconsumed_tail
