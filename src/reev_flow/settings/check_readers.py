"""How the tables below `[check]` are read: which findings do not count, and what is wanted of single rules."""

import datetime as dt
from typing import TypeVar

import msgspec

from reev_flow.analysis.wishes import Ignore, RuleWish
from reev_flow.settings.readers import Unusable

IGNORES_FORM = (
    'tables [[check.ignores]] with code = "RF101", reason = "…", and perhaps flow, tool, name and until = 2027-01-01'
)
WISHES_FORM = (
    'tables [check.rules.RF101] with enabled = true or false, severity = "note", "warning" or "error", '
    "min_confidence from 0 to 1"
)
Table = TypeVar("Table", Ignore, RuleWish)


def read_ignores(raw: object) -> tuple[Ignore, ...]:
    """Whether the codes exist is the rulebook's question."""
    if not isinstance(raw, list):
        raise Unusable(IGNORES_FORM)
    return tuple(_ignore(table, number) for number, table in enumerate(raw, 1))


def read_rule_wishes(raw: object) -> tuple[RuleWish, ...]:
    if not isinstance(raw, dict):
        raise Unusable(WISHES_FORM)
    return tuple(_wish(str(code), table) for code, table in raw.items())


def _ignore(table: object, number: int) -> Ignore:
    if isinstance(table, dict) and not str(table.get("reason", "")).strip():
        raise Unusable(f"{IGNORES_FORM} (number {number} gives no reason)")
    ignore = _converted(table, Ignore, IGNORES_FORM, f"number {number}")
    return msgspec.structs.replace(ignore, code=ignore.code.strip().upper(), reason=ignore.reason.strip())


def _wish(code: str, table: object) -> RuleWish:
    if not isinstance(table, dict) or "code" in table:
        raise Unusable(f"{WISHES_FORM} ({code} is none)")
    wish = _converted({**table, "code": code.strip().upper()}, RuleWish, WISHES_FORM, code)
    if not 0 <= wish.min_confidence <= 1:
        raise Unusable(f"{WISHES_FORM} ({code}: {wish.min_confidence:g})")
    return wish


def _converted(table: object, kind: type[Table], form: str, which: str) -> Table:
    known = {field.name for field in msgspec.structs.fields(kind)}
    if isinstance(table, dict) and isinstance(table.get("until"), str):
        table = {**table, "until": _day(table["until"], form, which)}
    unknown = [name for name in table if name not in known] if isinstance(table, dict) else []
    if unknown:
        raise Unusable(f"{form} ({which}: {unknown[0]!r} is not known)")
    try:
        return msgspec.convert(table, kind, builtin_types=(dt.date,))
    except msgspec.ValidationError as wrong:
        raise Unusable(f"{form} ({which}: {wrong})") from None


def _day(text: str, form: str, which: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise Unusable(f"{form} ({which}: {text!r} is no day)") from None
