import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.collect import documents
from support.otlp import line, request, span
from support.reading import read_bytes

ONE = request(span(name="one"))
TWO = request(span(name="two"))


def test_a_document_over_many_lines_is_read():
    assert read_bytes(json.dumps(ONE, indent=2).encode()).names == ["one"]


def test_a_document_on_one_line_without_an_end_is_read():
    assert read_bytes(line(ONE).strip()).names == ["one"]


def test_json_lines_are_read_with_blank_lines_and_carriage_returns_between_them():
    assert read_bytes(b"\n" + line(ONE).strip() + b"\r\n\r\n  \n" + line(TWO)).names == ["one", "two"]


def test_an_array_of_requests_over_many_lines_is_read():
    assert read_bytes(json.dumps([ONE, TWO], indent=1).encode()).names == ["one", "two"]


def test_an_array_with_a_request_a_line_is_read():
    data = b"[\n" + line(ONE).strip() + b",\n" + line(TWO) + b"]\n"

    assert read_bytes(data).names == ["one", "two"]


def test_documents_over_many_lines_one_below_another_are_read():
    data = json.dumps(ONE, indent=4) + "\n" + json.dumps(TWO, indent=4) + "\r\n\r\n" + json.dumps(ONE, indent=4)

    assert read_bytes(data.encode()).names == ["one", "two", "one"]


def test_a_broken_one_of_them_is_told_with_its_line_and_the_others_are_kept():
    whole = json.dumps(ONE, indent=4)
    broken = whole.replace('"spans": [', '"spans" [')

    read = read_bytes(f"{whole}\n{broken}\n{whole}\n".encode())

    mistaken = (
        len(whole.splitlines()) + 1 + next(n for n, told in enumerate(broken.splitlines()) if '"spans" [' in told)
    )
    assert read.names == ["one", "one"]
    assert [problem.line for problem in read.problems] == [mistaken]


def test_a_byte_order_mark_is_passed_over():
    assert read_bytes(b"\xef\xbb\xbf" + line(ONE)).names == ["one"]


def test_a_sequence_of_texts_is_read():
    assert read_bytes(b"\x1e" + line(ONE) + b"\x1e" + line(TWO)).names == ["one", "two"]


def test_gzip_of_every_form_is_read():
    for data in (line(ONE) + line(TWO), json.dumps([ONE, TWO], indent=1).encode()):
        assert read_bytes(gzip.compress(data, mtime=0)).names == ["one", "two"]


def test_a_torn_last_line_is_told_and_the_lines_before_it_are_kept():
    read = read_bytes(line(ONE) + line(TWO) + line(ONE)[:-40])

    assert read.names == ["one", "two"]
    assert read.told == ["3: breaks off in the middle of a value"]


def test_a_broken_line_is_told_and_the_lines_around_it_are_kept():
    read = read_bytes(line(ONE) + b'{"a": oops, "b": "long enough to see that this is not the end"}\n' + line(TWO))

    assert read.names == ["one", "two"]
    assert read.told == ["2: is not JSON (invalid character, column 7)"]


@pytest.mark.parametrize("broken", [b'{"resourceSpans": [{"scopeSp\n', b"{oops}\n", b"{\n"])
def test_a_broken_first_line_does_not_hide_the_others(broken: bytes):
    read = read_bytes(b"\n" + broken + line(ONE) + line(TWO))

    assert read.names == ["one", "two"]
    assert [problem.line for problem in read.problems] == [2]


