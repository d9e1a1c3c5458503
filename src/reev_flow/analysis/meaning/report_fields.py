"""Whether a dictionary is nothing but the report of a failure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache

from reev_flow.analysis.meaning.asked_for_errors import asked_texts
from reev_flow.analysis.meaning.report_words import SAYS_IT_PLAINLY
from reev_flow.analysis.meaning.tool_names import vocabulary
from reev_flow.trace.span import Value

# All keys in small letters and digits: errorMessage, error_message and "Error Message" are one.
NO_LETTER = re.compile(r"[^a-z0-9]+")
SAYING = vocabulary(
    "error errors err errormessage errormessages errormsg errmsg errordescription errordetails exception exceptionmessage fault errorstring"
)
WORDS = SAYING | vocabulary("message msg detail details reason body")
HTTP_STATUSES = vocabulary("statuscode httpstatus httpstatuscode httpcode")
STATES = vocabulary("status state result outcome response")
AGREEING = vocabulary("success ok succeeded successful issuccess")
SAID_BY_TYPE = vocabulary("value text errorcode")  # where a type or a name says that it is an error
COUNTS = vocabulary("count total totalcount found size length hits matches")
SIGNS = WORDS | HTTP_STATUSES | STATES | AGREEING | vocabulary("iserror type name code cod")
# What may stand around an error without being a result.
ENVELOPE = (
    WORDS
    | HTTP_STATUSES
    | AGREEING
    | vocabulary(
        "status code cod statustext reason type title name iserror haserror failed retryafter retryable content headers requestid correlationid "
        "traceid timestamp path method instance url endpoint errorcode errcode errortype exceptiontype errorname stacktrace stack trace traceback "
        "cause hint hints suggestion suggestions help documentationurl moreinfo tool toolname function toolcallid tooluseid callid attempts input arguments args kwargs query params "
        "request"
    )
)
FAILED_STATES = vocabulary("error failed failure fail exception errored")
NO_ERROR = frozenset(
    {"", "none", "null", "false", "no", "ok", "success", "n/a", "nil", "undefined", "no error", "no errors"}
)
NUMBER = re.compile(r"[-+]?\d[\d.,]*\s*%?")
MOST_FIELDS = 24  # of a report
LONGEST_PHRASE = 80  # characters of a message that has nothing beside it
DEEPEST = 4  # levels looked into for something that is not empty


@lru_cache(maxsize=4_096)
def plain(key: str) -> str:
    return NO_LETTER.sub("", key.lower())


class Fields:
    """What a dictionary says of a failure. What was echoed of the question brings nothing."""

    def __init__(self, result: Mapping[str, Value], arguments: Value = None) -> None:
        self._fields = {plain(key): value for key, value in result.items()}
        self._arguments = arguments

    def may_tell(self) -> bool:
        """Whether any field is one in which failures are told, as most results have none of, and none says that all went well."""
        return not SIGNS.isdisjoint(self._fields) and (not self._agrees() or self._fields.get("iserror") is True)

    def is_marked(self) -> bool:
        """Whether it is marked as a failure beside what it says."""
        if self._fields.get("iserror") is True or (self._fields.get("type") == "tool" and self._has_failed_state()):
            return True
        has_status = any(map(is_error_status, self._among(HTTP_STATUSES)))
        return (has_status or self._says_no()) and self.is_report()

    def is_marked_by_a_protocol(self) -> bool:
        """Not by what a check found."""
        return self._fields.get("iserror") is True or any(
            is_error_status(self._fields.get(key)) for key in HTTP_STATUSES
        )

    def is_bare(self) -> bool:
        """Whether it speaks of an error rather than of the state of something."""
        return any(map(tells_an_error, self._among(SAYING))) or self._fields.get("status") == "error"

    def is_report(self) -> bool:
        """Whether it tells of a failure, and brings nothing beside."""
        if len(self._fields) > MOST_FIELDS or not self._tells() or self._agrees():
            return False
        return not self._brings_something()

    def only_says_no(self) -> bool:
        """`{"ok": false}`, with neither words nor anything else in it."""
        beside = (value for key, value in self._fields.items() if key not in AGREEING)
        return self._says_no() and not self._agrees() and all(map(is_empty, beside))

    def _tells(self) -> bool:
        if any(map(tells_an_error, self._among(SAYING))) or self._has_failed_state():
            return True
        return self._has_words() and (self._says_no() or self._has_failed_code() or self._is_a_phrase())

    def _among(self, keys: frozenset[str]) -> list[Value]:
        return [self._fields[key] for key in self._fields.keys() & keys]

    def _brings_something(self) -> bool:
        beside = [value for key, value in self._fields.items() if self._is_news(key, value)]
        if not beside:
            return False
        says_why = self._says_no() and any(map(tells_an_error, self._among(SAYING)))
        return not says_why or any(isinstance(value, dict | list | bool) for value in beside)

    def _is_news(self, key: str, value: Value) -> bool:
        if key in ENVELOPE or is_empty(value) or (key in COUNTS and value == 0):
            return False
        if key in STATES and isinstance(value, str) and value.lower() in {*FAILED_STATES, "false"}:
            return False
        if key in SAID_BY_TYPE and self._is_named_error():
            return False
        return not (isinstance(value, str) and value in self._echoed)

    @cached_property
    def _echoed(self) -> frozenset[str]:
        return frozenset(asked_texts(self._arguments))

    def _agrees(self) -> bool:
        return any(value is True for value in self._among(AGREEING))

    def _says_no(self) -> bool:
        return any(value is False for value in self._among(AGREEING))

    def _has_words(self) -> bool:
        return any(isinstance(value, str) and value for value in self._among(WORDS))

    def _has_failed_state(self) -> bool:
        states = self._among(STATES)
        has_failed = any(isinstance(state, str) and state.lower() in FAILED_STATES for state in states)
        return has_failed or self._is_named_error()

    def _is_named_error(self) -> bool:
        """`{"type": "error-text", …}`, `{"name": "AxiosError", …}`."""
        names = [name.lower() for key in ("type", "name") if isinstance(name := self._fields.get(key), str)]
        is_named = any(name.startswith(("error-", "error_")) or name.endswith("error") for name in names)
        return is_named and any(isinstance(self._fields.get(key), str) for key in WORDS | SAID_BY_TYPE)

    def _has_failed_code(self) -> bool:
        if any(is_error_status(self._fields.get(key)) for key in (*HTTP_STATUSES, "status")):
            return True
        has_message = any(isinstance(self._fields.get(key), str) for key in ("message", "msg"))
        return has_message and any(is_error_status(self._fields.get(key)) for key in ("code", "cod"))

    def _is_a_phrase(self) -> bool:
        """A gateway's own answer: `{"message": "Internal server error"}`."""
        told = [value for value in self._fields.values() if not is_empty(value)]
        said = told[0] if len(told) == 1 else None
        return isinstance(said, str) and len(said) <= LONGEST_PHRASE and SAYS_IT_PLAINLY.match(said) is not None


