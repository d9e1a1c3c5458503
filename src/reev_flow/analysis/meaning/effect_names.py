"""Whether a tool does something in the world that doing it twice would do twice, by its name.

English words only, like `tool_names`. What sets, saves or deletes is left out: the second time changes nothing. So is what only moves
an agent's own state: clicks, hand-overs, thoughts, drafts of its own.
"""

import re
from functools import lru_cache

from reev_flow.analysis.meaning import tool_names
from reev_flow.analysis.meaning.tool_names import vocabulary

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
    """Whether what was done before may be gone after it."""
    return not UNDOING.isdisjoint(tool_names.words(name))


UNDOING = vocabulary(
    "cancel delete remove undo revert refund void reset rollback clear unsubscribe withdraw unassign restore return release rebuild empty"
)


def _names(name: str, verbs: frozenset[str]) -> bool:
    words = tool_names.words(name)
    first = {*words[:1], *tool_names.words(LAST_PART.split(name)[-1])[:1]}
    said = {word for word in words if word in verbs and (word in first or word not in ONLY_VERBS_WHEN_FIRST)}
    if not said or not WORDS_OF_LOOKING.isdisjoint(words):
        return False
    return OF_THE_AGENT_ITSELF.isdisjoint(words) or not WITH_OTHERS.isdisjoint(said)
