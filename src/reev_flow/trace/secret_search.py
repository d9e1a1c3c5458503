"""Where secrets are in a text, and, quicker, whether there may be any in a whole request.

Nothing is searched by regular expressions: they are tried where a word or a long run of letters and digits was found, which is rare and
cheap to look for. A request is searched as it came, its texts between lengths and tags: what is found there in a loose form is then looked
at text by text.
"""

from collections.abc import Iterator
from functools import lru_cache
from re import Pattern
from typing import NamedTuple

from reev_flow.trace import secret_patterns as patterns

IN_TOKENS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
RUNS = bytes(ord("a") if byte in IN_TOKENS else ord(" ") for byte in range(256))
LONG_RUN = b"a" * patterns.SHORTEST_TOKEN
BEFORE_TOKEN = range(4)  # bytes of a run before its token: what is left of `\n` or `%20`, the length of the text
BEFORE_RUN = range(3, 7)  # bytes before a run that begin a dotted token

# The first three letters of every token, and the last three before what follows the dot.
BEGINNINGS = frozenset(
    (
        b"sk- pk- ghp gho ghu ghs ghr git glp gld glr glc glo glg gls gla xox xap AKI ASI ABI ACC AIz GOC sk_ rk_ pk_ "
        b"whs hf_ r8_ gsk ppl xai nva tvl pcs lsv npm pyp dck dop doo dor dap NRA fig shp snt lin ntn sbp key AGE e2b eyJ"
    ).split()
)
BEFORE_DOTTED = frozenset((b"SG.", b"29.", b"vb.", b"vs.", b"pt.", b"st.", b"ct.", b"sa."))

Place = tuple[int, int]


def may_hold_secrets(data: bytes) -> bool:
    """Of a request or a part of one. When it says no, no text in it holds a secret and no attribute is named like one."""
    return any(one.loose.match(data, one.at) for one in _candidates(data))


def places_of_secrets(data: bytes) -> list[Place]:
    """Of one text; those of different kinds may overlap."""
    found: list[Place] = []
    seen_until: dict[bytes, int] = {}  # what lies within a secret is not tried again, or long texts would take for ever
    for one in _candidates(data):
        if one.at >= seen_until.get(one.kind, 0) and (match := one.exact.match(data, one.at)):
            found.append(match.span(match.lastindex or 0))
            seen_until[one.kind] = match.end()
    return found


class _Candidate(NamedTuple):
    """Where a pattern may match. Those of one kind come in the order of their places."""

    at: int
    kind: bytes
    exact: Pattern[bytes]
    loose: Pattern[bytes]


def _candidates(data: bytes) -> Iterator[_Candidate]:
    for at in places_of_tokens(data):
        yield _Candidate(at, b"", patterns.TOKEN, patterns.LOOSE_TOKEN)
    for at in places_of(data, patterns.BLOCK_BEGINNING):
        yield _Candidate(at, patterns.BLOCK_BEGINNING, patterns.BLOCK, patterns.LOOSE_BLOCK)
    for at in places_of(data, patterns.ADDRESS):
        yield _Candidate(at, b"@", patterns.PASSWORD_IN_ADDRESS, patterns.PASSWORD_IN_ADDRESS)
        yield _Candidate(at, b"?", patterns.KEY_IN_ADDRESS, patterns.KEY_IN_ADDRESS)
    yield from _words(data.lower())


def _words(lowered: bytes) -> Iterator[_Candidate]:
    for word, (exact, loose) in patterns.WORDS.items():
        for at in places_of(lowered, word):
            yield _Candidate(at, word, exact, loose)
    for word, befores in patterns.COMMON_WORDS.items():
        for at in places_of(lowered, word):
            if lowered.endswith(befores, 0, at):
                yield _Candidate(at, word, patterns.NAMED, patterns.LOOSE_NAMED)


def places_of(data: bytes, word: bytes) -> Iterator[int]:
    at = data.find(word)
    while at >= 0:
        yield at
        at = data.find(word, at + 1)


def places_of_tokens(data: bytes) -> Iterator[int]:
    runs = data.translate(RUNS)
    start = runs.find(LONG_RUN)
    while start >= 0:
        for at in range(start, start + len(BEFORE_TOKEN)):
            if data[at : at + 3] in BEGINNINGS:
                yield at
        if data[max(start - 3, 0) : start] in BEFORE_DOTTED:
            yield from (start - before for before in BEFORE_RUN if start >= before)
        end = runs.find(b" ", start)
        start = runs.find(LONG_RUN, end) if end >= 0 else -1


@lru_cache(maxsize=4_096)
def is_sensitive(name: str) -> bool:
    """Whether the values of the attribute of this name are secrets whatever they look like."""
    return name.lower().translate(_without_separators).endswith(patterns.SENSITIVE_ENDINGS)


_without_separators = str.maketrans("", "", "-_. ")
