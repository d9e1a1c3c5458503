"""Spans out of the bytes of one input, whatever form they are in."""

import re
from collections.abc import Iterator
from functools import partial

from reev_flow.collect.byte_stream import BLANKS, ZSTD_MAGIC, ByteStream, Line, split_lines
from reev_flow.collect.frames import is_framed, read_frames
from reev_flow.collect.json_forms import JsonForms, is_document
from reev_flow.collect.json_text import InvalidJson, Unread, scan_json
from reev_flow.collect.report import Losses, Tell
from reev_flow.trace.span import Span

MIB = 1 << 20
MOST_BYTES = 256 * MIB  # of one document, inflated
HEAD = 1 << 12

RE_EXPORT = "export the trace again, as OTLP JSON or protobuf"
TOO_LARGE = f"is larger than {MOST_BYTES // MIB} MiB"
SPLIT_UP = "write one request a line (JSON lines), which has no limit on the whole"
KEEP_OTHERS = "everything else is kept; record or copy this one again, or delete it"
RECORD_AGAIN = "it may still be being written, or was cut off; record or copy it again"
EMPTY = "write the trace first, or name another file"
UNPACK = "unpack it first, with `zstd -d`"
FOLLOW_LINES = "lines of JSON and the Collector's protobuf format can be followed; import it without --follow"

CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]").search
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
JSON_BEGINNINGS = (b"{", b"[", b"\xef\xbb\xbf{", b"\xef\xbb\xbf[", b"\x1e{", b"\x1e[")
JSON_LINE = re.compile(
    rb"\s*(?:\xef\xbb\xbf|\x1e)?[{\[].*\n"
).match  # with it a pipe is read that has given no more yet
DOCUMENT_LINES = re.compile(rb"^[ \t]*[{\[].{40,}$", re.MULTILINE)
PROTOBUF_BEGINNING = b"\x0a"  # field 1, of a length: the resource spans
ONE_BELOW_ANOTHER = re.compile(
    rb"^[}\]][ \t\r]*\n(?=\s*[{\[])", re.MULTILINE
)  # the end of a document, then a beginning
COMMENT = b"# SESSION_SUMMARY:"  # what stands behind it in logs of reev is a document too
FIRST_OF_FRAMES = tuple(bytes([number]) for number in range(9))
FIRST_OF_PACKED = (b"\x1f", ZSTD_MAGIC[:1])


def read_documents(stream: ByteStream, tell: Tell) -> Iterator[Iterator[Span]]:
    """The spans of each document of an input, to be used up before the next is asked for.

    Each problem is told, and what can be read beside it is read.
    """
    head = stream.peek(HEAD, JSON_LINE)
    if is_framed(head, MOST_BYTES):
        yield from _read_frames(stream, tell)
    elif head.startswith(PROTOBUF_BEGINNING) and CONTROL(head):
        yield _read_protobuf(stream, tell)
    elif head.lstrip(BLANKS).startswith(JSON_BEGINNINGS):
        forms = JsonForms()
        yield from _read_json(stream, forms, tell)
        yield forms.end()
    elif stream.failure is None:
        _tell_unreadable(head, tell)
    if stream.failure is not None:
        tell(stream.failure.details, stream.failure.advice)


def follow_documents(stream: ByteStream, tell: Tell) -> Iterator[Iterator[Span]]:
    """The same of an input that is still being written, each document as soon as it is whole."""
    first = stream.peek(1)
    if first in FIRST_OF_PACKED:
        tell("is packed", FOLLOW_LINES)
    elif first in FIRST_OF_FRAMES:
        yield from _read_frames(stream, tell)
    else:
        forms = JsonForms()
        yield from _read_lines(stream, 1, forms, tell)
        yield forms.end()
    if stream.failure is not None:
        tell(stream.failure.details, stream.failure.advice)


def _tell_unreadable(head: bytes, tell: Tell) -> None:
    if not head.strip(BLANKS):
        tell("is empty", EMPTY)
    elif head.startswith(ZSTD_MAGIC):
        tell("is packed with zstd, which is not read", UNPACK)
    elif head.startswith(UTF_16_MARKS):
        tell("is UTF-16 text", "save it as UTF-8")
    elif CONTROL(head):
        tell("is binary, but neither gzip nor OTLP protobuf", RE_EXPORT)
    else:
        tell("is not JSON", RE_EXPORT, line=1)


