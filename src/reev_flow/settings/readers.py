"""How raw values of settings are read; what cannot be used says what is wanted."""

import re
from collections.abc import Callable

TRUE_WORDS = frozenset({"true", "1", "yes", "on"})
FALSE_WORDS = frozenset({"false", "0", "no", "off"})
LEVELS = ("note", "warning", "error", "never")


class Unusable(ValueError):
    """A raw value that a setting cannot take; the message says what it wants."""


def read_switch(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    word = raw.strip().lower() if isinstance(raw, str) else ""
    if word in TRUE_WORDS | FALSE_WORDS:
        return word in TRUE_WORDS
    raise Unusable("true or false")


def read_codes(raw: object) -> tuple[str, ...]:
    """Finding codes, as a list or by commas; whether such codes exist is the rulebook's question."""
    codes = raw.split(",") if isinstance(raw, str) else raw
    if isinstance(codes, list) and all(isinstance(code, str) for code in codes):
        return tuple(code.strip().upper() for code in codes if code.strip())
    raise Unusable('a list of finding codes, such as ["RF101", "RF2"]')


def read_patterns(raw: object) -> tuple[str, ...]:
    """Regular expressions, as a list or one a line."""
    patterns = raw.splitlines() if isinstance(raw, str) else raw
    if not isinstance(patterns, list) or not all(isinstance(pattern, str) for pattern in patterns):
        raise Unusable("a list of regular expressions")
    try:
        return tuple(pattern for pattern in patterns if re.compile(pattern.encode()) and pattern)
    except re.error as wrong:
        raise Unusable(f"regular expressions ({wrong})") from None


def read_level(raw: object) -> str:
    """The least severity that counts as a failure."""
    if raw in LEVELS:
        return str(raw)
    raise Unusable(f"one of {', '.join(LEVELS)}")


def read_place(raw: object) -> str:
    if isinstance(raw, str) and raw.strip():
        return raw
    raise Unusable("a folder or a URL")


def read_text(raw: object) -> str:
    if isinstance(raw, str):
        return raw.strip()
    raise Unusable("text")


def number_from(least: float, most: float = float("inf"), *, is_whole: bool = False) -> Callable[[object], float]:
    """Reads numbers of a range."""
    wanted = "a whole number" if is_whole else "a number"
    wanted += f" from {least:g} on" if most == float("inf") else f" from {least:g} to {most:g}"

    def read(raw: object) -> float:
        try:
            number = float(raw) if isinstance(raw, (int, float, str)) and not isinstance(raw, bool) else float("nan")
        except ValueError:
            number = float("nan")
        if not least <= number <= most or number == float("inf") or (is_whole and number != int(number)):
            raise Unusable(wanted)
        return int(number) if is_whole else number

    return read
