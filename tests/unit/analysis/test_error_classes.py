"""Which family an error belongs to, from its status code or its words."""

import pytest

from reev_flow.analysis.meaning.error_classes import ErrorClass, by_status_code, by_words
from reev_flow.trace.span import Span, Value

RATE_LIMITED, REFUSED, NOT_FOUND, TIMEOUT, SERVICE = (
    ErrorClass.RATE_LIMITED,
    ErrorClass.ACCESS_REFUSED,
    ErrorClass.NOT_FOUND,
    ErrorClass.TIMEOUT,
    ErrorClass.SERVICE_ERROR,
)


@pytest.mark.parametrize(
    ("words", "error_class"),
    [
        ("Error code: 429 - {'error': {'message': 'Rate limit reached for gpt-4o'}}", RATE_LIMITED),
        ("openai.RateLimitError", RATE_LIMITED),
        ("429 Too Many Requests", RATE_LIMITED),
        ("SlowDown: Please reduce your request rate", RATE_LIMITED),
        ("google.auth.exceptions.RefreshError: invalid_grant: Token has been expired or revoked.", REFUSED),
        ("Error: EACCES: permission denied, open '/etc/app.conf'", REFUSED),
        ("NOAUTH Authentication required.", REFUSED),
        ("SignatureDoesNotMatch", REFUSED),
        ("botocore.exceptions.NoCredentialsError: Unable to locate credentials", REFUSED),
        ("ENOENT: cannot stat 'a.txt'", NOT_FOUND),
        ("UndefinedTable", NOT_FOUND),
        ("openai.APITimeoutError", TIMEOUT),
        ("aiohttp.ServerTimeoutError", TIMEOUT),
        ("pymongo.errors.ServerSelectionTimeoutError: no primary", TIMEOUT),
        ("net::ERR_TIMED_OUT", TIMEOUT),
        ("http.client.RemoteDisconnected", SERVICE),
        ("Remote end closed connection without response", SERVICE),
        ("httpx.RemoteProtocolError", SERVICE),
        ("httpx.ReadError", SERVICE),
        ("aiohttp.ClientConnectorError", SERVICE),
        ("TypeError: fetch failed", SERVICE),
        ("socket hang up", SERVICE),
        ("[Errno -2] Name or service not known", SERVICE),
        ("getaddrinfo ENOTFOUND api.example.com", SERVICE),
        ("BrokenPipeError: [Errno 32] Broken pipe", SERVICE),
        ("OSError: [Errno 113] No route to host", SERVICE),
        ("Max retries exceeded with url: /v1 (Caused by NewConnectionError)", SERVICE),
        ("(2013, 'Lost connection to MySQL server during query')", SERVICE),
        ("FATAL: sorry, too many clients already", SERVICE),
        ("kafka.errors.NoBrokersAvailable", SERVICE),
        ("HTTP 429", RATE_LIMITED),
        ("HTTP/1.1 429", RATE_LIMITED),
        ("status_code=429", RATE_LIMITED),
        ("botocore: ThrottlingException: Rate exceeded", RATE_LIMITED),
        ("You exceeded your current quota, please check your plan", RATE_LIMITED),
        ("429 RESOURCE_EXHAUSTED", RATE_LIMITED),
        ("Client error '401 Unauthorized' for url 'https://api.example.com/v1'", REFUSED),
        ("Incorrect API key provided: sk-***", REFUSED),
        ("authentication_error: invalid x-api-key", REFUSED),
        ("PermissionError: [Errno 13] Permission denied: '/etc/shadow'", REFUSED),
        ("403 Forbidden", REFUSED),
        ("Access is denied", REFUSED),
        ("The token has expired", REFUSED),
        ("invalid_token: the signature does not match", REFUSED),
        ("Invalid access token", REFUSED),
        ("canceling statement due to statement timeout", TIMEOUT),
        ("connect ETIMEDOUT 10.0.0.7:443", TIMEOUT),
        ("StatusCode.UNAVAILABLE: failed to connect to all addresses", SERVICE),
        ("server closed the connection unexpectedly", SERVICE),
        ("404 Not Found", NOT_FOUND),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'a.txt'", NOT_FOUND),
        ("The model `gpt-9` does not exist", NOT_FOUND),
        ("NoSuchKey: no such key", NOT_FOUND),
        ("statusCode: 404", NOT_FOUND),
        ("httpx.ReadTimeout", TIMEOUT),
        ("ReadTimeout('timed out')", TIMEOUT),
        ("Timeout 30000ms exceeded.", TIMEOUT),
        ("TimeoutError", TIMEOUT),
        ("504 Gateway Timeout", TIMEOUT),
        ("context deadline exceeded", TIMEOUT),
        ("Request timed out.", TIMEOUT),
        ("timeout", TIMEOUT),
        ("500 Internal Server Error", SERVICE),
        ("503 Service Unavailable", SERVICE),
        ("Error code: 529 - overloaded_error", SERVICE),
        ("ConnectionRefusedError: [Errno 111] Connection refused", SERVICE),
        ("connect ECONNREFUSED 127.0.0.1:5432", SERVICE),
        ("All connection attempts failed", SERVICE),
        ("Server disconnected without sending a response.", SERVICE),
    ],
)
def test_an_error_is_told_by_its_words(words: str, error_class: ErrorClass):
    assert by_words(words) is error_class


