"""JSON text that breaks off in the middle, because somebody limits the length of attributes: what is left of it."""

import re
from enum import Enum, auto

from reev_flow.collect.json_text import SCANNER, UNREADABLE, InvalidJson, read_json_text
from reev_flow.trace.span import Value

ELLIPSIS = "…"  # ends a string that was cut
TOKEN = re.compile(
    r"""\s*(?:
        (?P<open>[{\[])
        | (?P<close>[}\]])
        | (?P<between>[:,])
        | "(?P<text>(?:[^"\\]|\\.)*+)(?P<quote>"?)
        | (?P<number>-?\d[\d.eE+-]*)
        | (?P<word>true|false|null|NaN|-?Infinity)
        | (?P<torn>(?:-|-?[a-zA-Z]{1,8})\Z)
    )""",
    re.VERBOSE | re.DOTALL,
)
TORN_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*(\\u[0-9a-fA-F]{0,3})\Z")
# Some senders say that they cut: "… (12 more characters)", "<truncated due to size exceeding limit>", "[truncated]".
TOLD = re.compile(
    r"(?:…|\.\.\.)?\s*[(<\[](?:\.\.\.\s*)?(?:[\d,]+ more (?:characters|chars|bytes)|truncated[\w ]{0,60})[)>\]]\s*\Z",
    re.IGNORECASE,
)
LONGEST_TOLD = 120
MOST_READ_TO_SEE = 100_000  # longer text is not read to see whether it was cut; nearly all cuts show at the end
CLOSERS = {"{": "}", "[": "]"}
ENDS_OF_TOLD = frozenset(")>] \n")


class Next(Enum):
    """What may come next."""

    VALUE = auto()
    KEY = auto()
    FIRST = auto()  # a key or a value, or the end of an empty container
    COLON = auto()
    COMMA = auto()  # or the end of the container


def is_cut(text: str) -> bool:
    """Whether this is JSON text without its end, or text that says that it was cut."""
    if text[-1:] in ENDS_OF_TOLD and _told(text):
        return True
    return text[:1] in CLOSERS and _may_be_cut(text) and _closed_again(text) is not None


def read_cut_json(text: str) -> Value:
    """The fields and entries that are whole, and the beginning of a string that was cut, marked by `…`; None for what is no such text."""
    told = _told(text)
    closed = _closed_again(text[: told.start()] if told else text)
    if closed is None:
        return None
    try:
        whole: Value = read_json_text(closed)
    except InvalidJson:
        return None
    return whole


def _told(text: str) -> re.Match[str] | None:
    ending = text[-LONGEST_TOLD:].lower()
    if " more " not in ending and "truncated" not in ending:  # nearly all texts; so they need no search
        return None
    return TOLD.search(text, max(0, len(text) - LONGEST_TOLD))


def _may_be_cut(text: str) -> bool:
    if text[-1] not in "}] \n":
        return True
    return len(text) <= MOST_READ_TO_SEE and not _reads_as_json(text)


def _reads_as_json(text: str) -> bool:
    """Nearly all texts do, and to check that takes less time than to look for what is missing."""
    try:
        SCANNER.decode(text)
    except (*UNREADABLE, UnicodeEncodeError):
        return False
    return True


def _closed_again(text: str) -> str | None:
    """The text up to its last whole value, closed. None when nothing is missing, or when it is not JSON anyway."""
    text = text.rstrip()
    prefix = _Prefix(text)
    position = 0
    while found := TOKEN.match(text, position):
        if found.end() == position or not prefix.take(found):
            break
        position = found.end()
    is_over = position == len(text) or prefix.is_in_string
    return prefix.closed() if is_over and prefix.is_open else None


class _Prefix:
    """The part of a JSON text that was read, and where its last whole value ended."""

    def __init__(self, text: str) -> None:
        self.is_in_string = False
        self._text = text
        self._closers: list[str] = []
        self._next = Next.VALUE
        self._whole_until = 0
        self._whole_depth = 0
        self._ending = ""

    @property
    def is_open(self) -> bool:
        return bool(self._closers)

    def closed(self) -> str:
        return self._text[: self._whole_until] + self._ending + "".join(reversed(self._closers[: self._whole_depth]))

    def take(self, found: re.Match[str]) -> bool:
        """False when the token cannot stand here."""
        match found.lastgroup:
            case "open":
                return self._open(found)
            case "close":
                return self._close(found)
            case "between":
                return self._go_on(found["between"])
            case "quote":
                return self._take_string(found)
        return self._take_scalar(found)

    def _open(self, found: re.Match[str]) -> bool:
        if not self._takes_value():
            return False
        self._closers.append(CLOSERS[found["open"]])
        self._next = Next.FIRST
        if len(self._closers) == 1:
            self._keep(found.end())
        return True

    def _close(self, found: re.Match[str]) -> bool:
        if self._next not in {Next.FIRST, Next.COMMA} or self._closers[-1:] != [found["close"]]:
            return False
        self._closers.pop()
        self._value_is_over(found)
        return True

    def _go_on(self, between: str) -> bool:
        if between == ":":
            allowed, self._next = self._next is Next.COLON, Next.VALUE
            return allowed
        allowed, self._next = self._next is Next.COMMA, Next.KEY if self._is_object() else Next.VALUE
        return allowed and self.is_open

    def _take_string(self, found: re.Match[str]) -> bool:
        is_key = self._next is Next.KEY or (self._next is Next.FIRST and self._is_object())
        if not is_key and not self._takes_value():
            return False
        if not found["quote"]:
            self.is_in_string = True
            if not is_key:
                self._keep(found.start("text") + len(_mended(found["text"])), ending=f'{ELLIPSIS}"')
        elif is_key:
            self._next = Next.COLON
        else:
            self._value_is_over(found)
        return True

    def _take_scalar(self, found: re.Match[str]) -> bool:
        """A number at the very end may lack digits."""
        if not self._takes_value():
            return False
        self._next = Next.COMMA
        if found["word"] or (found["number"] and found.end() < len(self._text)):
            self._value_is_over(found)
        return True

    def _value_is_over(self, found: re.Match[str]) -> None:
        self._next = Next.COMMA
        self._keep(found.end())

    def _keep(self, until: int, ending: str = "") -> None:
        self._whole_until, self._whole_depth, self._ending = until, len(self._closers), ending

    def _takes_value(self) -> bool:
        return self._next is Next.VALUE or (self._next is Next.FIRST and not self._is_object())

    def _is_object(self) -> bool:
        return self._closers[-1:] == ["}"]


def _mended(text: str) -> str:
    """Without half of an escape at the end."""
    torn = TORN_ESCAPE.search(text, max(0, len(text) - 16))
    return text[: torn.start(1)] if torn else text
