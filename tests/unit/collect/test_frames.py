import pytest

from reev_flow.collect import documents
from reev_flow.collect.otlp_chunks import chunks_of_spans
from reev_flow.trace.span import Span
from support.otlp import SPAN_ID, TRACE_ID, line, request, span
from support.reading import read_bytes

ONE = chunks_of_spans([Span(trace_id=TRACE_ID, span_id=SPAN_ID, name="one", start_ns=1, end_ns=2)])[0].data


def framed(*messages: bytes) -> bytes:
    """As the Collector's file exporter writes them."""
    return b"".join(len(message).to_bytes(4, "big") + message for message in messages)


def test_messages_with_their_length_before_them_are_read():
    assert read_bytes(framed(ONE, ONE)).names == ["one", "one"]


def test_json_may_have_its_length_before_it():
    assert read_bytes(framed(line(request(span(name="json"))))).names == ["json"]


def test_a_message_that_breaks_off_is_told_and_those_before_it_are_kept():
    for cut in (3, 10):
        read = read_bytes(framed(ONE, ONE)[: len(ONE) + 4 + cut])
        assert read.names == ["one"]
        assert read.told == ["message 2 breaks off"]


def test_a_broken_message_is_told_and_those_around_it_are_kept():
    read = read_bytes(framed(ONE, b"\x0a\x7f\x01", ONE))

    assert read.names == ["one", "one"]
    assert read.told == ["message 2 is not an OTLP protobuf message, or breaks off"]


def test_broken_json_is_told_by_its_message():
    [told] = read_bytes(framed(ONE, b"{oops}")).told

    assert told.startswith("message 2 is not JSON (")


def test_packed_messages_are_refused():
    assert read_bytes(framed(b"\x28\xb5\x2f\xfd")).told == ["holds messages packed with zstd, which are not read"]


def test_a_length_beyond_the_limit_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(documents, "MOST_BYTES", 100)

    assert read_bytes(framed(ONE) + b"\xff\xff\xff\xff").told == ["message 2 claims to be 4,294,967,295 bytes long"]
