"""What a reader can compare of a name and of the label that was drawn for it."""

import unicodedata

OVERRIDES = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))  # they turn the text around them
WORD_JOINER = "\u2060"  # drawn by nobody; the escape puts it between characters that mermaid would rewrite
NO_BREAK_SPACE_WITHOUT_WIDTH = "\ufeff"


def as_read(text: str) -> str:
    """The same for a name and its label when nothing was lost: blanks of any kind and number are one space."""
    return " ".join("".join(_as_read(character) for character in text).split())


def _as_read(character: str) -> str:
    if character == WORD_JOINER:
        return ""
    if character in OVERRIDES or character == NO_BREAK_SPACE_WITHOUT_WIDTH or unicodedata.category(character) == "Cc":
        return " "
    return "\ufffd" if unicodedata.category(character) == "Cs" else character
