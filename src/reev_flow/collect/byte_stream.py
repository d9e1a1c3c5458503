"""The bytes of one input, piece by piece, inflated when they are gzip."""

import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO, NamedTuple

from reev_flow.errors import InvalidFormat

PIECE = 1 << 18
GZIP_MAGIC = b"\x1f\x8b"
GZIP_WINDOW = 31  # zlib's way to say: a gzip header, a window of any size
BLANKS = b" \t\r\n"


class Line(NamedTuple):
    """One line without its end. `content` is None when the line is longer than allowed, `is_torn` when the input broke off inside it."""

    number: int
    content: bytes | None
    is_torn: bool = False


class ByteStream:
    """Pieces that can be looked at before they are taken.

    When reading fails, everything read before comes first; then `failure` is set, and iterating ends by raising it.
    """

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._ahead = b""
        self.failure: InvalidFormat | None = None

    def __iter__(self) -> Iterator[bytes]:
        while piece := self._next():
            yield piece
        if self.failure is not None:
            raise self.failure

    def peek(self, size: int) -> bytes:
        """The next bytes; fewer only at the end."""
        if len(self._ahead) < size:
            self._ahead = self.take(size)
        return self._ahead[:size]

    def peek_line(self, limit: int) -> bytes:
        """The rest of the current line, cut when it is longer than `limit`."""
        pieces = [self._next()]
        size = len(pieces[0])
        while b"\n" not in pieces[-1] and size <= limit and (piece := self._next()):
            pieces.append(piece)
            size += len(piece)
        self._ahead = b"".join(pieces)
        end = self._ahead.find(b"\n")
        return self._ahead[: limit if end < 0 else min(end, limit)]

    def skip_blanks(self) -> int:
        """How many lines ended among the blanks skipped."""
        lines = 0
        while piece := self._next():
            self._ahead = piece.lstrip(BLANKS)
            lines += piece.count(b"\n", 0, len(piece) - len(self._ahead))
            if self._ahead:
                break
        return lines

    def take(self, limit: int) -> bytes:
        """Everything up to `limit` bytes; what lies beyond stays."""
        pieces: list[bytes] = []
        missing = limit
        while missing and (piece := self._next()):
            pieces.append(piece[:missing])
            self._ahead = piece[missing:]
            missing -= len(pieces[-1])
        return b"".join(pieces)

    def put_back(self, taken: bytes) -> None:
        self._ahead = taken + self._ahead

    def _next(self) -> bytes:
        """Empty at the end."""
        piece, self._ahead = self._ahead, b""
        while not piece and self.failure is None:
            try:
                piece = next(self._pieces)
            except StopIteration:
                break
            except InvalidFormat as failure:
                self.failure = failure
        return piece


def read_pieces(stream: BinaryIO) -> Iterator[bytes]:
    """What a stream holds, inflated when it begins as gzip does."""
    pieces = _raw_pieces(stream)
    first = next(pieces, b"")
    while 0 < len(first) < len(GZIP_MAGIC) and (more := next(pieces, b"")):
        first += more
    pieces = chain((first,), pieces)
    return _inflate(pieces) if first.startswith(GZIP_MAGIC) else pieces


def split_lines(stream: ByteStream, *, first_number: int, limit: int) -> Iterator[Line]:
    """Every line, also a last one without an end. Lines longer than `limit` are passed over without being held."""
    number = first_number
    pieces: list[bytes] = []
    size = 0
    try:
        for piece in stream:
            *ended, rest = piece.split(b"\n")
            for part in ended:
                whole = size + len(part) <= limit
                yield Line(number, b"".join((*pieces, part)) if whole else None)
                number, pieces, size = number + 1, [], 0
            size += len(rest)
            pieces = [*pieces, rest] if size <= limit else []
    except InvalidFormat:
        if size:
            yield Line(number, b"".join(pieces) if size <= limit else None, is_torn=True)
        raise
    if size:
        yield Line(number, b"".join(pieces) if size <= limit else None)


def _raw_pieces(stream: BinaryIO) -> Iterator[bytes]:
    while piece := _read(stream):
        yield piece


def _read(stream: BinaryIO) -> bytes:
    try:
        return stream.read(PIECE)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InvalidFormat(f"cannot be read further ({error.strerror or error})", advice="check the disk or pipe") from error


def _inflate(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The contents of all gzip members. Zeros behind the last member are padding."""
    inflater = zlib.decompressobj(GZIP_WINDOW)
    has_begun = False
    for piece in pieces:
        waiting = piece
        while waiting:
            if inflater.eof:
                inflater, has_begun = zlib.decompressobj(GZIP_WINDOW), False
            if not has_begun:
                waiting = waiting.lstrip(b"\0")
            has_begun = has_begun or bool(waiting)
            yield _inflated(inflater, waiting)
            waiting = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
    if has_begun and not inflater.eof:
        raise InvalidFormat("the gzip data breaks off", advice="copy or record the file again; what came before is kept")


def _inflated(inflater: "zlib._Decompress", data: bytes) -> bytes:
    try:
        return inflater.decompress(data, PIECE)
    except zlib.error as error:
        raise InvalidFormat(
            f"the gzip data is damaged ({error})", advice="copy or record the file again; what came before is kept"
        ) from error