def _read_frames(stream: ByteStream, tell: Tell) -> Iterator[Iterator[Span]]:
    forms = JsonForms()
    yield from read_frames(stream, forms, tell, MOST_BYTES)
    yield forms.end()


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


def _read_json(stream: ByteStream, forms: JsonForms, tell: Tell) -> Iterator[Iterator[Span]]:
    """JSON lines when the first line is a value by itself, else one document over many lines."""
    number = 1 + stream.skip_blanks()
    first = stream.take_line(MOST_BYTES)
    if first is None:
        tell(TOO_LARGE, SPLIT_UP, line=number)
    else:
        try:
            document = scan_json(first)
        except InvalidJson:
            stream.put_back(first + b"\n")
            del first
            yield from _read_whole(stream, forms, partial(_tell_below, tell, number - 1))
            return
        del first
        yield forms.read(document, partial(tell, line=number))
        del document
    yield from _read_lines(stream, number + 1, forms, tell)


def _read_whole(stream: ByteStream, forms: JsonForms, tell: Tell) -> Iterator[Iterator[Span]]:
    """One document over many lines, or JSON lines of which the first is broken. Lines are counted from where it begins."""
    data = stream.take(MOST_BYTES)
    try:
        document = _scan_whole(data, stream)
    except InvalidJson as error:
        if ONE_BELOW_ANOTHER.search(data):
            yield from _read_several(data, forms, tell)
        elif _has_document_line(data):
            stream.put_back(data)
            yield from _read_lines(stream, 1, forms, tell)
        elif stream.failure is None:  # else that is why
            tell(error.details, RECORD_AGAIN if error.is_cut else RE_EXPORT, line=error.line)
        return
    del data
    yield forms.read(document, partial(tell, line=1))


def _read_several(data: bytes, forms: JsonForms, tell: Tell) -> Iterator[Iterator[Span]]:
    """Documents over many lines, one below another."""
    begin = lines = 0
    for end in [*(found.end() for found in ONE_BELOW_ANOTHER.finditer(data)), len(data)]:
        content = data[begin:end]
        yield _read_content(content, forms, partial(_tell_below, tell, lines))
        begin, lines = end, lines + content.count(b"\n")


def _read_content(content: bytes, forms: JsonForms, tell: Tell) -> Iterator[Span]:
    try:
        document = scan_json(content)
    except InvalidJson as error:
        tell(error.details, KEEP_OTHERS, line=error.line)
        return
    yield from forms.read(document, partial(tell, line=1))


def _tell_below(tell: Tell, lines: int, details: str, advice: str, *, line: int | None = None) -> None:
    tell(details, advice, line=None if line is None else line + lines)


def _scan_whole(data: bytes, stream: ByteStream) -> Unread:
    if stream.peek(1):
        raise InvalidJson(f"{TOO_LARGE} as one document")
    return scan_json(data)


def _has_document_line(data: bytes) -> bool:
    """Whether one line is a whole document, as no line of a document spread over many lines is."""
    return any(is_document(found[0]) for found in DOCUMENT_LINES.finditer(data))


def _read_lines(stream: ByteStream, first_number: int, forms: JsonForms, tell: Tell) -> Iterator[Iterator[Span]]:
    for line in split_lines(stream, first_number=first_number, limit=MOST_BYTES):
        if line.content is None:
            tell(TOO_LARGE, SPLIT_UP, line=line.number)
        elif content := line.content.strip(BLANKS).removeprefix(COMMENT):
            yield _read_line(content, line, forms, tell)


def _read_line(content: bytes, line: Line, forms: JsonForms, tell: Tell) -> Iterator[Span]:
    try:
        document = scan_json(content)
    except InvalidJson as error:
        if not line.is_torn:  # else the failure that tore it is told
            tell(error.details, KEEP_OTHERS, line=line.number)
        return
    yield from forms.read(document, partial(tell, line=line.number))
