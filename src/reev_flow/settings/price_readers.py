"""How the tables below `[prices]` are read: what the tokens of a model cost."""

from decimal import Decimal, InvalidOperation

from reev_flow.analysis.calls.prices import ModelPrice
from reev_flow.settings.readers import Unusable

FORM = 'tables [prices."model"] with input and output, and perhaps cache_read and cache_write, in dollars for a million tokens'
KINDS = ("input", "output", "cache_read", "cache_write")
MOST_DECIMALS = 6
MOST_DOLLARS = 1_000_000


def read_prices(raw: object) -> tuple[ModelPrice, ...]:
    if not isinstance(raw, dict):
        raise Unusable(FORM)
    return tuple(_price(str(model), table) for model, table in raw.items())


def _price(model: str, table: object) -> ModelPrice:
    if not isinstance(table, dict):
        raise Unusable(f"{FORM} ({model!r} is no table)")
    unknown = [kind for kind in table if kind not in KINDS]
    if unknown:
        raise Unusable(f"{FORM} ({model}: {unknown[0]!r} is not known)")
    missing = [kind for kind in ("input", "output") if kind not in table]
    if missing:
        raise Unusable(f"{FORM} ({model}: {missing[0]} is missing)")
    dollars = {kind: _dollars(model, kind, table[kind]) for kind in table}
    return ModelPrice(
        model=model,
        input=dollars["input"],
        output=dollars["output"],
        cache_read=dollars.get("cache_read"),
        cache_write=dollars.get("cache_write"),
    )


def _dollars(model: str, kind: str, raw: object) -> Decimal:
    """As it is written in the file: 0.15 is 15 hundredths and not the nearest binary fraction."""
    try:
        dollars = Decimal(str(raw)) if isinstance(raw, int | float | str) and not isinstance(raw, bool) else None
    except InvalidOperation:
        dollars = None
    if dollars is None or not dollars.is_finite() or not 0 <= dollars <= MOST_DOLLARS:
        raise Unusable(f"{FORM} ({model}: {kind} must be from 0 to {MOST_DOLLARS:,})")
    if dollars != round(dollars, MOST_DECIMALS):
        raise Unusable(f"{FORM} ({model}: {kind} may have at most {MOST_DECIMALS} decimals)")
    return dollars
