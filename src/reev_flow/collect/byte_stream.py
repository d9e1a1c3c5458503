"""The bytes of one input, piece by piece, inflated when they are gzip or deflate."""

import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import NamedTuple, Protocol

from reev_flow.errors import InvalidFormat

PIECE = 1 << 18
GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
ZLIB_MAGICS = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")  # what HTTP calls deflate
EITHER_WINDOW = 47  # zlib's way to say: a header of gzip or its own, a window of any size
BLANKS = b" \t\r\n"


class Readable(Protocol):
    def read(self, size: int, /) -> bytes:
        """Some bytes, at most that many; none at the end."""


class Line(NamedTuple):
    """One line without its end. `content` is None when the line is longer than allowed, `is_torn` when reading failed inside it."""

    number: int
    content: bytes | None
    is_torn: bool = False


class ByteStream:
    """Pieces that can be looked at before they are taken.

    It ends where its pieces end or where reading them fails; `failure` then says why. What was read before is delivered first.
    """

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._ahead = b""
        self.failure: InvalidFormat | None = None

    def __iter__(self) -> Iterator[bytes]:
        while piece := self._next():
            yield piece

    def peek(self, size: int, is_enough: Callable[[bytes], object] = lambda _: False) -> bytes:
        """The next bytes; fewer at the end, or where those there are, are enough."""
        ahead = self._next()
        while len(ahead) < size and not is_enough(ahead) and (piece := self._next()):
            ahead += piece
        self._ahead = ahead
        return ahead[:size]

    def take(self, limit: int) -> bytes:
        """Everything up to `limit` bytes; what lies beyond stays."""
        pieces: list[bytes] = []
        missing = limit
        while missing > 0 and (piece := self._next()):
            pieces.append(piece[:missing])
            self._ahead = piece[missing:]
            missing -= len(pieces[-1])
        return b"".join(pieces)

    def take_line(self, limit: int) -> bytes | None:
        """One line without its end; None when it is longer than `limit`: then it is passed over without being held."""
        held: list[bytes] = []
        size = 0
        while piece := self._next():
            line, end, self._ahead = piece.partition(b"\n")
            size += len(line)
            held = [*held, line] if size <= limit else []
            if end:
                break
        return b"".join(held) if size <= limit else None

    def skip_blanks(self) -> int:
        """How many lines ended among the blanks that were skipped."""
        lines = 0
        while piece := self._next():
            self._ahead = piece.lstrip(BLANKS)
            lines += piece.count(b"\n", 0, len(piece) - len(self._ahead))
            if self._ahead:
                break
        return lines

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


def split_lines(stream: ByteStream, *, first_number: int, limit: int) -> Iterator[Line]:
    """Every line, also a last one without an end. What is longer than `limit` is passed over without being held."""
    number = first_number
    held: list[bytes] = []
    size = 0
    for piece in stream:
        *endings, rest = piece.split(b"\n")
        for ending in endings:
            yield Line(number, b"".join((*held, ending)) if size + len(ending) <= limit else None)
            number, held, size = number + 1, [], 0
        size += len(rest)
        if size <= limit:
            held.append(rest)
        else:
            held.clear()
    if size:
        yield Line(number, b"".join(held) if size <= limit else None, is_torn=stream.failure is not None)


def read_pieces(stream: Readable) -> Iterator[bytes]:
    """What a stream holds, inflated when it begins as gzip or deflate does. Raises `InvalidFormat` where it cannot go on."""
    pieces = read_raw_pieces(stream)
    first = next(pieces, b"")
    while 0 < len(first) < len(GZIP_MAGIC) and (more := next(pieces, b"")):
        first += more
    whole = chain((first,), pieces)
    yield from _inflate(whole) if first.startswith((GZIP_MAGIC, *ZLIB_MAGICS)) else whole


def read_raw_pieces(stream: Readable) -> Iterator[bytes]:
    """What a stream holds, as it is. Raises `InvalidFormat` where it cannot go on."""
    while piece := _read(stream):
        yield piece


def _read(stream: Readable) -> bytes:
    try:
        return stream.read(PIECE)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InvalidFormat(
            f"cannot be read further ({error.strerror or error})", advice="check the disk or pipe"
        ) from error


def _inflate(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The contents of all gzip members. Zeros between and behind members are padding."""
    inflater = zlib.decompressobj(EITHER_WINDOW)
    has_begun = False
    for piece in pieces:
        waiting = piece if has_begun else piece.lstrip(b"\0")
        while waiting:
            has_begun = True
            yield _inflated(inflater, waiting)
            waiting = inflater.unconsumed_tail
            if inflater.eof:
                waiting = inflater.unused_data.lstrip(b"\0")
                inflater, has_begun = zlib.decompressobj(EITHER_WINDOW), False
    if has_begun:
        raise InvalidFormat(
            "the gzip data breaks off", advice="copy or record the file again; whole lines before it are kept"
        )


def _inflated(inflater: "zlib._Decompress", data: bytes) -> bytes:
    try:
        return inflater.decompress(data, PIECE)
    except zlib.error as error:
        raise InvalidFormat(
            f"the gzip data is damaged ({error})",
            advice="copy or record the file again; whole lines before it are kept",
        ) from error
