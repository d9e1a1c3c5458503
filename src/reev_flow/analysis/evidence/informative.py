"""Whether a recorded value tells something about the world."""

import re
from collections.abc import Iterator
from itertools import islice

from reev_flow.analysis.meaning.tool_names import vocabulary
from reev_flow.trace.span import Value

ENOUGH_WORDS = 200  # a value with more scalars is a document
SHORT = 80  # characters; longer texts inform, whatever words they hold

# What an action says when it worked: hearing it again is no waste.
ACKNOWLEDGEMENTS = vocabulary(
    "ok okay done success succeeded successful successfully true yes none null sent saved created updated deleted clicked pressed typed "
    "accepted ack acknowledged finished completed complete submitted stored noted"
)
# What is said of work that goes on, and of news that has not come: asking again is how one waits.
GOES_ON = re.compile(
    r"\b(?:pending|running|queued|waiting|processing|started|starting|in[ _-]?progress|active|scheduled|submitted|initiali[sz]ing|"
    r"provisioning|creating|building|deploying|unconfirmed|incomplete|not[ _-]?(?:ready|yet|done|finished|complete)|nothing new|no new|"
    r"no messages|no updates?|no changes?|still)\b",
    re.IGNORECASE,
)
# What stands where a value was taken out before recording: such a word alone, or first within brackets; or a row of marks.
_TAKEN = r"(?:redacted|hidden|omitted|filtered|scrubbed|masked|removed|truncated|sensitive)"
TAKEN_OUT = re.compile(rf"[\W_]*{_TAKEN}[\W_]*|[\[<({{]\W*{_TAKEN}(?![a-z]).*|[*•xX█]{{3,}}", re.IGNORECASE)


def is_known(value: Value) -> bool:
    """Whether the value was recorded, and nothing of it taken out."""
    return value is not None and not any(TAKEN_OUT.fullmatch(word) for word in _words(value) if len(word) <= SHORT)


def is_informative(result: Value) -> bool:
    """Whether hearing the result tells more than that an action was taken, goes on, or that there is no news."""
    words = list(_words(result))
    if all(word.strip(" .!").lower() in ACKNOWLEDGEMENTS for word in words):
        return False
    return not any(GOES_ON.search(word) for word in words if len(word) <= SHORT)


def says_that_work_goes_on(result: Value) -> bool:
    """Whether asking again is what one would do."""
    return any(GOES_ON.search(word) for word in _words(result) if len(word) <= SHORT)


def _words(value: Value) -> Iterator[str]:
    return islice(_scalars(value), ENOUGH_WORDS)


def _scalars(value: Value) -> Iterator[str]:
    pending: list[Value] = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
        elif item is not None and item != "":
            yield str(item)
