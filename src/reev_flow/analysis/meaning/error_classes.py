"""Which family an error belongs to, from its status code or its words."""

import re
from enum import StrEnum

from reev_flow.trace.semantics import HTTP_STATUS_NAMES
from reev_flow.trace.span import Span


class ErrorClass(StrEnum):
    """Families of errors that call for different answers."""

    RATE_LIMITED = "rate limited"
    ACCESS_REFUSED = "access refused"
    NOT_FOUND = "not found"
    TIMEOUT = "timed out"
    SERVICE_ERROR = "service error"


# What was asked for is not the reason for these: asking for something else leaves the first question open.
TRANSIENT = frozenset({ErrorClass.RATE_LIMITED, ErrorClass.SERVICE_ERROR})

READ_CHARACTERS = 1_000  # an error says what it is at its start; further on it quotes what it was given
URL = re.compile(r"\b[a-z][a-z+]{1,9}://[^\s'\"<>)]+", re.IGNORECASE)

# Complaints about arguments and about the program itself quote words that are not theirs.
ABOUT_SOMETHING_ELSE = re.compile(
    r"validation ?errors?\b|substring not found|\b(?:AssertionError|SyntaxError|NameError|AttributeError|KeyError|IndexError|ImportError|"
    r"ModuleNotFoundError|JSONDecodeError|ParseError)\b",
    re.IGNORECASE,
)

# A code counts as one only where the words around it say so: "HTTP 404", "status_code=404", "Error code: 404", "404: gone", not "room
# 404" and not "404 of 1,000 rows".
_CODE = (
    r"(?:\bhttp(?:/[\d.]+)?|\b(?:http_?)?status(?:_?code)?|\b(?:error_?|response_?|status )?code|\berror|\bresponse)"
    r"[\s:=#_\-'\"(\[]*(?:{codes})\b(?!\s*(?:ms|s|sec|seconds|items|rows|records|bytes)\b)"
    r"|^\W*(?:{codes})\s*(?:$|[:,;\-]|(?:client |server )?error\b)"
)


def _pattern(codes: str, words: str) -> re.Pattern[str]:
    return re.compile(f"{_CODE.replace('{codes}', codes)}|{words}", re.IGNORECASE)


