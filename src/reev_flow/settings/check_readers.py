"""How the tables below `[check]` are read: which findings do not count, and what is wanted of single rules."""

import datetime as dt
from typing import TypeVar

import msgspec

from reev_flow.analysis.rules.wishes import Ignore, RuleWish
from reev_flow.settings.readers import Unusable

IGNORES_FORM = (
    'tables [[check.ignores]] with code = "RF101", reason = "…", and perhaps flow, tool, name and until = 2027-01-01'
)
WISHES_FORM = (
    'tables [check.rules.RF101] with enabled = true or false, severity = "note", "warning" or "error", '
    "min_confidence from 0 to 1"
)
MOST_TOLD = 60  # characters of what cannot be
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
    if not isinstance(table, dict):
        raise Unusable(f"{WISHES_FORM} ({code} is no table)")
    if "code" in table:
        raise Unusable(f"{WISHES_FORM} ({code}: 'code' is not known)")
    wish = _converted({**table, "code": code.strip().upper()}, RuleWish, WISHES_FORM, code)
    if wish.min_confidence is not None and not 0 <= wish.min_confidence <= 1:
        raise Unusable(f"{WISHES_FORM} ({code}: min_confidence cannot be {wish.min_confidence:g})")
    return wish


def _converted(table: object, kind: type[Table], form: str, which: str) -> Table:
    if not isinstance(table, dict):
        raise Unusable(f"{form} ({which} is no table)")
    if isinstance(table.get("until"), str):
        table = {**table, "until": _day(table["until"], form, which)}
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    for name, value in table.items():
        if name not in fields:
            raise Unusable(f"{form} ({which}: {name!r} is not known)")
        if not _suits(value, fields[name].type):
            raise Unusable(f"{form} ({which}: {name} cannot be {_told(value)})")
    missing = [field.name for field in fields.values() if field.required and field.name not in table]
    if missing:
        raise Unusable(f"{form} ({which} gives no {missing[0]})")
    return msgspec.convert(table, kind, builtin_types=(dt.date,))


def _told(value: object) -> str:
    """As TOML has it, as far as that is short."""
    return str(value) if isinstance(value, dt.date | dt.time) else repr(value)[:MOST_TOLD]


def _suits(value: object, wanted: object) -> bool:
    try:
        msgspec.convert(value, wanted, builtin_types=(dt.date,))
    except msgspec.ValidationError:
        return False
    return True


def _day(text: str, form: str, which: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise Unusable(f"{form} ({which}: {text!r} is no day)") from None
