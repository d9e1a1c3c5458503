"""Messages with their length before them, as the Collector's file exporter writes with `format: proto`."""

from collections.abc import Iterator
from functools import partial

from reev_flow.collect.byte_stream import ZSTD_MAGIC, ByteStream
from reev_flow.collect.json_forms import JsonForms
from reev_flow.collect.json_text import InvalidJson, scan_json
from reev_flow.collect.report import Losses, Tell
from reev_flow.trace.span import Span

LENGTH_BYTES = 4  # big-endian
PROTOBUF_BEGINNING, JSON_BEGINNING = b"\x0a", b"{"
BEGINNINGS = (PROTOBUF_BEGINNING, JSON_BEGINNING, ZSTD_MAGIC)

BREAKS_OFF = "it may still be being written, or was cut off; the messages before it are kept"
NO_LENGTHS = "the messages before it are kept; those behind it cannot be found without a right length"
KEEP_OTHERS = "the other messages are kept; export it again"
UNPACKED = "the Collector packed each message by itself; let it write without `compression`"


def is_framed(head: bytes, most_bytes: int) -> bool:
    """Whether a length and then a message begin here. A message without a length begins with the byte of its first field instead."""
    length = int.from_bytes(head[:LENGTH_BYTES], "big")
    begins_well = head[LENGTH_BYTES:].startswith(BEGINNINGS)
    return begins_well and 0 < length <= most_bytes and not head.startswith(PROTOBUF_BEGINNING)


def read_frames(stream: ByteStream, forms: JsonForms, tell: Tell, most_bytes: int) -> Iterator[Iterator[Span]]:
    """The spans of each message. Behind a wrong length nothing can be read."""
    number = 0
    while prefix := stream.take(LENGTH_BYTES):
        number += 1
        length = int.from_bytes(prefix, "big")
        if len(prefix) == LENGTH_BYTES and length > most_bytes:
            tell(f"message {number} claims to be {length:,} bytes long", NO_LENGTHS)
            return
        data = stream.take(length)
        if len(prefix) < LENGTH_BYTES or len(data) < length:
            if stream.failure is None:  # else that is why
                tell(f"message {number} breaks off", BREAKS_OFF)
            return
        if data.startswith(ZSTD_MAGIC):
            tell("holds messages packed with zstd, which are not read", UNPACKED)
            return
        yield _read_message(data, forms, partial(_tell_of, tell, number))


def _read_message(data: bytes, forms: JsonForms, tell: Tell) -> Iterator[Span]:
    from reev_flow.collect.otlp_protobuf import InvalidMessage, spans_of_message  # noqa: PLC0415 - JSON needs no protobuf

    try:
        if data.startswith(JSON_BEGINNING):
            yield from forms.read(scan_json(data), tell)
            return
        losses = Losses()
        yield from spans_of_message(data, losses)
        losses.tell(tell)
    except (InvalidMessage, InvalidJson) as error:
        tell(str(error), KEEP_OTHERS)


def _tell_of(tell: Tell, number: int, details: str, advice: str, *, line: int | None = None) -> None:
    tell(f"message {number} {details}", advice, line=line)
