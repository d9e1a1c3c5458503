"""What a model's finish reason says, in the words of any vendor."""

import re

NO_LETTERS = re.compile(r"[^a-z]+")
ENUMERATION = ("finishreason", "stopreason")  # as in FINISH_REASON_MAX_TOKENS and FinishReason.LENGTH
TOO_LONG = frozenset(
    [
        "length",
        "maxtokens",
        "maxtoken",
        "maxlength",
        "maxoutputtokens",
        "maxcompletiontokens",
        "maxnewtokens",
        "modellength",
        "tokenlimit",
        "tokenlimitreached",
        "lengthlimit",
        "lengthlimitreached",
        "contextlength",
        "contextlengthexceeded",
        "modelcontextwindowexceeded",
        "outputlimit",
        "truncated",
        "incomplete",
    ]
)
WITHHELD = frozenset(
    [
        "contentfilter",
        "contentfiltered",
        "guardrailintervened",
        "safety",
        "imagesafety",
        "prohibitedcontent",
        "blocklist",
        "recitation",
        "spii",
        "refusal",
        "errortoxic",
    ]
)
GARBLED = frozenset(["malformedfunctioncall", "malformedtooluse", "malformedmodeloutput", "unexpectedtoolcall"])
FOR_TOOLS = frozenset(["toolcall", "toolcalls", "tooluse", "functioncall", "functioncalls"])


def says_too_long(reason: str) -> bool:
    """Whether what the model wrote was cut off because there was no more room."""
    return _said(reason) in TOO_LONG


def says_cut(reason: str) -> bool:
    """Whether the model was kept from saying all it had to say, for any reason."""
    return _said(reason) in TOO_LONG | WITHHELD | GARBLED


def says_tools_are_next(reason: str) -> bool:
    """Whether the model stopped so that a tool would be called."""
    return _said(reason) in FOR_TOOLS


def _said(reason: str) -> str:
    said = NO_LETTERS.sub("", reason.lower())
    for prefix in ENUMERATION:
        said = said.removeprefix(prefix)
    return said
