"""JSON as people write it: strict when it can be, lenient where strict readers refuse what can still be understood."""

import json
import re
from typing import Any, TypeAlias, TypeVar

import msgspec

from reev_flow.collect.deep_json import shallow
from reev_flow.errors import ReevFlowError

Unread: TypeAlias = Any
"""JSON that was checked but not decoded (`msgspec.Raw`), or a value from a reader that can only decode everything at once."""

Part = TypeVar("Part")

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
RECORD_SEPARATOR = b"\x1e"  # begins each text of an RFC 7464 sequence
VALUES: msgspec.json.Decoder[Any] = msgspec.json.Decoder()
SCANNER = msgspec.json.Decoder(msgspec.Raw)
FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
ENTRIES = msgspec.json.Decoder(list[msgspec.Raw])

# Nesting that the scanner could just bear may be too deep where less of the stack is left.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

# Escapes are matched one by one, so that `\\ud800` (a backslash and letters) is not taken for a surrogate.
ESCAPES = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\.", re.DOTALL
)
LONE_SURROGATE_LENGTH = 6

# How the strict reader says what is wrong, and what begins at that place when a patient one may understand it: control characters
# in strings, NaN and Infinity.
TORN = "truncated"
PLACE = re.compile(r"malformed: (.*) \(byte (\d+)\)").search
UNDERSTANDABLE = re.compile(rb"[\x00-\x1fNI]").match


class InvalidJson(ReevFlowError):
    """Bytes that are not JSON. `line` counts from 1; `is_cut` when they break off inside a value that began well."""

    def __init__(self, details: str, *, line: int = 1, is_cut: bool = False) -> None:
        super().__init__(details)
        self.details = details
        self.line = line
        self.is_cut = is_cut


class TooDeep(InvalidJson):
    """Nesting that no reader bears."""

    def __init__(self) -> None:
        super().__init__("is nested too deeply")


def scan_json(data: bytes) -> Unread:
    """The value in `data`, to be decoded part by part.

    Accepted beyond the standard: NaN and infinities, control characters in strings, half of a surrogate pair or bytes that are not
    UTF-8 (each becomes U+FFFD), a byte order mark. What is nested too deeply is null.
    """
    text = data.removeprefix(BYTE_ORDER_MARK).lstrip(RECORD_SEPARATOR)
    try:
        return _read(SCANNER, text)
    except TooDeep:
        return _read(SCANNER, shallow(text))


def read_json(data: bytes | msgspec.Raw) -> Any:
    """The value in `data`, decoded. Accepts what `scan_json` does, except byte order marks. Raises `TooDeep` where that leaves something out."""
    return _read(VALUES, data)


def read_part(raw: Unread) -> Any:
    """The value of JSON that was checked; what is nested too deeply is null, and so is what no reader understands."""
    if not isinstance(raw, msgspec.Raw):
        return raw
    try:
        return read_json(raw)
    except TooDeep:
        return _shallow_part(VALUES, raw)
    except InvalidJson:
        return None


def read_json_text(text: str) -> Any:
    """The value of a string that holds JSON. Raises `InvalidJson`, also for half a surrogate pair, which no UTF-8 can hold."""
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        raise InvalidJson("holds half a character") from None
    return read_json(encoded)


def read_fields(raw: Unread) -> dict[str, Unread] | None:
    """The fields of an object, themselves unread; None when it is none."""
    if not isinstance(raw, msgspec.Raw):
        return raw if isinstance(raw, dict) else None
    try:
        return FIELDS.decode(raw)
    except RecursionError:  # the scanner could just bear it, and less of the stack is left here
        return _shallow_part(FIELDS, raw)
    except UNREADABLE:
        return None


def read_entries(raw: Unread) -> list[Unread] | None:
    """The entries of an array, themselves unread; None when it is none."""
    if not isinstance(raw, msgspec.Raw):
        return raw if isinstance(raw, list) else None
    try:
        return ENTRIES.decode(raw)
    except RecursionError:
        return _shallow_part(ENTRIES, raw)
    except UNREADABLE:
        return None


def _shallow_part(decoder: msgspec.json.Decoder[Part], raw: msgspec.Raw) -> Part | None:
    try:
        return decoder.decode(shallow(bytes(raw)))
    except UNREADABLE:
        return None


def _read(decoder: msgspec.json.Decoder[Any], data: bytes | msgspec.Raw) -> Any:
    try:
        return _strictly(decoder, data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _read_leniently(decoder, bytes(data))


def _strictly(decoder: msgspec.json.Decoder[Any], data: bytes | msgspec.Raw) -> Any:
    try:
        return decoder.decode(data)
    except RecursionError:
        raise TooDeep from None


def _read_leniently(decoder: msgspec.json.Decoder[Any], data: bytes) -> Any:
    mended = ESCAPES.sub(_whole_escape, data)
    try:
        return _strictly(decoder, mended)
    except UnicodeDecodeError:
        return _read_patiently(mended)
    except msgspec.DecodeError as error:
        mistake = _mistake(str(error), mended)
        if mistake is not None:
            raise mistake from None
        return _read_patiently(mended)


def _mistake(told: str, data: bytes) -> InvalidJson | None:
    """What is wrong, in so far as no reader could understand it."""
    if TORN in told:
        return InvalidJson("breaks off in the middle of a value", line=_line_of(data, len(data.rstrip())), is_cut=True)
    found = PLACE(told)
    if found is None or UNDERSTANDABLE(data, int(found[2])):
        return None
    position = int(found[2])
    column = position - data.rfind(b"\n", 0, position)
    return InvalidJson(f"is not JSON ({found[1]}, column {column})", line=_line_of(data, position))


def _read_patiently(data: bytes) -> Any:
    """Slow, and everything at once: only for what is known to be peculiar."""
    text = data.decode(errors="replace")
    try:
        return json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        is_cut = error.msg.startswith("Unterminated string") or error.pos >= len(text.rstrip())
        raise InvalidJson(
            f"is not JSON ({error.msg}, column {error.colno})", line=error.lineno, is_cut=is_cut
        ) from None
    except RecursionError:
        raise TooDeep from None
    except ValueError as error:  # a number of more digits than Python reads
        raise InvalidJson(f"is not JSON ({error})") from None


def _line_of(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1


def _whole_escape(found: re.Match[bytes]) -> bytes:
    escape = found[0]
    return b"\\ufffd" if len(escape) == LONE_SURROGATE_LENGTH else escape
