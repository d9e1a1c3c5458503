"""Whether a text that has the form of a secret is one, or only stands for one."""

import re
from itertools import pairwise

PLACEHOLDER = re.compile(
    r"example|sample|placeholder|dummy|fake|changeme|change[_-]me|your|insert|replace|redact|mask|hidden|secret|passw|p[a@]ssw?[o0]rd|passphrase|"
    r"api[_-]?key|access[_-]?key|token|test|demo|foobar|foo[_-]?bar|lorem|todo|qwerty|letmein|hunter2|s3cr[e3]t|admin|welcome|"
    r"abcdef|uvwxyz|123456|234567|345678|0987654|987654|(.)\1{4}|(..)\2{3}|\.\.\.|…|\*\*",
    re.IGNORECASE,
)
STANDS_FOR = (
    "*",
    "<",
    "{",
    "[",
    "$",
    "%",
    "os.",
    "env",
    "arn:",
    "vault:",
    "projects/",
    "/",
    "./",
    "~/",
    "enc[",
    "file:",
    "ref:",
)
UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
PLAIN_VALUE = re.compile(r"[\d.,:+-]+|\d{4}-\d\d-\d\d.*|[^@\s]+@[^@\s]+\.[a-z]{2,}|[A-Za-z]+:[/\\].*", re.IGNORECASE)
WORDS_WITH_A_NUMBER = re.compile(
    r"(?:[A-Za-z]+[_\-. ])+(?:[A-Za-z]*|v?\d{1,4})(?:[_\-.]\d{1,4})*|[a-z]+[_\-.]?\d{1,3}|[A-Z_]+\d{0,3}"
)
RUN = re.compile(r"[A-Za-z0-9+/]+")
SHORTEST, LONGEST = 8, 4_096
LEAST_DISTINCT = 6
KINDS_OF_A_PASSWORD = frozenset("Aa0!")
MARKS = frozenset("!@#^")  # others connect words in code and in addresses
MOSTLY = 0.5
OFTEN = 0.35  # of its letters; names written in one word stay near 0.25


def is_placeholder(text: str) -> bool:
    return PLACEHOLDER.search(text) is not None


def is_made_up_password(text: str) -> bool:
    """Whether it may be a password that somebody uses: no word, name, number, path or id, and nothing that stands for another value."""
    if not SHORTEST <= len(text) <= LONGEST or text.lower().startswith(STANDS_FOR) or any(map(str.isspace, text)):
        return False
    if (
        UUID.fullmatch(text)
        or PLAIN_VALUE.fullmatch(text)
        or WORDS_WITH_A_NUMBER.fullmatch(text)
        or is_placeholder(text)
    ):
        return False
    has_letter, has_digit = any(map(str.isalpha, text)), any(map(str.isdigit, text))
    has_mark = any(mark in text for mark in "!@#$%^&*+=?~")
    return has_letter and (has_digit or has_mark or is_jumbled(text)) and len(set(text)) >= LEAST_DISTINCT


def is_jumbled(text: str) -> bool:
    """Whether capitals and small letters change places too often for words written in one."""
    changes = sum(one.isupper() != other.isupper() for one, other in pairwise(text))
    return len(text) >= 10 and changes >= OFTEN * len(text)


def is_tossed(text: str) -> bool:
    """Whether capitals, small letters, digits and marks take turns as they do in a password, and neither in code nor in words."""
    kinds = [_kind_of(letter) for letter in text]
    changes = sum(one != other for one, other in pairwise(kinds))
    return set(kinds) >= KINDS_OF_A_PASSWORD and changes >= MOSTLY * len(text)


def _kind_of(letter: str) -> str:
    if letter.isalpha():
        return "A" if letter.isupper() else "a"
    if letter.isdigit():
        return "0"
    return "!" if letter in MARKS else " "


def is_random(text: str) -> bool:
    """Whether a token may have been given out: some part of it is a long mixture of letters and digits."""
    if is_placeholder(text):
        return False
    return any(_is_mixed(run) for run in RUN.findall(text))


def _is_mixed(run: str) -> bool:
    has_both = any(map(str.isdigit, run)) and any(map(str.isalpha, run))
    return len(run) >= 10 and has_both and len(set(run)) >= LEAST_DISTINCT + 2
