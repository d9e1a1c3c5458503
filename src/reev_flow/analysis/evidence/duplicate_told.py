"""Whether something that was asked for twice was done once, by what was asked and what came back."""

import re
from collections.abc import Iterator
from itertools import islice

from reev_flow.analysis.evidence.deeds import Deed
from reev_flow.trace.span import Value

ENOUGH = 400  # scalars of a value that are looked at
SHORT = 400  # characters of a text that tells what became of something

KEY_OF_ONE_REQUEST = re.compile(
    r"idempoten\w*|dedup\w*|(?:client|request|message|transaction)(?:request|order|transaction)?(?:token|nonce|uid)|nonce|"
    r"(?:client)?requestid|clientorderid|externalid|messagededuplicationid"
)
REFERENCE = re.compile(
    r"(?:.*[_\-. ])?(?:id|uuid|number|no|ref|reference|confirmation|code|receipt|pnr|tracking)|.*[a-z](?:Id|ID|Number|Ref)"
)
REFERENCE_IN_TEXT = re.compile(r"(?<![\w-])(?=[\w-]*\d)[\w-]{4,}(?![\w-])|(?<=\bno\. )\d+|(?<=#)\d+")
SAYS_IT_WAS_DONE_BEFORE = re.compile(
    r"\b(?:already|duplicate[ds]?|dedup\w*|idempotent\w*|no[- ]?op|unchanged|exist(?:s|ing)|replay(?:ed)?|previously|ignored|skipped)\b",
    re.IGNORECASE,
)
SAYS_IT_WAS_NOT_DONE = re.compile(
    r"\b(?:declined|rejected|denied|refused|insufficient|not (?:sent|booked|created|placed|allowed|permitted|possible|enough|available|found)|"
    r"fail(?:ed|ure)?|unable|could ?n[o']t|cannot|errors?|invalid|dry[- ]?run|simulat\w+|preview|unavailable|sold out|timed? ?out|"
    r"(?:needs?|requires?|awaiting|pending) (?:\w+ )?(?:confirmation|approval|review)|please confirm|are you sure|missing|unauthori[sz]ed)\b",
    re.IGNORECASE,
)


def has_key_of_one_request(arguments: Value) -> bool:
    """Whether whoever was asked can tell a repeat by it, or the caller says that nothing is to be done."""
    for name, value in _scalars(arguments):
        bare = name.lower().replace("_", "").replace("-", "")
        if KEY_OF_ONE_REQUEST.fullmatch(bare) or (bare in {"dryrun", "preview", "simulate"} and value is True):
            return True
    return False


def was_not_done(result: Value) -> bool:
    return _says(result, SAYS_IT_WAS_NOT_DONE)


def is_known_duplicate(earlier: Deed, later: Deed) -> bool:
    """Whether the later result says that it had been done, or both name the same thing that came of it."""
    if _says(later.result, SAYS_IT_WAS_DONE_BEFORE):
        return True
    asked = {str(value) for _, value in _scalars(earlier.arguments)}
    named = _references(earlier.result) - asked
    return bool(named) and named == _references(later.result) - asked


def names_something(deed: Deed) -> bool:
    """Whether the result names what came of it."""
    return bool(_references(deed.result) - {str(value) for _, value in _scalars(deed.arguments)})


def names_another(earlier: Deed, later: Deed) -> bool:
    """Whether the results name two things that came of it."""
    asked = {str(value) for _, value in _scalars(earlier.arguments)}
    first, second = _references(earlier.result) - asked, _references(later.result) - asked
    return bool(first) and bool(second) and first.isdisjoint(second)


def _references(result: Value) -> set[str]:
    found: set[str] = set()
    for name, value in _scalars(result):
        if name and REFERENCE.fullmatch(name):
            found.add(str(value))
        elif isinstance(value, str) and len(value) <= SHORT:
            found.update(REFERENCE_IN_TEXT.findall(value))
    return found


def _says(result: Value, words: re.Pattern[str]) -> bool:
    return any(
        words.search(value.replace("_", " "))
        for _, value in _scalars(result)
        if isinstance(value, str) and len(value) <= SHORT
    )


def _scalars(value: Value) -> Iterator[tuple[str, Value]]:
    """Each with the name it has in its record."""
    return islice(_all_scalars(value), ENOUGH)


def _all_scalars(value: Value) -> Iterator[tuple[str, Value]]:
    pending: list[tuple[str, Value]] = [("", value)]
    while pending:
        name, item = pending.pop()
        if isinstance(item, dict):
            pending.extend(item.items())
        elif isinstance(item, list):
            pending.extend((name, each) for each in item)
        elif item is not None and item != "":
            yield name, item
