import io
from pathlib import Path

import pytest

from reev_flow.collect.files import read_spans
from reev_flow.errors import InvalidFormat
from reev_flow.trace.span import Operation
from support.otlp import line, request, span
from support.reading import read_bytes, read_paths


def test_good_files_are_read_beside_bad_ones(tmp_path: Path):
    (tmp_path / "a.json").write_bytes(b"")
    (tmp_path / "b.json").write_bytes(line(request(span(name="good"))))
    (tmp_path / "c.json").write_bytes(b"not json")

    read = read_paths(tmp_path, tmp_path / "d.json")

    assert read.names == ["good"]
    assert [str(problem) for problem in read.problems] == [
        f"{tmp_path / 'a.json'}: is empty; write the trace first, or name another file",
        f"{tmp_path / 'c.json'} line 1: is not JSON; export the trace again, as OTLP JSON or protobuf",
        f"{tmp_path / 'd.json'}: does not exist; check the path",
    ]


def test_spans_come_with_their_meaning():
    read = read_bytes(line(request(span(attributes={"openinference.span.kind": "LLM"}))))

    assert read.spans[0].operation is Operation.LLM


def test_a_flood_of_problems_is_counted():
    read = read_bytes(line(request(span())) + b"{oops}\n" * 500)

    assert len(read.spans) == 1
    assert len(read.problems) == 21
    assert (
        str(read.problems[-1]) == "standard input: has 480 more problems like these; mend the first ones and try again"
    )


def test_a_file_without_spans_is_told():
    assert read_bytes(line({"resourceSpans": []})).told == ["holds no spans"]


def test_spans_come_before_the_rest_of_the_input_is_read():
    class Endless(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return line(request(span()))

    spans = read_spans(["-"], on_problem=print, stdin=Endless())

    assert next(iter(spans)).name == "work"


@pytest.mark.parametrize("error", [BrokenPipeError, KeyboardInterrupt])
def test_what_a_listener_raises_is_not_held_up(error: type[BaseException]):
    def hang_up(_: InvalidFormat) -> None:
        raise error

    with pytest.raises(error):
        list(read_spans(["-"], on_problem=hang_up, stdin=io.BytesIO(b"")))
