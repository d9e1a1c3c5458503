"""What a user wants of findings: which do not count, and how single rules are asked."""

import datetime as dt
from typing import Literal

import msgspec


class Ignore(msgspec.Struct, frozen=True, kw_only=True):
    """Findings of `code` do not count: in runs of that flow, about that tool, about spans of that name, where these are given; `*` stands
    for anything in them. From the day after `until` on they count again.
    """

    code: str
    reason: str
    flow: str = ""
    tool: str = ""
    name: str = ""
    until: dt.date | None = None

    def has_expired(self, today: dt.date) -> bool:
        return self.until is not None and today > self.until


class RuleWish(msgspec.Struct, frozen=True, kw_only=True):
    """Of the rule with this code; what is None stays as the rule has it."""

    code: str
    enabled: bool | None = None
    severity: Literal["note", "warning", "error"] | None = None
    min_confidence: float | None = None
