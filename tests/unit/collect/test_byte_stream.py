import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.collect.byte_stream import ByteStream, Line, read_pieces, split_lines
from reev_flow.errors import InvalidFormat

pieces = st.lists(st.binary(max_size=6).map(lambda part: part.replace(b"x", b"\n")), max_size=8)


class Trickle(io.BytesIO):
    """Gives a byte at a time, as a slow pipe may."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(1)


class Broken(io.BytesIO):
    """Gives what it has, then fails."""

    def __init__(self, data: bytes, error: BaseException) -> None:
        super().__init__(data)
        self.error = error

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        if not data:
            raise self.error
        return data


def inflated(data: bytes):
    stream = ByteStream(read_pieces(io.BytesIO(data)))
    return b"".join(stream), stream.failure


def lines_of(pieces: list[bytes], limit: int = 1_000) -> list[Line]:
    return list(split_lines(ByteStream(pieces), first_number=1, limit=limit))


@given(pieces)
def test_lines_do_not_depend_on_how_bytes_arrive(parts: list[bytes]):
    whole = b"".join(parts)

    lines = whole.split(b"\n")
    expected = lines if lines[-1] else lines[:-1]
    assert [line.content for line in lines_of(parts)] == expected


@given(pieces, st.integers(0, 20), st.integers(0, 20))
def test_looking_ahead_loses_nothing(parts: list[bytes], look: int, size: int):
    stream = ByteStream(parts)
    whole = b"".join(parts)

    assert stream.peek(look) == whole[:look]
    assert stream.take(size) == whole[:size]
    assert b"".join(stream) == whole[size:]


@given(pieces)
def test_taking_a_line_leaves_the_rest(parts: list[bytes]):
    stream = ByteStream(parts)
    line, _, rest = b"".join(parts).partition(b"\n")

    assert stream.take_line(1_000) == line
    assert b"".join(stream) == rest


def test_blanks_are_skipped_and_their_lines_counted():
    stream = ByteStream([b" \n", b"\t\r\n  ", b"{}\n"])

    assert stream.skip_blanks() == 2
    assert b"".join(stream) == b"{}\n"


def test_a_line_beyond_the_limit_is_passed_over():
    assert [line.content for line in lines_of([b"ab\nabc", b"def\ngh\nabcdef"], limit=4)] == [b"ab", None, b"gh", None]


def test_a_first_line_beyond_the_limit_is_passed_over():
    stream = ByteStream([b"abc", b"def\ngh"])

    assert stream.take_line(4) is None
    assert b"".join(stream) == b"gh"


def test_gzip_is_inflated_and_plain_bytes_are_not():
    assert inflated(gzip.compress(b"spans", mtime=0)) == (b"spans", None)
    assert inflated(b"spans") == (b"spans", None)
    assert inflated(b"") == (b"", None)


def test_gzip_of_several_members_with_padding_is_inflated():
    data = gzip.compress(b"one ", mtime=0) + b"\0" * 9 + gzip.compress(b"two") + b"\0" * 300_000

    assert inflated(data) == (b"one two", None)


def test_gzip_that_arrives_byte_by_byte_is_inflated():
    stream = ByteStream(read_pieces(Trickle(gzip.compress(b"slow", mtime=0))))

    assert b"".join(stream) == b"slow"


def test_much_that_was_packed_small_comes_in_small_pieces():
    packed = gzip.compress(b"0" * 30_000_000, mtime=0)

    assert max(len(piece) for piece in read_pieces(io.BytesIO(packed))) <= 1 << 18


def test_gzip_that_breaks_off_gives_what_came_before():
    data, failure = inflated(gzip.compress(bytes(range(256)) * 50)[:-20])

    assert data.startswith(bytes(range(256)))
    assert "breaks off" in str(failure)


def test_damaged_gzip_is_told():
    packed = bytearray(gzip.compress(b"spans and spans and spans", mtime=0))
    packed[-6] ^= 0xFF

    assert "damaged" in str(inflated(bytes(packed))[1])


def test_a_line_that_was_torn_is_marked():
    torn = gzip.compress(b"whole\n" + bytes(range(100, 200)) * 30)[:-30]

    *_, last = split_lines(ByteStream(read_pieces(io.BytesIO(torn))), first_number=1, limit=10_000)

    assert last.is_torn


def test_a_disk_that_fails_is_a_failure_after_what_was_read():
    stream = ByteStream(read_pieces(Broken(b"read", OSError(5, "Input/output error"))))

    assert b"".join(stream) == b"read"
    assert isinstance(stream.failure, InvalidFormat)
    assert "Input/output error" in str(stream.failure)


@pytest.mark.parametrize("error", [BrokenPipeError(), KeyboardInterrupt()])
def test_what_ends_the_program_is_not_held_up(error: BaseException):
    with pytest.raises(type(error)):
        list(ByteStream(read_pieces(Broken(b"", error))))
