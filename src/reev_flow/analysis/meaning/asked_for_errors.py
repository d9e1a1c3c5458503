"""Whether errors are what a tool was asked for, or may stand in what it was asked for."""

import re
from collections.abc import Iterator, Sequence

import msgspec

from reev_flow.analysis.meaning import tool_names
from reev_flow.analysis.meaning.error_classes import ErrorClass, by_words
from reev_flow.trace.span import Value

TELLS_OF_ERRORS = tool_names.vocabulary("log logs error errors trace traces alert alerts incident incidents")
TESTS = tool_names.vocabulary("test tests debug diagnose diagnostics")  # of other sides too
CHECKS = tool_names.vocabulary(
    "validate validation validator lint linter verify verification compile typecheck syntax grammar spelling"
)
WRITTEN_BY_PEOPLE = tool_names.vocabulary("issue issues ticket tickets mail email message messages")
NOT_BY_WHAT_IS_CHECKED = (ErrorClass.RATE_LIMITED, ErrorClass.SERVICE_ERROR)

ASKS_ABOUT_TROUBLE = re.compile(
    r"error|exception|fail(?:s|ed|ing|ure)|fault|crash|traceback|stack ?trace|time-?out|timed out|denied|refused|forbidden|unauthori[sz]ed|unavailable|"
    r"unable to|cannot|can['\u2019]t|won['\u2019]t|not work|\bbugs?\b|\blogs?\b|troubleshoot|\b[45]\d\d\b|rate limit|fehler|erreur|ошибк|错误|エラー",
    re.IGNORECASE,
)
PATH = re.compile(r"[^\s:]*[\\/][^\s:]*|[\w.-]+\.[a-z]{1,5}|file:\S+", re.IGNORECASE)
AT_A_FILE = re.compile(
    r"\be(?:noent|acces|isdir|perm)\b|no such file|(?:file|path|directory|folder)\b.{0,120}\b(?:not found|does not exist|outside|not allowed|too large)|"
    r"(?:not found|does not exist|permission denied|is a directory|cannot (?:open|read))",
    re.IGNORECASE | re.DOTALL,
)
WORD = re.compile(r"[^\W\d_]{4,}|\d{3,}")
SAY_NOTHING = frozenset({"error", "errors", "failed", "exception", "with", "from", "when", "that", "this", "http"})
MOST_CHARACTERS, MOST_VALUES = 2_000, 40  # of the arguments


def may_be_a_result(tool: str, arguments: Value, report: str, *, is_line: bool = True) -> bool:
    """Whether what reads as a report may have been found instead. Without arguments nobody knows what was asked for. People write more than
    a line, and of what they have seen.
    """
    if tells_of_errors(tool) or was_checked(tool, report):
        return True
    if tool_names.acts(tool):
        return False
    asked = list(asked_texts(arguments))
    asks_about_trouble = any(map(ASKS_ABOUT_TROUBLE.search, asked))
    if not tool_names.hands_on_texts(tool):
        return asks_about_trouble and _shares_a_word(asked, report)
    if arguments is None or asks_about_trouble:
        return True
    return _may_be_read(tool_names.words(tool), asked, report, is_line=is_line)


def _may_be_read(said: Sequence[str], asked: Sequence[str], report: str, *, is_line: bool) -> bool:
    """Whether it may stand in what somebody wrote. A file's content speaks neither of its own path nor of the want of a file."""
    if not WRITTEN_BY_PEOPLE.isdisjoint(said):
        return by_words(report) is None or not is_line
    if "grep" in said:
        return any(one in report for one in asked)
    paths = [one for one in asked if PATH.fullmatch(one)]
    return bool(paths) and not any(one in report for one in paths) and AT_A_FILE.search(report) is None


def tells_of_errors(tool: str) -> bool:
    """By its name. What acts tells of what it did; opening something is a way to read it."""
    said = tool_names.words(tool)
    return not TELLS_OF_ERRORS.isdisjoint(said) and ("open" in said or not tool_names.acts(tool))


def was_checked(tool: str, report: str) -> bool:
    """Whether an error is what a check looked for and found, rather than what kept it from looking."""
    said = tool_names.words(tool)
    if tool_names.acts(tool):
        return False
    if not TESTS.isdisjoint(said) and not tool_names.reads(tool):
        return True
    return not CHECKS.isdisjoint(said) and by_words(report) not in NOT_BY_WHAT_IS_CHECKED


def asked_texts(arguments: Value) -> Iterator[str]:
    """The texts and numbers among the arguments, at any depth, as far as they are read."""
    pending, left, seen = [_decoded(arguments)], MOST_CHARACTERS, 0
    while pending and left > 0 and seen < MOST_VALUES:
        value = pending.pop()
        if isinstance(value, dict):
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            text = str(value)[:left]
            left, seen = left - len(text), seen + 1
            yield text


def _decoded(arguments: Value) -> Value:
    if not isinstance(arguments, str) or not arguments.startswith("{"):
        return arguments
    try:
        found: Value = msgspec.json.decode(arguments)
    except msgspec.DecodeError:
        return arguments
    return found


def _shares_a_word(asked: Sequence[str], report: str) -> bool:
    said = {word.lower() for word in WORD.findall(report)} - SAY_NOTHING
    return any(word.lower() in said for text in asked for word in WORD.findall(text))
