"""What keys, tokens and passwords look like."""

import re

SECRETS = re.compile(
    rb"""
      sk-[A-Za-z0-9_-]{16,}                                  # OpenAI, Anthropic and many others
    | (?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})
    | glpat-[A-Za-z0-9_-]{16,}
    | xox[abeoprs]-[A-Za-z0-9-]{10,}
    | (?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}
    | AIza[A-Za-z0-9_-]{30,}
    | (?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}
    | (?:hf|npm|gsk|pplx|r8|dop_v1|whsec)_[A-Za-z0-9]{16,}
    | eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*
    | [Bb]earer\ +([A-Za-z0-9_.~+/=-]{12,})
    | [Bb]asic\ +([A-Za-z0-9+/=]{12,})
    | -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----.*?(?:-----END\ [A-Z ]*PRIVATE\ KEY-----|\Z)
    | [a-zA-Z][a-zA-Z0-9+.-]*://[^\s/:@"'<>]*:([^\s/@"'<>]+)@
    """,
    re.VERBOSE | re.DOTALL,
)

_sensitive = re.compile(
    r"(?:^|[._-])(?:authorization|x-api-key|api[._-]?key|apikey|passw(?:or)?d|secret|client[._-]?secret|cookie|set-cookie"
    r"|access[._-]?token|refresh[._-]?token|auth[._-]?token|private[._-]?key|credentials?)$",
    re.IGNORECASE,
).search


def is_sensitive(key: str) -> bool:
    return _sensitive(key) is not None
