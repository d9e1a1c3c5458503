"""Text from a trace made safe to show on a terminal."""

import re

# Control characters, and whatever changes how the characters around it are ordered or hides in between them. Joiners stay:
# letters of some scripts and many emoji need them.
_UNSAFE = re.compile(
    "[\0-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def printable(text: str) -> str:
    r"""The same on one line, with every unsafe character spelled as Python would: `\n`, `\x1b`, `\u202e`."""
    return text if text.isprintable() else _UNSAFE.sub(_spelled, text)


def _spelled(unsafe: re.Match[str]) -> str:
    character = unsafe[0]
    return _SHORT.get(character) or character.encode("unicode-escape").decode()
