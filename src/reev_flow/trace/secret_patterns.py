"""What keys, tokens and passwords look like.

What the last group of a pattern holds is the secret; without a group all of it is. Every pattern is tried where something that is cheap to
look for was found, see `secret_search`. A loose one finds whatever its exact one does also where the text lies between other bytes.
"""

import re
from collections.abc import Mapping

# A token stands by itself. In JSON that holds JSON, the letter of an escape (`\n`) stands before it; in an address, `%20`.
ALONE = rb"(?:(?<![A-Za-z0-9_-])|(?<=\\[nrtbf])|(?<=%[0-9A-Fa-f]{2}))"

# By how they begin, with how many characters at least follow. Shorter ones than `SHORTEST_TOKEN` altogether are not looked for.
TOKENS = (
    *(rb"sk-[A-Za-z0-9_-]{17,}", rb"pk-lf-[A-Za-z0-9-]{20,}"),  # OpenAI, Anthropic, OpenRouter, DeepSeek, Langfuse
    *(
        rb"gh[pousr]_[A-Za-z0-9]{20,}",
        rb"github_pat_[A-Za-z0-9_]{20,}",
        rb"gl(?:pat|dt|rt|cbt|ptt|soat|agent)-[A-Za-z0-9_-]{16,}",
    ),
    *(rb"xox[abceoprs]-[A-Za-z0-9-]{15,}", rb"xapp-[A-Za-z0-9-]{15,}"),  # Slack
    *(
        rb"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])",
        rb"AIza[A-Za-z0-9_-]{33,}",
        rb"GOCSPX-[A-Za-z0-9_-]{20,}",
    ),
    *(rb"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}", rb"whsec_[A-Za-z0-9+/=]{16,}"),  # Stripe
    *(
        rb"hf_[A-Za-z0-9]{20,}",
        rb"r8_[A-Za-z0-9]{20,}",
        rb"gsk_[A-Za-z0-9]{20,}",
        rb"pplx-[A-Za-z0-9]{20,}",
        rb"xai-[A-Za-z0-9]{20,}",
    ),
    *(
        rb"nvapi-[A-Za-z0-9_-]{20,}",
        rb"tvly-[A-Za-z0-9_-]{16,}",
        rb"pcsk_[A-Za-z0-9_]{20,}",
        rb"lsv2_(?:pt|sk)_[A-Za-z0-9_]{20,}",
    ),
    *(
        rb"npm_[A-Za-z0-9]{20,}",
        rb"pypi-[A-Za-z0-9_-]{16,}",
        rb"dckr_pat_[A-Za-z0-9_-]{16,}",
        rb"do[opr]_v1_[a-f0-9]{20,}",
    ),
    *(
        rb"dapi[a-f0-9]{32}",
        rb"glsa_[A-Za-z0-9_]{20,}",
        rb"glc_[A-Za-z0-9+/=]{20,}",
        rb"NRAK-[A-Z0-9]{20,}",
        rb"figd_[A-Za-z0-9_-]{20,}",
    ),
    *(
        rb"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{20,}",
        rb"sntrys_[A-Za-z0-9+/=_-]{20,}",
        rb"lin_api_[A-Za-z0-9]{20,}",
        rb"ntn_[A-Za-z0-9]{20,}",
    ),
    *(
        rb"sbp_[a-f0-9]{20,}",
        rb"key-[a-f0-9]{32}(?![A-Za-z0-9])",
        rb"AGE-SECRET-KEY-1[A-Z0-9]{20,}",
        rb"e2b_[a-f0-9]{20,}",
    ),
    rb"eyJ[A-Za-z0-9_-]{17,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",  # a JSON Web Token: three parts, the first an object
)
SHORTEST_TOKEN = 20

# Tokens with a dot after their first word; what follows it is as long as a token.
DOTTED_TOKENS = (
    *(rb"SG\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}", rb"ya29\.[A-Za-z0-9_-]{20,}", rb"hv[bs]\.[A-Za-z0-9_-]{20,}"),
    rb"dp\.(?:pt|st|ct|sa)\.[A-Za-z0-9]{20,}",
)

_any_token = rb"(?:" + b"|".join([*TOKENS, *DOTTED_TOKENS]) + rb")"
TOKEN = re.compile(ALONE + _any_token + rb"(?![A-Za-z0-9])")
LOOSE_TOKEN = re.compile(_any_token)

