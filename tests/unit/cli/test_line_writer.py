"""Lines are written in order, and whoever does not read them holds up nobody."""

import os
from collections.abc import Iterator
from contextlib import closing

import pytest

from reev_flow.cli.line_writer import MOST_WAITING, LineWriter


class Pipe:
    """What is written into it, and what came out at the other end."""

    def __init__(self) -> None:
        reader, writer = os.pipe()
        self.reader = os.fdopen(reader, encoding="utf-8")
        self.out = os.fdopen(writer, "w", encoding="ascii")

    def close(self) -> None:
        for end in (self.reader, self.out):
            end.close()


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    with closing(Pipe()) as made:
        yield made


def test_lines_are_written_in_their_order(pipe):
    lines = LineWriter(pipe.out)
    for number in range(100):
        lines.write(str(number))
    lines.close()
    pipe.out.close()
    assert pipe.reader.read().split() == [str(number) for number in range(100)]
    assert lines.left_out == 0


def test_what_the_encoding_does_not_have_is_spelled_out(pipe):
    lines = LineWriter(pipe.out)
    lines.write("caf\u00e9")
    lines.close()
    assert pipe.reader.readline() == "caf\\xe9\n"


def test_where_nobody_reads_more_lines_than_may_wait_are_left_out_and_counted(pipe):
    lines = LineWriter(pipe.out)
    for _ in range(2 * MOST_WAITING):
        lines.write("x" * 100)
    assert lines.left_out > 0
    pipe.reader.close()
    lines.close()


def test_a_reader_that_went_away_is_nobodys_trouble(pipe):
    lines = LineWriter(pipe.out)
    pipe.reader.close()
    lines.write("anybody?")
    lines.close()
    assert lines.left_out == 0


def test_what_is_opened_after_the_stream_was_closed_gets_none_of_its_lines(pipe, tmp_path):
    lines = LineWriter(pipe.out)
    number = pipe.out.fileno()
    pipe.out.close()
    with (tmp_path / "another").open("w") as another:
        assert another.fileno() == number
        lines.write("for the pipe")
        lines.close()
    assert (tmp_path / "another").read_text() == ""
    assert pipe.reader.read() == "for the pipe\n"


def test_without_a_stream_lines_go_nowhere():
    lines = LineWriter(None)
    lines.write("anybody?")
    lines.close()
    assert lines.left_out == 0
