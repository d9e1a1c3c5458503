"""A tool that went well by its status, but whose result is nothing but the report of a failure."""

import ast
import re
from collections.abc import Iterator

import msgspec

from reev_flow.analysis.meaning import tool_names
from reev_flow.analysis.meaning.failure import TRACEBACK, without_stack
from reev_flow.trace.span import Value

LONGEST_REPORT = 600  # characters; longer texts are documents
LONGEST_WRAPPED = 5_000  # characters of JSON in a text, and of a text with a stack, that are looked into

SAYS_ERROR = re.compile(
    r"^\W*(?:fehler|erreur|erro|errore|fout|ошибка|エラー|错误|錯誤|오류)\s*[:\uff1a]"
    r"|^<(?:\w+_)?error>"
    r"|^\W*(?:tool|function|command|request|query|operation|execution|call)(?: \w+){0,2} failed\s*[:(]"
    r"|^\W*(?:(?:an )?(?!the )(?:\w+ )?(?:error|exception)(?: \d{1,5})?|[A-Za-z.]+(?:Error|Exception))\s*"
    r"(?:[:(\]]|[-\u2013\u2014] |(?:while|when|executing|calling|running|occurred)\b)"
    r"|^\W*failed to [a-z]+ "
    r"|^\W*(?:http(?:/[\d.]+)?(?: error)?[\s:]+)?(?:[45]\d\d)[\s:\-]+(?:bad|unauthori[sz]ed|forbidden|not found|conflict|gone|"
    r"unprocessable|too many|internal server|service|gateway)\b",
    re.IGNORECASE,
)

# What may stand around an error without being a result.
ENVELOPE = tool_names.vocabulary(
    "error errors err code status status_code statusCode http_status message detail details reason type title success ok isError is_error "
    "retry_after retryAfter content body headers request_id requestId timestamp path method instance error_code errorCode error_type errorType "
    "error_message errorMessage stackTrace stack trace traceback hint suggestion httpStatus httpStatusCode http_status_code"
)
SAYING = ("error", "errors", "err", "error_message", "errorMessage")
WORDS = (*SAYING, "message", "detail", "details", "reason", "body")
STATUSES = ("status", "status_code", "statusCode", "http_status", "httpStatus", "httpStatusCode", "http_status_code")
TELLS_OF_ERRORS = tool_names.vocabulary(
    "log logs error errors trace traces alert alerts incident incidents diff commit"
)
EMPTY: tuple[Value, ...] = (None, "", [], {})
FAILED_STATES = ("error", "failed", "failure")


def told_failure(tool: str, result: Value) -> str | None:
    """The report, None when the result is anything else. Silent about tools that hand on what others wrote or that watch something:
    with them, an error is what was asked for, unless the result is marked as a failure beside what it says, or names the tool itself.
    """
    result = _unwrapped(result)
    if isinstance(result, str):
        said = without_stack(result) if TRACEBACK in result[:LONGEST_REPORT] else result
        is_report = len(said) <= LONGEST_REPORT and (result.startswith(TRACEBACK) or SAYS_ERROR.search(said))
        report, is_marked = said if is_report else "", tool in said
    elif isinstance(result, dict):
        is_marked = _is_marked(result)
        report = ", ".join(_lines(result)) if is_marked or _is_failed(result) else ""
    else:
        return None
    if not report or (not is_marked and _was_asked_for(tool, result)):
        return None
    return report[:LONGEST_REPORT]


def _was_asked_for(tool: str, result: Value) -> bool:
    """Whether errors are among the things that the tool tells of. A record of anything else has more in it than an error."""
    if tool_names.watches(tool) or not TELLS_OF_ERRORS.isdisjoint(tool_names.words(tool)):
        return True
    is_bare = isinstance(result, dict) and any(_tells_an_error(result.get(key)) for key in SAYING)
    return tool_names.hands_on_texts(tool) and not is_bare


def _unwrapped(result: Value) -> Value:
    """What is said in JSON, or in the only part of a message in parts."""
    parts = result.get("content") if isinstance(result, dict) and result.keys() == {"content"} else result
    if isinstance(parts, list):
        only = parts[0] if len(parts) == 1 else None
        result = only.get("text") if isinstance(only, dict) and only.get("type") == "text" else None
    if isinstance(result, str) and result[:1] == "{" and len(result) <= LONGEST_WRAPPED:
        return _decoded(result)
    return result


def _decoded(text: str) -> Value:
    """From JSON, or as Python writes a dictionary; else as it is."""
    try:
        found: Value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        if text[1:2] != "'":
            return text
        try:
            found = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return text
    return found


def _is_marked(result: dict[str, Value]) -> bool:
    if result.get("isError") is True or result.get("is_error") is True:
        return True
    has_status = any(_is_error_status(result.get(key)) for key in STATUSES if key != "status")
    return (has_status or _says_no(result)) and _is_failed(result)


def _is_failed(result: dict[str, Value]) -> bool:
    """Whether it says so, and brings nothing beside."""
    if not result.keys() <= ENVELOPE and any(result[key] not in EMPTY for key in result.keys() - ENVELOPE):
        return False
    if result.get("success") is True or result.get("ok") is True:
        return False
    if any(_tells_an_error(result.get(key)) for key in SAYING) or _has_failed_state(result):
        return True
    has_words = any(isinstance(result.get(key), str) and result[key] for key in WORDS)
    return has_words and (_says_no(result) or any(_is_error_status(result.get(key)) for key in STATUSES))


def _has_failed_state(result: dict[str, Value]) -> bool:
    state = result.get("status")
    return isinstance(state, str) and state.lower() in FAILED_STATES


def _says_no(result: dict[str, Value]) -> bool:
    return result.get("success") is False or result.get("ok") is False


def _tells_an_error(value: Value) -> bool:
    """A number is a margin of error rather than an error, unless it is a status."""
    return _is_error_status(value) if isinstance(value, int | float) and value is not True else bool(value)


def _is_error_status(value: Value) -> bool:
    if isinstance(value, str):
        return len(value) == 3 and value.isdecimal() and value[0] in "45"
    return isinstance(value, int) and 400 <= value <= 599


def _lines(result: dict[str, Value]) -> Iterator[str]:
    """`key: words` for each scalar, at any depth, in order."""
    pending: list[tuple[str, Value]] = list(result.items())[::-1]
    while pending:
        key, value = pending.pop()
        if isinstance(value, dict):
            pending.extend(list(value.items())[::-1])
        elif isinstance(value, list):
            pending.extend((key, item) for item in reversed(value))
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            yield f"{key}: {value}"