# A name, and what is set to be its value. The text may be JSON, JSON in JSON, Python, a header, a form or a shell script.
IS = rb"""s?\\*["']?\s*(?:=>|[:=])\s*"""
NAME = rb"(?i:passw(?:or)?d|passphrase|secret(?:[_-]?(?:access[_-]?)?key)?|credential|key|token|authorization|cookie)"
TYPES = rb"string|str|text|password|null|none|nil|true|false|undefined|optional|required|redacted|hidden|masked|unset|bytes|object"
# Anything in quotes but the name of a type or a placeholder. What was cut off has no quote at its end.
QUOTED = rb"""(?P<quote>\\*["'])(?![*<{$\[]|(?i:""" + TYPES + rb""")\\*["'])(.{3,256}?)(?:(?<!\\)(?P=quote)|\Z)"""
BARE = rb"""(?=[^\s"'\\,;&<>(){}\[\]*$]*[0-9])([^\s"'\\,;&<>(){}\[\]*$]{6,})"""  # `password = password` has no digit
SCHEME = rb"(?:(?i:basic|bearer|token|apikey|digest|negotiate)\s+)?"
NAMED = re.compile(NAME + IS + rb"(?:" + QUOTED + rb"|" + BARE + rb")", re.DOTALL)
AUTHORIZATION = re.compile(
    rb"(?i:authorization)" + IS + rb"""\\*["'\[]?\\*["']?""" + SCHEME + rb"""(?![*<{$])([^\s"'\\,;]{8,})"""
)
BEARER = re.compile(rb"""(?i:bearer)\s+(?=[^\s"'\\]*[0-9])([A-Za-z0-9._~+/=-]{12,})""")
COOKIE = re.compile(rb"(?i:cookie)" + IS + rb"""\\*["'\[]?\\*["']?([A-Za-z0-9_.-]+=[^"'\\\r\n]{6,})""")
# What begins the value of an attribute of this name: in protobuf, in MessagePack.
LOOSE_NAMED = re.compile(NAME + rb"(?:" + IS + rb"|s?[\x12\x80-\xff])")

SEPARATORS = ("", "_", "-", ".")
KEYS = tuple(
    f"{what}{separator}".encode() for what in ("api", "private", "access", "account") for separator in SEPARATORS
)
TOKENS_OF = ("access", "refresh", "auth", "session", "security", "private", "api", "bearer", "csrf", "xsrf", "vault")

WORDS: Mapping[bytes, tuple[re.Pattern[bytes], re.Pattern[bytes]]] = {
    **dict.fromkeys((b"passw", b"passphr", b"secret", b"credential"), (NAMED, LOOSE_NAMED)),
    b"authoriz": (AUTHORIZATION, LOOSE_NAMED),
    b"cookie": (COOKIE, LOOSE_NAMED),
    b"bearer ": (BEARER, BEARER),
}
"""In lower case; each with its exact and its loose pattern."""
COMMON_WORDS: Mapping[bytes, tuple[bytes, ...]] = {
    b"key": (*KEYS, b"api "),
    b"token": tuple(f"{what}{separator}".encode() for what in TOKENS_OF for separator in SEPARATORS),
}
"""Those that are common by themselves, and what before them makes them the name of a secret."""

ADDRESS = b"://"
PASSWORD_IN_ADDRESS = re.compile(rb"""://[^\s/:@"'<>\\?#]{0,256}:(?![*<{$])([^\s/@"'<>\\]{1,1024})@""")
KEY_IN_ADDRESS = re.compile(
    rb"""://(?:(?!://)[^\s"'<>\\]){0,2048}?[?&](?:sig|signature|token|key|code)=([A-Za-z0-9%._~+/-]{16,})"""
)

BLOCK_BEGINNING = b"-----BEGIN "
BLOCK = re.compile(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)", re.DOTALL)
LOOSE_BLOCK = re.compile(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----")

SENSITIVE_ENDINGS = (
    *("authorization", "apikey", "password", "passwd", "passphrase", "secret", "secrets", "secretkey", "privatekey"),
    *(
        "accesskey",
        "accountkey",
        "cookie",
        "cookies",
        "credential",
        "credentials",
        *(f"{what}token" for what in TOKENS_OF),
    ),
)
"""How the names of attributes end whose values are secrets whatever they look like; in lower case, without what separates words."""
