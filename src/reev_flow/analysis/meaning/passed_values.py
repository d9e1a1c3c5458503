"""Whether what one piece of work told can have been what another was asked."""

import re
from collections.abc import Iterator

from reev_flow.trace.span import Value

WORD = re.compile(r"[^\W_]{3,}|\d+")
HALF = 0.5  # of the words: texts in one language share some by chance
SHORTEST_VALUE, LONGEST_VALUE = 3, 100  # characters of a text that can be handed on as a whole
SHORTEST_WHOLE = 2  # characters of a text that is handed on as a value of its own
MOST_CHARACTERS = 50_000  # of a value that are read


def may_have_passed(told: Value, asked: Value, given: Value) -> bool:
    """Whether anything of what was asked may come from what was told: a whole value, a name, a number, or most of its words.

    What had been given to the work that told it is no news.
    """
    if _wholes(asked) & (_wholes(told) - _wholes(given)):
        return True
    news = words_of(told) - words_of(given)
    shared = news.intersection(words_of(asked))
    if not shared:
        return False
    if any(_is_name(word) for text in _texts(asked) for word in WORD.findall(text) if word.lower() in shared):
        return True
    if len(shared) >= HALF * len(words_of(asked) - words_of(given)):
        return True
    question = " ".join(_texts(asked)).lower()
    short = (text.strip().lower() for text in _texts(told) if SHORTEST_VALUE <= len(text) <= LONGEST_VALUE)
    return any(text in question and not shared.isdisjoint(WORD.findall(text)) for text in short if text)


def _wholes(value: Value) -> set[str]:
    """Short texts that are values of their own, such as `f2` or the name of a table."""
    return {text for text in _texts(value) if SHORTEST_WHOLE <= len(text) <= LONGEST_VALUE and not text.isdecimal()}


def words_of(*values: Value) -> frozenset[str]:
    """Words of three letters and more, and numbers, in small letters; of texts and of what is in records and lists, without the names of fields."""
    return frozenset(word for value in values for text in _texts(value) for word in WORD.findall(text.lower()))


def _is_name(word: str) -> bool:
    return word[0].isupper() or any(character.isdigit() for character in word)


def _texts(value: Value) -> Iterator[str]:
    pending: list[Value] = [value]
    left = MOST_CHARACTERS
    while pending and left > 0:
        item = pending.pop()
        if isinstance(item, dict):
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
        elif item is not None and not isinstance(item, bool):
            text = str(item)[:left]
            left -= len(text)
            yield text