# Asked in this order: a gateway timeout is a timeout before it is a service error, a refused quota is a limit before it is a refusal.
PATTERNS = (
    (
        ErrorClass.RATE_LIMITED,
        _pattern(
            "429",
            r"rate[\s_-]?limit(?!\w*\s*(?:must|should|parameter|setting|=))|too[\s_-]?many[\s_-]?requests|throttl(?:ed|ing)|(?<!disk )\bquota\b.{0,30}\bexceeded|"
            r"exceeded\b.{0,30}(?<!disk )\bquota|insufficient_quota|throughput ?exceeded|request ?limit ?exceeded|\bslow ?down\b(?=\W*(?:$|:))|resource[\s_]?exhausted|(?:tokens|requests) per (?:min|day|sec)",
        ),
    ),
    (
        ErrorClass.TIMEOUT,
        _pattern(
            "408|504",
            r"\btime[sd][\s_-]?out\b|\btime-?out (?:error|exceeded|expired|reached|waiting|while|after|occurred)|"
            r"\btimeout\b.{0,20}\bexceeded|(?:read|connect|request|gateway|pool|operation|call|tool)[\s_]?time-?out(?:error|exception)?\b(?!\s*[=:])|"
            r"(?<!=)\b\w{0,40}time-?out(?:error|exception|expired)\b|_timed_out\b|"
            r"^\W*time-?out\b(?!\s*=)(?!\s+(?:must|should|is|value))|"
            r"\b(?:statement|lock|idle|query|command|socket)[\s_-]?timeout\b(?!\s*[=:])|\be(?:socket)?timedout\b|deadline[\s_]?exceeded|took too long",
        ),
    ),
    (
        ErrorClass.ACCESS_REFUSED,
        _pattern(
            "401|403",
            r"\bunauthori[sz]ed|\bunauthenticated|\bforbidden(?:error|exception)?\b(?=\s*(?:$|[:.,;!'\")\]]|for\b|by\b|to\b))|"
            r"permission[\s_]?(?:denied|error)|access[\s_]?(?:is |was )?denied|not authori[sz]ed|"
            r"(?:invalid|incorrect|missing|expired|revoked)[\s_](?:x-)?(?:api[\s_-]?key|(?:access|auth|bearer|refresh|id|session|security)[\s_-]?token|credentials?)\b|"
            r"\binvalid_token\b|\b(?:expired|revoked) token\b|"
            r"authentication[\s_]?(?:error|failed|required)|token (?:has |is |was )?(?:been )?(?:expired|revoked|invalid)\b|insufficient[\s_](?:permissions?|scope|privileges?)|"
            r"\binvalid_grant\b|\be(?:acces|perm)\b|operation not permitted|\b(?:noauth|noperm|wrongpass)\b|\bexpired ?token|signature ?does ?not ?match|"
            r"invalid ?(?:access ?key ?id|client ?token ?id)|unrecognized ?client|login failed for user|credentials (?:were|was|are) not (?:provided|found|valid)|"
            r"(?:could not|unable to) (?:find|locate|load) (?:\w+ )?credentials",
        ),
    ),
    (
        ErrorClass.NOT_FOUND,
        _pattern(
            "404|410",
            r"(?<!\be)not[\s_-]?found|no such (?:file|table|key|bucket|entity|column|host|document|resource|tool)|does(?: not|n['\u2019]t) exist|\bno ?such(?:key|bucket|entity|table|file)\w*\b|\benoent\b|\bundefined(?:table|column)\b",
        ),
    ),
    (
        ErrorClass.SERVICE_ERROR,
        _pattern(
            "500|502|503|529",
            r"internal[\s_]?server[\s_]?error|bad gateway|service[\s_]?(?:is )?(?:temporarily |currently )?unavailable|\boverloaded(?:_error)?\b|"
            r"upstream connect|connect(?:ion)?[\s_]?(?:refused|reset|aborted|error|closed)|server disconnected|econn(?:refused|reset)|"
            r"temporarily unavailable|all connection attempts failed|\bstatuscode\.unavailable\b|^\W*unavailable:|failed to connect to\b|"
            r"closed the connection|connection (?:was )?closed unexpectedly|remote ?(?:end closed|disconnected)|\b(?:remote)?protocol ?error\b|server ?disconnected|"
            r"connection (?:was )?(?:lost|dropped|terminated|forcibly closed|broken)|lost connection to|peer closed connection|broken ?pipe|socket hang up|^\W*(?:typeerror: )?fetch failed|"
            r"eof occurred in violation|\bincomplete ?read\b|chunked ?encoding ?error|client ?payload ?error|"
            r"name ?resolution|name or service not known|nodename nor servname|getaddrinfo|\bgaierror\b|could not resolve host|\benotfound\b|\beai_again\b|"
            r"no route to host|(?:network|host) is (?:unreachable|down)|\be(?:conn(?:aborted)|pipe|hostunreach|netunreach|hostdown)\b|"
            r"max retries exceeded with url|failed to establish a new connection|could not connect to|cannot connect to|"
            r"(?:client|api|endpoint|new)?connect(?:ion|or)?error\b|\b(?:network|proxy)error\b|\bhttp(?:x|core)\.(?:read|write|close)error\b|\bno ?brokers ?available\b|"
            r"has gone away\b|\bautoreconnect\b|\bnotprimary\w*|too many (?:clients|connections)\b|\bbusyloading\w*",
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


def by_status_code(span: Span) -> ErrorClass | None:
    """By the HTTP status the span recorded, if it recorded one that means an error."""
    for name in HTTP_STATUS_NAMES:
        status = span.attributes.get(name)
        if isinstance(status, str) and status.isdecimal() and len(status) == 3:
            status = int(status)
        if isinstance(status, int) and not isinstance(status, bool):
            return BY_STATUS.get(status) or (ErrorClass.SERVICE_ERROR if 500 <= status <= 599 else None)
    return None


def by_words(text: str) -> ErrorClass | None:
    """By what an error message says in its first 1,000 characters, addresses aside."""
    said = URL.sub(" ", text[:READ_CHARACTERS])
    if ABOUT_SOMETHING_ELSE.search(said[:200]):
        return None
    return next((error for error, pattern in PATTERNS if pattern.search(said)), None)
