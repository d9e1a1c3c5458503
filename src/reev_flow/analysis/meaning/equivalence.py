"""When two arguments, or two results, are the same although they were written differently.

Equal are: records whatever the order of their keys, and whether what is null is left out or said; whole numbers however written (`5`,
`5.0`, `"5"`); JSON and the text that holds it; texts that differ in blanks around them, at the ends of lines or, within one short line, in
how many; characters composed or not; addresses that differ in the case of scheme and host or in a slash at their end. Case, order of lists
and everything else makes a difference.
"""

import re
import unicodedata

import msgspec

from reev_flow.trace.canonical import canonical
from reev_flow.trace.span import Value

PLAIN = re.compile(r"[A-Za-z][\w-]*(?: [\w-]+)*", re.ASCII)  # already as short as it gets
WHOLE_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.0+)?", re.ASCII)  # not 007, which is a name
ADDRESS = re.compile(r"(https?://[^/?#\s]*)([^?#\s]*)(\S*)", re.IGNORECASE)
SHORT = 200  # characters; in longer texts blanks within a line are left alone
LARGEST_EXACT = 10**15  # a float beyond it may stand for several whole numbers
LONGEST_NESTED = 100_000  # characters; a longer text is not looked into
DEEPEST = 50  # levels; deeper values are left as they were written


def question(value: Value) -> bytes:
    """The same bytes for equivalent values."""
    return canonical(normalized(value))


def normalized(value: Value, depth: int = 0) -> Value:
    """The simplest way to write the value."""
    if isinstance(value, str):
        return value if not value or (len(value) <= SHORT and PLAIN.fullmatch(value)) else _text(value, depth)
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < LARGEST_EXACT else value
    if depth < DEEPEST:
        if isinstance(value, dict):
            return {key: normalized(item, depth + 1) for key, item in value.items() if item is not None}
        if isinstance(value, list):
            return [normalized(item, depth + 1) for item in value]
    return value


def _text(text: str, depth: int) -> Value:
    text = text.strip()
    if text[:1] in {"{", "["} and text[-1:] in {"}", "]"} and len(text) <= LONGEST_NESTED and depth < DEEPEST:
        try:
            nested: Value = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            return _with_few_blanks(text)
        return normalized(nested, depth + 1)
    if len(text) > SHORT:
        return text if text.isascii() and "\n" not in text and "\r" not in text else _with_few_blanks(text)
    if WHOLE_NUMBER.fullmatch(text):
        return int(text.partition(".")[0])
    is_address = text[:4].lower() == "http"  # spares almost all the expression
    address = ADDRESS.fullmatch(unicodedata.normalize("NFC", text)) if is_address else None
    if address is not None:
        return address[1].lower() + address[2].rstrip("/") + address[3]
    return _with_few_blanks(text)


def _with_few_blanks(text: str) -> str:
    """Within several lines blanks may be what is meant, as in a program; at their ends they are not."""
    text = unicodedata.normalize("NFC", text)
    lines = text.splitlines()
    if len(lines) > 1:
        return "\n".join(line.rstrip() for line in lines)
    return text if len(text) > SHORT else " ".join(text.split())
