"""Whether a tool does something in the world that doing it twice would do twice, by its name.

English words only, like `tool_names`. What sets, saves or deletes is left out: the second time changes nothing. So is what only moves
an agent's own state: clicks, hand-overs, thoughts, drafts of its own.
"""

import re
from functools import lru_cache

from reev_flow.analysis.meaning import tool_names
from reev_flow.analysis.meaning.tool_names import vocabulary

SAME_BEGINNING = 4  # letters
LAST_PART = re.compile(r"[./:]|__")  # `calendar.book`, `mcp__shop__order`
TWICE_IS_TWO = vocabulary(
    "send resend post pay charge debit credit refund buy purchase order book reserve transfer withdraw deposit wire donate bill create insert "
    "submit place checkout dispatch ship notify invite tweet publish redeem issue trade sell enqueue broadcast reply comment transmit "
    "remit disburse subscribe"
)
MAYBE_TWO = vocabulary(
    "add register enroll schedule deploy restart reboot approve cancel upload launch trigger provision email mail sms call dial invoice release "
    "escalate"
)
ONLY_VERBS_WHEN_FIRST = vocabulary(
    "order book post issue ship comment credit bill wire trade place email mail sms call dial invoice release schedule deposit charge purchase"
)
WITH_OTHERS = vocabulary(
    "pay charge debit credit refund buy purchase order book reserve withdraw deposit wire donate bill disburse remit"
)
"""Whatever it is about, somebody else is concerned."""
WORDS_OF_LOOKING = tool_names.READING | vocabulary(
    "details detail info information status history summary items results availability price prices quote preview estimate validate "
    "verify simulate simulation dry draft test mock lookup listing report reports total metrics stats suggestions recommendations"
)
HANDING_OVER = vocabulary("send resend transmit broadcast publish dispatch")
WHAT_IS_HANDED_OVER = vocabulary(
    "report reports summary details information recommendations quote quotes estimate listing"
)
OFFERS = vocabulary("quote quotes estimate listing")
"""Words of looking that are what is sent or submitted."""
OF_THE_AGENT_ITSELF = vocabulary(
    "agent agents assistant human supervisor expert handoff answer answers solution final result output response completion completions "
    "embedding embeddings plan plans thought thoughts query prompt thread session client connection context memory todo todos task tasks "
    "directory dir folder chart plot graph table number numbers index branch environment sandbox container"
)


@lru_cache(maxsize=4_096)
def doubles(name: str) -> bool:
    """Whether doing it twice is almost certainly one time too many."""
    return _names(name, TWICE_IS_TWO)


@lru_cache(maxsize=4_096)
def may_double(name: str) -> bool:
    """Whether doing it twice may be one time too many; `doubles` is a part of it."""
    return _names(name, TWICE_IS_TWO | MAYBE_TWO)


@lru_cache(maxsize=4_096)
def undoes(name: str) -> bool:
    """Whether what was done before may be gone after it. `release.search` looks among releases, and undoes nothing."""
    if tool_names.reads(name) or tool_names.reads(LAST_PART.split(name)[-1]):
        return False
    return not UNDOING.isdisjoint(tool_names.words(name))


def undone_subjects(name: str) -> frozenset[str]:
    """The subjects of what it undoes; none where it may be anything."""
    return subjects(name) if UNDOING_ANYTHING.isdisjoint(tool_names.words(name)) else frozenset()


@lru_cache(maxsize=4_096)
def subjects(name: str) -> frozenset[str]:
    """The beginnings of the words that say what something is done to, so that a booking is what was booked."""
    words = tool_names.words(name)
    return frozenset(word[:SAME_BEGINNING] for word in words if word not in UNDOING and word not in tool_names.CALLING)


UNDOING = vocabulary(
    "cancel delete remove undo revert refund void reset rollback clear unsubscribe withdraw unassign restore return release rebuild empty"
)

UNDOING_ANYTHING = vocabulary("undo revert rollback reset restore rebuild void refund")
"""What was paid for one thing may be given back in the name of another."""


def _names(name: str, verbs: frozenset[str]) -> bool:
    words = tool_names.words(name)
    first = _first(name)
    said = {word for word in words if word in verbs and (word in first or word not in ONLY_VERBS_WHEN_FIRST)}
    if not said or not (WORDS_OF_LOOKING - _handed_over(said)).isdisjoint(words):
        return False
    return OF_THE_AGENT_ITSELF.isdisjoint(words) or not WITH_OTHERS.isdisjoint(said)


def _first(name: str) -> set[str]:
    """The first word, and that of the last part: `calendar.book` books."""
    return {*tool_names.words(name)[:1], *tool_names.words(LAST_PART.split(name)[-1])[:1]}


def _handed_over(verbs: set[str]) -> frozenset[str]:
    if not HANDING_OVER.isdisjoint(verbs):
        return WHAT_IS_HANDED_OVER
    return OFFERS if "submit" in verbs else frozenset()