@pytest.mark.parametrize(
    "words",
    [
        "room 404 is closed",
        "404 of 1,000 rows could not be read",
        "500 items failed to import",
        "ValueError: timeout must be positive",
        "ValueError: bad date (timeout=30)",
        "response 500 ms after the deadline",
        "forbidden characters in the name",
        "KeyError: 'not_found_handler'",
        "AssertionError: expected 'not found', got 'done'",
        "ModuleNotFoundError: No module named 'pandas'",
        "1 validation error for search\nquery\n  input_value='how to handle rate limit errors'",
        "could not parse https://example.com/errors/429/too-many-requests",
        "maximum context length is 128000 tokens",
        "ParseError: not well-formed (invalid token): line 1, column 2",
        "Unexpected or invalid token in JSON at position 4",
        "ValueError: rate_limit must be positive",
        "ValueError: substring not found",
        "Disk quota exceeded",
        "division by zero",
        "",
        "tarfile.ReadError: not a gzip file",
        "unexpected EOF while parsing",
        "git fetch failed for a reason of its own",
        "the timeout_error column is empty",
    ],
)
def test_words_that_only_look_like_an_error_of_a_family_are_none(words: str):
    assert by_words(words) is None


def test_a_refused_connection_with_a_limit_on_time_is_no_timeout():
    assert by_words("Connection refused (timeout=30)") is SERVICE


def test_what_an_error_quotes_far_from_its_start_does_not_count():
    assert by_words("could not parse the document: " + "lorem ipsum " * 100 + "429 Too Many Requests") is None


@pytest.mark.parametrize(
    ("status", "error_class"),
    [
        (429, RATE_LIMITED),
        ("429", RATE_LIMITED),
        (401, REFUSED),
        (403, REFUSED),
        (404, NOT_FOUND),
        (410, NOT_FOUND),
        (408, TIMEOUT),
        (504, TIMEOUT),
        (500, SERVICE),
        (599, SERVICE),
        (400, None),
        (200, None),
        (True, None),
        ("a lot", None),
        (None, None),
    ],
)
def test_an_error_is_told_by_its_status_code(status: Value, error_class: ErrorClass | None):
    span = Span(trace_id="t", span_id="s", start_ns=1, end_ns=2, attributes={"http.response.status_code": status})
    assert by_status_code(span) is error_class


def test_the_older_name_of_the_status_code_counts_too():
    span = Span(trace_id="t", span_id="s", start_ns=1, end_ns=2, attributes={"http.status_code": 503})
    assert by_status_code(span) is SERVICE
