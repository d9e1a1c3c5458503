"""How a name from a trace becomes a label that mermaid draws unchanged."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

LINE_BREAK = "\n"
"""Put between two escaped labels for a second line, in a node or an edge; a subgraph's second line hides behind its nodes.
Not `<br/>`: beside a tag mermaid decodes the escapes too early, and then `$$x$$` is a formula and `fa:fa-bug` an icon."""

LARGEST_TEXT = 50_000
"""What `mermaid_length` of a whole diagram may be."""


def escape_label(text: str) -> str:
    """Goes between double quotes: node, edge, subgraph title; also bare after `accTitle:`, `accDescr:` and `%%`.

    Outer blanks go. Control characters, line breaks and bidirectional overrides become blanks, lone surrogates U+FFFD, and
    a blank text a no-break blank, because mermaid refuses an empty label. Where no escape survives, an invisible U+2060
    keeps two characters apart. The result also reads the same in mermaid before 11.13, which takes labels for Markdown.
    """
    if _NEEDS_ESCAPE.search(text):
        text = _REWRITTEN_AT_THE_END.sub(_first_character_apart, text).translate(_ESCAPES)
    text = text.strip()
    if _READ_AS_SYNTAX.search(text):
        text = _READ_AS_SYNTAX.sub(_first_character_escaped, text)
    if text[:1] in _MAY_START_A_LIST:
        text = _LIST_MARKER.sub(_last_character_escaped, text)
    if "_" in text and (text[0] == "_" or _LATER_OPENING_UNDERSCORE.search(text)):
        text = _OPENING_UNDERSCORE.sub("#95;", text)
    return text or "#160;"


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters (1 or more) as a reader counts them, the ellipsis included. Shorten first, escape after.

    A letter with its accents, a flag or a family of emoji is one character, unless it takes more than 16 code points.
    """
    if len(text) <= limit:
        return text
    if _STANDS_ALONE.fullmatch(text, 0, limit + 1):
        return text[: limit - 1].rstrip() + "…"
    ends = list(islice(_character_ends(text), limit + 1))
    return text if len(ends) <= limit else text[: [0, *ends][limit - 1]].rstrip() + "…"


def mermaid_length(text: str) -> int:
    """The length that mermaid holds against its limit: UTF-16 units, so that an emoji counts two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _character_ends(text: str) -> Iterator[int]:
    """Where each character ends, as a reader sees characters: near Unicode's grapheme clusters, without their tables."""
    start = 0
    flags = 0
    for position in range(1, len(text)):
        before, here = text[position - 1], text[position]
        flags = flags + 1 if _is_flag_letter(before) else 0
        joined = _continues(here) or before == "\u200d" or (_is_flag_letter(here) and flags % 2 == 1)
        if not joined or position - start >= 16:
            start = position
            yield position
    yield len(text)


def _continues(character: str) -> bool:
    """Accents, joiners, variation selectors, skin tones and the tags of regional flags."""
    return character > "\u02ff" and (
        unicodedata.category(character) in {"Mn", "Me", "Mc"}
        or character in "\u200c\u200d"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
    )


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _first_character_apart(pair: re.Match[str]) -> str:
    return f"{pair[0]}\u2060"


def _first_character_escaped(word: re.Match[str]) -> str:
    return f"#{ord(word[0][0])};{word[0][1:]}"


def _last_character_escaped(marker: re.Match[str]) -> str:
    return f"{marker[0][:-1]}#{ord(marker[0][-1])};"


def _escapes() -> dict[int, str]:
    plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 _.,()[]/=+!?'-"
    blanks = (*range(0x20), *range(0x7F, 0xA0), *range(0x2028, 0x202F), *range(0x2066, 0x206A), 0xFEFF)
    escapes = {code: f"#{code};" for code in range(0xA1)}
    escapes |= {ord(character): character for character in plain}  # looking up a known character is the faster half
    escapes |= dict.fromkeys(blanks, " ")
    return escapes | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


_ESCAPES = _escapes()

# Letters that join with no neighbour: Latin, kana, the common Chinese characters, Hangul syllables.
_STANDS_ALONE = re.compile("[\0-\u02ff\u3041-\u3096\u30a1-\u30fe\u4e00-\u9fff\uac00-\ud7a3]*")

# All that the table changes, and the first characters of the pairs below.
_NEEDS_ESCAPE = re.compile(
    "[^A-Za-z0-9 _.,()\\[\\]/=+!?'\u00a1-\u00b5\u00b7-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufb01\ufb03-\ufefe\uff00-\U0010ffff-]"
)

# Mermaid rewrites these in the finished picture, where every escape is a plain character again.
_REWRITTEN_AT_THE_END = re.compile('\ufb02(?=\u00b0)|\u00b6(?=\u00df)|marker-end="(?=url)')

# "direction TB" anywhere in a line is a statement, and "C4Component" anywhere in a text makes it another kind of diagram.
# The last two are links, and what follows here is emphasis and lists, to a mermaid that reads Markdown.
_READ_AS_SYNTAX = re.compile(r"direction|C4(?=[CD])|www(?=\.)|\](?=\()")
_LATER_OPENING_UNDERSCORE = re.compile(r"[\W_]_")
_OPENING_UNDERSCORE = re.compile(r"(?<![^\W_])_")
_MAY_START_A_LIST = frozenset("-+=0123456789")
_LIST_MARKER = re.compile(r"^[-+=]|^\d{1,9}[.)](?=\s|$)")
