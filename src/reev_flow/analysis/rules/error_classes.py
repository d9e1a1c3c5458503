"""Which family an error belongs to, from its status code or its words."""

import re
from collections.abc import Iterable
from enum import StrEnum

from reev_flow.analysis.failure import failure_words
from reev_flow.trace.semantics import HTTP_STATUS_NAMES
from reev_flow.trace.span import Span


class ErrorClass(StrEnum):
    """Families of errors that call for different answers."""

    RATE_LIMITED = "rate limited"
    ACCESS_REFUSED = "access refused"
    NOT_FOUND = "not found"
    TIMEOUT = "timed out"
    SERVICE_ERROR = "service error"


# A code counts as one only where the words around it say so: "404 Not Found", "status 404", "(HTTP 404)", not "room 404".
_CODE = r"(?:(?:\b(?:http|status|code|error|errno|response)\b[\s:=#/_\-]*(?:code\b)?[\s:=#\-'\"]*){code}\b|^\W*{code}\b)"


def _pattern(codes: str, words: str) -> re.Pattern[str]:
    return re.compile(rf"{_CODE.replace('{code}', f'(?:{codes})')}|{words}", re.IGNORECASE)


# Asked in this order: a gateway timeout is a timeout before it is a service error, a refused quota is a limit before it is a refusal.
PATTERNS = (
    (
        ErrorClass.RATE_LIMITED,
        _pattern(
            "429",
            r"rate[\s_-]?limit|too[\s_-]?many[\s_-]?requests|throttl|quota\b.{0,30}\bexceeded|exceeded\b.{0,30}\bquota|"
            r"insufficient_quota|resource[\s_]?exhausted|tokens per min|requests per min",
        ),
    ),
    (
        ErrorClass.TIMEOUT,
        _pattern("408|504", r"time[sd]?[\s_-]?out|timeout|deadline[\s_]?exceeded|took too long"),
    ),
    (
        ErrorClass.ACCESS_REFUSED,
        _pattern(
            "401|403",
            r"unauthori[sz]ed|unauthenticated|forbidden|permission[\s_]?(?:denied|error)|access[\s_]?(?:is )?denied|not authori[sz]ed|"
            r"(?:invalid|incorrect|missing|expired|revoked)[\s_](?:api[\s_-]?key|token|credentials?)|authentication\s?(?:error|failed|required)|"
            r"token (?:has |is )?(?:expired|invalid|revoked)|insufficient[\s_](?:permissions?|scope)",
        ),
    ),
    (
        ErrorClass.NOT_FOUND,
        _pattern(
            "404|410",
            r"not[\s_-]?found|no such (?:file|table|key|bucket|entity|column|host|document|resource)|does ?n[o'’]t exist|does not exist",
        ),
    ),
    (
        ErrorClass.SERVICE_ERROR,
        _pattern(
            "500|502|503|529",
            r"internal[\s_]?server[\s_]?error|bad gateway|service[\s_]?(?:is )?(?:temporarily )?unavailable|overloaded|upstream connect|"
            r"connection[\s_]?(?:refused|reset|aborted|error|closed)|server disconnected|econn(?:refused|reset)|temporarily unavailable",
        ),
    ),
)

BY_STATUS = {
    401: ErrorClass.ACCESS_REFUSED,
    403: ErrorClass.ACCESS_REFUSED,
    404: ErrorClass.NOT_FOUND,
    408: ErrorClass.TIMEOUT,
    410: ErrorClass.NOT_FOUND,
    429: ErrorClass.RATE_LIMITED,
    504: ErrorClass.TIMEOUT,
}


def classify(spans: Iterable[Span]) -> ErrorClass | None:
    """The class of one failure that these spans tell of, the outermost first. A status code decides before words do."""
    told = list(spans)
    by_status = (by_status_code(span) for span in told)
    found = next((error for error in by_status if error), None)
    if found:
        return found
    words = [text for span in told for text in failure_words(span)]
    return next((error for text in words if (error := by_words(text))), None)


def by_status_code(span: Span) -> ErrorClass | None:
    """By the HTTP status the span recorded, if it recorded one that means an error."""
    for name in HTTP_STATUS_NAMES:
        status = span.attributes.get(name)
        if isinstance(status, str) and status.isdigit():
            status = int(status)
        if isinstance(status, int) and not isinstance(status, bool):
            return BY_STATUS.get(status) or (ErrorClass.SERVICE_ERROR if 500 <= status <= 599 else None)
    return None


def by_words(text: str) -> ErrorClass | None:
    """By what an error message says; its first 2,000 characters are read."""
    return next((error for error, pattern in PATTERNS if pattern.search(text[:2_000])), None)
