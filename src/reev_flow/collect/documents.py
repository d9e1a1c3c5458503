"""Spans out of the bytes of one input, whatever form they are in."""

import re
from collections.abc import Iterator
from functools import partial

from reev_flow.collect.byte_stream import BLANKS, ByteStream, Line, split_lines
from reev_flow.collect.json_text import InvalidJson, Unread, scan_json
from reev_flow.collect.otlp_json import is_request, spans_of_document
from reev_flow.collect.report import Losses, Tell
from reev_flow.trace.span import Span

MIB = 1 << 20
MOST_BYTES = 256 * MIB  # of one document, inflated
HEAD = 1 << 12

RE_EXPORT = "export the trace again, as OTLP JSON or protobuf"
TOO_LARGE = f"is larger than {MOST_BYTES // MIB} MiB"
SPLIT_UP = "write one request a line (JSON lines), which has no limit on the whole"
KEEP_OTHERS = "the other lines are kept; record or copy this one again, or delete it"
RECORD_AGAIN = "it may still be being written, or was cut off; record or copy it again"
EMPTY = "write the trace first, or name another file"

CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]").search
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
JSON_BEGINNINGS = (b"{", b"[", b"\xef\xbb\xbf{", b"\xef\xbb\xbf[", b"\x1e{", b"\x1e[")
REQUEST_LINES = re.compile(rb"^[ \t]*[{\[].{40,}$", re.MULTILINE)
PROTOBUF_BEGINNING = b"\x0a"  # field 1, of a length: the resource spans


def read_documents(stream: ByteStream, tell: Tell) -> Iterator[Span]:
    """Every span of an input. Each problem is told, and what can be read beside it is read."""
    head = stream.peek(HEAD)
    if head.startswith(PROTOBUF_BEGINNING) and CONTROL(head):
        yield from _read_protobuf(stream, tell)
    elif head.lstrip(BLANKS).startswith(JSON_BEGINNINGS):
        yield from _read_json(stream, tell)
    elif stream.failure is None:
        _tell_unreadable(head, tell)
    if stream.failure is not None:
        tell(stream.failure.details, stream.failure.advice)


def _tell_unreadable(head: bytes, tell: Tell) -> None:
    if not head.strip(BLANKS):
        tell("is empty", EMPTY)
    elif head.startswith(UTF_16_MARKS):
        tell("is UTF-16 text", "save it as UTF-8")
    elif CONTROL(head):
        tell("is binary, but neither gzip nor OTLP protobuf", RE_EXPORT)
    else:
        tell("is not JSON", RE_EXPORT, line=1)


def _read_protobuf(stream: ByteStream, tell: Tell) -> Iterator[Span]:
    from reev_flow.collect.otlp_protobuf import InvalidMessage, spans_of_message  # noqa: PLC0415 - JSON needs no protobuf

    data = stream.take(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        tell(TOO_LARGE, "export it in smaller requests")
        return
    losses = Losses()
    try:
        yield from spans_of_message(data, losses)
    except InvalidMessage as error:
        if stream.failure is None:  # else that is why
            tell(str(error), RE_EXPORT)
    losses.tell(tell)


def _read_json(stream: ByteStream, tell: Tell) -> Iterator[Span]:
    """JSON lines when the first line is a value by itself, else one document over many lines."""
    number = 1 + stream.skip_blanks()
    first = stream.take_line(MOST_BYTES)
    if first is None:
        tell(TOO_LARGE, SPLIT_UP, line=number)
    else:
        try:
            document = scan_json(first)
        except InvalidJson:
            yield from _read_one(first, number, stream, tell)
            return
        del first
        yield from spans_of_document(document, partial(tell, line=number))
        del document
    yield from _read_lines(stream, number + 1, tell)


def _read_one(first: bytes, number: int, stream: ByteStream, tell: Tell) -> Iterator[Span]:
    """One document over many lines, or JSON lines of which the first is broken."""
    rest = stream.take(MOST_BYTES - len(first))
    data = first + b"\n" + rest if rest else first
    del rest
    try:
        document = _scan_whole(data, stream)
    except InvalidJson as error:
        if _has_request_line(data):
            stream.put_back(data)
            yield from _read_lines(stream, number, tell)
        elif stream.failure is None:  # else that is why
            tell(error.details, RECORD_AGAIN if error.is_cut else RE_EXPORT, line=number + error.line - 1)
        return
    del data, first
    yield from spans_of_document(document, partial(tell, line=number))


def _scan_whole(data: bytes, stream: ByteStream) -> Unread:
    if stream.peek(1):
        raise InvalidJson(f"{TOO_LARGE} as one document")
    return scan_json(data)


def _has_request_line(data: bytes) -> bool:
    """Whether one line is a whole request, as no line of a document spread over many lines is."""
    return any(is_request(found[0]) for found in REQUEST_LINES.finditer(data))


def _read_lines(stream: ByteStream, first_number: int, tell: Tell) -> Iterator[Span]:
    for line in split_lines(stream, first_number=first_number, limit=MOST_BYTES):
        if line.content is None:
            tell(TOO_LARGE, SPLIT_UP, line=line.number)
        elif content := line.content.strip(BLANKS):
            yield from _read_line(content, line, tell)


def _read_line(content: bytes, line: Line, tell: Tell) -> Iterator[Span]:
    try:
        document = scan_json(content)
    except InvalidJson as error:
        if not line.is_torn:  # else the failure that tore it is told
            tell(error.details, KEEP_OTHERS, line=line.number)
        return
    yield from spans_of_document(document, partial(tell, line=line.number))
