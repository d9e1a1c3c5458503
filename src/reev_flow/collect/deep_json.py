"""JSON text without what is nested so deeply in it that no reader could bear it."""

import re

MOST_LEVELS = 400  # OTLP takes four for one of a value, and a dozen around it; readers bear nearly a thousand
OPENINGS = (b"{", b"[")
LEFT_OUT = b"null"
# The next bracket that stands in no string. What was matched is never tried again, so that any text is looked through once.
BRACKET = re.compile(rb"""(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+([\[\]{}])""", re.DOTALL)


def shallow(data: bytes) -> bytes:
    """Whatever is deeper is null. A text that ends before all brackets are closed stays as it is."""
    pieces: list[bytes] = []
    kept_from = at = level = 0
    while found := BRACKET.match(data, at):
        at = found.end()
        if found[1] in OPENINGS:
            level += 1
            if level == MOST_LEVELS + 1:
                pieces += (data[kept_from : at - 1], LEFT_OUT)
        else:
            if level == MOST_LEVELS + 1:
                kept_from = at
            level -= 1
    return data if level > MOST_LEVELS else b"".join((*pieces, data[kept_from:]))
