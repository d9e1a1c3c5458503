from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from reev_flow.collect.byte_stream import ByteStream, read_raw_pieces
from reev_flow.collect.documents import follow_documents
from reev_flow.collect.files import follow_named_documents
from reev_flow.collect.following import FollowedFile, follow
from reev_flow.errors import InvalidFormat
from support.otlp import line, request, span


class Over(Exception):
    """Nothing more will happen to the file."""


def steps(*changes: Callable[[], object]) -> Callable[[float], None]:
    """What happens to the file each time somebody waits for it."""
    waiting = iter(changes)

    def wait(_: float) -> None:
        try:
            change = next(waiting)
        except StopIteration:
            raise Over from None
        change()

    return wait


def append(file: Path, data: bytes) -> None:
    with file.open("ab") as stream:
        stream.write(data)


def contents(files: Iterator[FollowedFile]) -> list[bytes]:
    """What is read of each file, until nothing more happens."""
    found: list[bytes] = []
    with suppress(Over):
        for file in files:
            found.append(b"")
            while data := file.read(1_000):
                found[-1] += data
    return found


def nothing() -> None:
    """Told when there is no file; not here."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "traces.jsonl"
    file.write_bytes(b"one\n")
    return file


def test_what_is_added_is_read(file: Path):
    wait = steps(lambda: append(file, b"two\n"), lambda: append(file, b"three\n"))

    assert contents(follow(str(file), wait, nothing)) == [b"one\ntwo\nthree\n"]


def test_a_file_in_its_place_is_read_from_its_beginning(file: Path):
    def rotate() -> None:
        file.rename(file.with_name("old.jsonl"))
        append(file.with_name("old.jsonl"), b"two\n")
        file.write_bytes(b"three\n")

    last = steps(rotate, lambda: append(file.with_name("old.jsonl"), b"late\n"), nothing)

    assert contents(follow(str(file), last, nothing)) == [b"one\ntwo\nlate\n", b"three\n"]


def test_a_file_that_is_gone_for_a_moment_is_waited_for(file: Path):
    wait = steps(
        lambda: file.rename(file.with_name("old.jsonl")), nothing, lambda: file.write_bytes(b"two\n"), nothing, nothing
    )

    assert contents(follow(str(file), wait, nothing)) == [b"one\n", b"two\n"]


def test_a_file_that_was_cut_is_read_again(file: Path):
    assert contents(follow(str(file), steps(lambda: file.write_bytes(b"2\n")), nothing)) == [b"one\n", b"2\n"]


def test_a_file_that_was_written_again_is_read_again_though_it_is_longer(file: Path):
    wait = steps(lambda: file.write_bytes(b"another one\n"))

    assert contents(follow(str(file), wait, nothing)) == [b"one\n", b"another one\n"]


def test_a_file_that_is_not_there_is_told_once_and_waited_for(tmp_path: Path):
    file = tmp_path / "traces.jsonl"
    told: list[int] = []
    wait = steps(nothing, nothing, lambda: file.write_bytes(b"one\n"))

    assert contents(follow(str(file), wait, lambda: told.append(1))) == [b"one\n"]
    assert told == [1]


def followed(path: Path, wait: Callable[[float], None]) -> tuple[list[str], list[str]]:
    """The names of the spans, and what was told."""
    problems: list[InvalidFormat] = []
    files = follow(str(path), wait, nothing)
    found: list[str] = []
    with suppress(Over):
        for _, document in follow_named_documents(
            str(path), on_problem=problems.append, files=files, through=lambda _, stream, __: stream
        ):
            found += [span.name for span in document]
    return found, [f"{problem.line}: {problem.details}" for problem in problems]


def test_a_line_is_read_when_it_is_whole(file: Path):
    whole = line(request(span(name="whole")))
    file.write_bytes(whole[:20])

    assert followed(file, steps(lambda: append(file, whole[20:]))) == (["whole"], [])


def test_a_line_that_was_torn_by_rotation_is_told_and_does_not_touch_the_next_file(file: Path):
    whole = line(request(span(name="whole")))
    file.write_bytes(whole + whole[:20])

    def rotate() -> None:
        file.rename(file.with_name("old.jsonl"))
        file.write_bytes(whole)

    assert followed(file, steps(rotate, nothing)) == (["whole", "whole"], ["2: breaks off in the middle of a value"])


def test_packed_files_cannot_be_followed():
    told: list[str] = []
    stream = ByteStream(iter([b"\x1f\x8b\x08"]))

    assert list(follow_documents(stream, lambda details, _, *, line=None: told.append(details))) == []
    assert told == ["is packed"]


def test_messages_with_their_length_before_them_can_be_followed(file: Path):
    message = line(request(span(name="json")))
    file.write_bytes(len(message).to_bytes(4, "big")[:2])

    assert followed(file, steps(lambda: append(file, len(message).to_bytes(4, "big")[2:] + message))) == (["json"], [])


def test_a_path_that_may_not_be_read_is_told(tmp_path: Path):
    problems: list[InvalidFormat] = []
    files = follow(str(tmp_path), steps(), nothing)

    assert (
        list(follow_named_documents(str(tmp_path), on_problem=problems.append, files=files, through=lambda _, s, __: s))
        == []
    )
    assert len(problems) == 1


def test_pieces_come_as_they_are(file: Path):
    with file.open("rb") as stream:
        assert list(read_raw_pieces(stream)) == [b"one\n"]