def test_a_document_over_many_lines_that_breaks_off_is_told_once():
    whole = json.dumps(request(span(), span()), indent=1)

    read = read_bytes(whole[: len(whole) // 2].encode())

    assert read.spans == []
    assert [problem.details for problem in read.problems] == ["breaks off in the middle of a value"]


def test_a_mistake_in_a_document_is_told_with_its_line():
    text = json.dumps(ONE, indent=1).replace('"spans": [', '"spans" [')

    read = read_bytes(b"\n\n" + text.encode())

    mistaken = 3 + next(number for number, told in enumerate(text.splitlines()) if '"spans" [' in told)
    assert [problem.line for problem in read.problems] == [mistaken]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "is empty"),
        (b" \n\n ", "is empty"),
        (b"hello\nworld\n", "1: is not JSON"),
        (b"%PDF-1.7\n\x00\x01", "is binary, but neither gzip nor OTLP protobuf"),
        (bytes(range(1, 200)), "is binary, but neither gzip nor OTLP protobuf"),
        (b"\n\x03\x01\x02\x03", "is not an OTLP protobuf message, or breaks off"),
        ('{"resourceSpans": []}'.encode("utf-16"), "is UTF-16 text"),
        (b'{"resourceSpans": []}', "holds no spans"),
        (b"7\n", "1: is not JSON"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (gzip.compress(b"\x89PNG\r\n\x1a\n", mtime=0), "is binary, but neither gzip nor OTLP protobuf"),
        (b"[" * 100_000, "1: is nested too deeply"),
        (b"\x1f", "is binary, but neither gzip nor OTLP protobuf"),
    ],
)
def test_what_is_no_trace_is_told_in_one_problem(data: bytes, told: str):
    read = read_bytes(data)

    assert read.spans == []
    assert read.told == [told]


@pytest.mark.parametrize("place", ['"junk": DEEP', '"attributes": DEEP', '"name": DEEP', '"status": DEEP'])
def test_nesting_near_what_the_stack_bears_is_survived(place: str):
    for depth in range(900, 1_000, 3):
        fields = place.replace("DEEP", "[" * depth + "]" * depth)
        spans = f'{{"traceId": "ab", "spanId": "cd", "startTimeUnixNano": 1, "endTimeUnixNano": 2, {fields}}}'
        read = read_bytes(
            f'{{"resourceSpans": [{{"resource": {{}}, "scopeSpans": [{{"spans": [{spans}]}}]}}]}}'.encode()
        )
        assert read.spans or read.problems


def test_gzip_that_breaks_off_keeps_its_whole_lines():
    lines = b"".join(line(request(span(name=f"n{n}", attributes={"noise": f"{n * 7919:x}"}))) for n in range(300))
    packed = gzip.compress(lines, mtime=0)

    read = read_bytes(packed[: len(packed) // 2])

    assert len(read.spans) > 50
    assert read.told == ["the gzip data breaks off"]


def test_gzip_that_lost_only_its_trailer_keeps_everything():
    read = read_bytes(gzip.compress(line(ONE).strip())[:-4])

    assert read.names == ["one"]
    assert read.told == ["the gzip data breaks off"]


def test_protobuf_in_gzip_that_breaks_off_is_told_once():
    read = read_bytes(gzip.compress(b"\n\x90\x03" + bytes(range(200)) * 2)[:-30])

    assert read.told == ["the gzip data breaks off"]


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reading(data: bytes):
    read = read_bytes(data)

    assert read.spans or read.problems


@given(st.integers(0, 4_000))
def test_a_file_cut_anywhere_gives_its_whole_lines(length: int):
    data = line(ONE) + line(TWO) + line(ONE)

    read = read_bytes(data[:length])

    whole = data[:length].count(b"\n")
    assert len(read.spans) in (whole, whole + 1)


class TestSmallLimits:
    """With a limit that a test can exceed."""

    @pytest.fixture(autouse=True)
    def small_limit(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(documents, "MOST_BYTES", 2_000)

    def test_a_line_beyond_the_limit_is_told_and_passed_over(self):
        large = line(request(span(attributes={"text": "x" * 3_000})))

        for data, number in ((large + line(ONE), 1), (line(ONE) + large + line(ONE), 2)):
            read = read_bytes(gzip.compress(data, mtime=0))
            assert set(read.names) == {"one"}
            assert read.told == [f"{number}: is larger than 256 MiB"]

    def test_a_document_beyond_the_limit_is_told(self):
        read = read_bytes(json.dumps(request(*[span()] * 20), indent=1).encode())

        assert read.told == ["1: is larger than 256 MiB as one document"]

    def test_protobuf_beyond_the_limit_is_told(self):
        assert read_bytes(b"\n\xb8\x17" + b"\x01" * 3_000).told == ["is larger than 256 MiB"]

    def test_json_lines_may_be_longer_together(self):
        assert len(read_bytes(line(ONE) * 50).spans) == 50

    def test_json_lines_with_a_broken_first_line_may_be_longer_together(self):
        assert len(read_bytes(b"{oops}\n" + line(ONE) * 50).spans) == 50