def tells_an_error(value: Value) -> bool:
    """A number is a margin of error rather than an error, unless it is a status. Of something with parts, one has to tell one."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return is_error_status(value)
    if isinstance(value, str):
        said = value.strip().lower()
        return said not in NO_ERROR and (is_error_status(said) or NUMBER.fullmatch(said) is None)
    return any(_may_tell(part) for part in _parts(value))


def _may_tell(part: Value) -> bool:
    return part.strip().lower() not in NO_ERROR if isinstance(part, str) else bool(part)


def is_error_status(value: Value) -> bool:
    if isinstance(value, str):
        return len(value) == 3 and value.isdecimal() and value[0] in "45"
    return isinstance(value, int) and 400 <= value <= 599


def is_empty(value: Value) -> bool:
    """Whether there is nothing in it, at any depth that is looked into."""
    return all(part is None or part == "" for part in _parts(value))


def _parts(value: Value) -> Iterator[Value]:
    """What is in it, as far down as is looked; what is deeper still stands for itself."""
    layer: Sequence[Value] = [value]
    for _ in range(DEEPEST):
        inner: list[Value] = []
        for one in layer:
            if isinstance(one, dict):
                inner.extend(one.values())
            elif isinstance(one, list):
                inner.extend(one)
            else:
                yield one
        layer = inner
    yield from layer
