import io
import os
import sys
from pathlib import Path
from typing import BinaryIO, NoReturn

import pytest

from reev_flow.collect.inputs import cannot_open, open_inputs
from reev_flow.errors import InvalidFormat


def opened(*paths: str | Path, stdin: BinaryIO | None = None) -> tuple[list[tuple[str, bytes]], list[str]]:
    problems: list[InvalidFormat] = []
    inputs = [
        (source.name, source.stream.read())
        for source in open_inputs([str(path) for path in paths], problems.append, stdin)
    ]
    return inputs, [str(problem) for problem in problems]


@pytest.fixture
def folder(tmp_path: Path):
    for name in (
        "b.json",
        "a.jsonl.gz",
        "sub/c.PB",
        "README.md",
        ".hidden.json",
        ".git/d.json",
        "sub/e.txt",
        "z/f.ndjson",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(name.encode())
    return tmp_path


def test_a_folder_stands_for_its_trace_files_by_name(folder: Path):
    inputs, problems = opened(folder)

    assert [content for _, content in inputs] == [b"a.jsonl.gz", b"b.json", b"sub/c.PB", b"z/f.ndjson"]
    assert problems == []


def test_a_file_is_itself_whatever_its_name(folder: Path):
    assert opened(folder / "README.md")[0] == [(str(folder / "README.md"), b"README.md")]


def test_a_hidden_file_can_be_named(folder: Path):
    assert opened(folder / ".hidden.json")[0] == [(str(folder / ".hidden.json"), b".hidden.json")]


def test_a_folder_without_trace_files_is_told(tmp_path: Path):
    (tmp_path / "notes.md").write_text("hello")

    inputs, problems = opened(tmp_path)

    assert inputs == []
    assert len(problems) == 1
    assert problems[0].startswith(f"{tmp_path}: is a folder without trace files; it should hold *.json, *.jsonl, ")


def test_what_does_not_exist_is_told_and_the_rest_is_opened(folder: Path):
    inputs, problems = opened(folder / "gone.json", folder / "b.json", "")

    assert [content for _, content in inputs] == [b"b.json"]
    assert problems == [f"{folder / 'gone.json'}: does not exist; check the path", "does not exist; check the path"]


def test_what_may_not_be_read_is_told():
    problem = cannot_open("secret.json", PermissionError(13, "Permission denied"))

    assert str(problem) == "secret.json: may not be read; ask its owner for read permission, or name another file"
    assert isinstance(problem.__cause__, PermissionError)


def test_other_reasons_are_told_in_the_words_of_the_system():
    assert "embedded null byte" in str(opened("a\0b")[1])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows needs rights to make links")
def test_a_link_that_leads_nowhere_is_not_a_trace_file(tmp_path: Path):
    (tmp_path / "loop.json").symlink_to(tmp_path / "loop.json")

    assert "is a folder without trace files" in opened(tmp_path)[1][0]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes any bytes as a name")
def test_a_name_that_is_no_text_can_be_told(tmp_path: Path):
    path = os.fsdecode(bytes(tmp_path) + b"/\xff.json")

    _, [problem] = opened(path)

    assert "\\udcff.json" in problem
    assert problem.encode()


def test_a_folder_that_cannot_be_listed_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(path: Path) -> NoReturn:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", refuse)

    assert "may not be read" in opened(folder)[1][0]


def test_a_dash_is_standard_input_and_stays_open():
    pipe = io.BytesIO(b"piped")

    assert opened("-", stdin=pipe)[0] == [("standard input", b"piped")]
    assert not pipe.closed


def test_without_another_stream_a_dash_is_the_one_of_the_process(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"piped")))

    assert opened("-")[0] == [("standard input", b"piped")]


def test_a_closed_standard_input_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdin", None)

    assert opened("-")[1] == ["standard input: is closed; pipe a trace into the command, or name a file"]


def test_a_file_is_closed_when_the_next_is_asked_for(folder: Path):
    inputs = open_inputs([str(folder)], print, None)
    first = next(inputs)
    next(inputs)

    assert first.stream.closed
    assert len(list(inputs)) == 2
