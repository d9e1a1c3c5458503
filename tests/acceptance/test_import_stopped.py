"""Files that are imported while they are written, and imports that are stopped."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from support.command import COMMAND, reev_flow
from support.otlp import line, request, span
from support.serving import eventually

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are sent differently there")


def spans(*numbers: int) -> bytes:
    return b"".join(line(request(span(name=f"n{number}", spanId=f"{number:016x}"))) for number in numbers)


class Importing(NamedTuple):
    process: subprocess.Popen[bytes]
    store: Path

    def names(self) -> set[str]:
        """Of the spans that are in the store."""
        shown = reev_flow("runs", "show", "0af7651916cd43dd8448eb211c80319c", "--store", self.store, "--json").out
        return {f"n{number}" for number in range(1, 10) if f'"n{number}"' in shown}

    def has(self, *numbers: int) -> None:
        """Waits until these are in the store, and no others."""
        wanted = {f"n{number}" for number in numbers}
        eventually(lambda: self.names() == wanted or None, self.names)

    def stop(self, number: int = signal.SIGINT) -> tuple[int, str, str]:
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out.decode(), err.decode()


@contextmanager
def importing(store: Path, *arguments: str | Path) -> Iterator[Importing]:
    command = [str(COMMAND), "import", *map(str, arguments), "--store", str(store)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            yield Importing(process, store)
        finally:
            process.kill()


def append(file: Path, data: bytes) -> None:
    with file.open("ab") as stream:
        stream.write(data)


def test_what_is_added_to_a_followed_file_is_imported_line_by_line(tmp_path: Path):
    file = tmp_path / "traces.jsonl"
    file.write_bytes(spans(1) + spans(2)[:50])
    with importing(tmp_path / "store", file, "--follow") as work:
        work.has(1)
        append(file, spans(2)[50:] + spans(3))
        work.has(1, 2, 3)
        code, out, err = work.stop()

    assert code == 130
    assert out.startswith("imported 3 spans of 1 run into ")
    assert err == "reev-flow: stopped before the end; importing again goes on from there, and adds nothing twice\n"


def test_a_followed_file_may_be_rotated(tmp_path: Path):
    file = tmp_path / "traces.jsonl"
    file.write_bytes(spans(1))
    with importing(tmp_path / "store", file, "--follow") as work:
        work.has(1)
        file.rename(tmp_path / "traces-2026-11-22.jsonl")
        append(tmp_path / "traces-2026-11-22.jsonl", spans(2))
        file.write_bytes(spans(3))
        work.has(1, 2, 3)


def test_a_followed_file_may_be_cut_and_written_again(tmp_path: Path):
    file = tmp_path / "traces.jsonl"
    file.write_bytes(spans(1, 2))
    with importing(tmp_path / "store", file, "--follow") as work:
        work.has(1, 2)
        file.write_bytes(spans(3))
        work.has(1, 2, 3)


def test_a_broken_line_of_a_followed_file_is_named(tmp_path: Path):
    file = tmp_path / "traces.jsonl"
    file.write_bytes(spans(1) + b"{oops}\n" + spans(2))
    with importing(tmp_path / "store", file, "--follow") as work:
        work.has(1, 2)
        code, _, err = work.stop(signal.SIGTERM)

    assert code == 143
    assert err.startswith(f"reev-flow: {file} line 2: is not JSON")


def test_a_file_that_is_not_there_yet_is_waited_for(tmp_path: Path):
    file = tmp_path / "traces.jsonl"
    with importing(tmp_path / "store", file, "--follow") as work:
        assert work.process.stderr is not None
        assert b"does not exist yet" in work.process.stderr.readline()
        file.write_bytes(spans(1))
        work.has(1)


def test_a_pipe_is_imported_as_it_comes_and_can_be_left(tmp_path: Path):
    with importing(tmp_path / "store", "-") as work:
        assert work.process.stdin is not None
        work.process.stdin.write(spans(1, 2))
        work.process.stdin.flush()
        work.has(1, 2)
        code, out, _ = work.stop()

    assert code == 130
    assert out.startswith("imported 2 spans of 1 run into ")
