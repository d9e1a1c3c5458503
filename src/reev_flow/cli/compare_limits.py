"""What `--fail-on` may say of a comparison, and whether it holds."""

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import TypeAlias

import msgspec

from reev_flow.analysis.comparison.amounts import Amounts
from reev_flow.analysis.comparison.compare import Comparison
from reev_flow.errors import ReevFlowError
from reev_flow.render.dollars import exact_dollars
from reev_flow.render.quantities import plural
from reev_flow.trace.durations import told_duration

Amount: TypeAlias = Callable[[Amounts], Decimal]

LIMIT = re.compile(r"(?P<amount>\d+(?:\.\d+)?)(?P<unit>%|ns|us|µs|ms|s|min)?", re.ASCII)
NS = {"ns": 1, "us": 1_000, "µs": 1_000, "ms": 1_000_000, "s": 1_000_000_000, "min": 60_000_000_000}
MOST_TOLD = 60  # characters of a limit that is none
WITHOUT_AMOUNT = ("diverged", "failed", "findings")
MEASURES: dict[str, Amount] = {
    "slower": lambda amounts: Decimal(amounts.duration_ns),
    "dearer": lambda amounts: amounts.cost,
    "tokens": lambda amounts: Decimal(amounts.tokens.total),
}
LIMITS = (
    "slower=10%, slower=300ms, dearer=5%, dearer=0.02 (dollars), tokens=10%, tokens=500, diverged, failed, findings"
)


class InvalidLimit(ReevFlowError):
    """Something that cannot be a limit of a comparison."""

    def __init__(self, limit: str) -> None:
        super().__init__(limit)
        self.limit = limit

    def __str__(self) -> str:
        return f"--fail-on {self.limit[:MOST_TOLD]!r} is no limit; it may be {LIMITS}"


class NoPrices(ReevFlowError):
    """A limit on cost, and nothing that says what anything costs."""

    def __str__(self) -> str:
        return (
            "--fail-on dearer needs prices, and no model has one; set them in reev-flow.toml as "
            '[prices."model"] with input and output, or limit tokens instead'
        )


class PriceMissing(ReevFlowError):
    """A limit on cost, and calls whose cost nobody knows: what is not counted would keep every limit."""

    def __init__(self, models: Sequence[str]) -> None:
        super().__init__(models)
        self.models = tuple(models)

    def __str__(self) -> str:
        named = ", ".join(repr(model) for model in self.models[:3]) + (", …" if len(self.models) > 3 else "")
        return (
            f"--fail-on dearer needs the price of every model, and {named} has none; set it in reev-flow.toml as "
            '[prices."model"] with input and output, or limit tokens instead'
        )


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """`most` is a share of A's amount if `is_share`, else an amount: nanoseconds, dollars or tokens."""

    text: str
    name: str
    most: Decimal = Decimal(0)
    is_share: bool = False


def limits_of(given: Sequence[str]) -> list[Limit]:
    """Several may stand in one text, by commas. Raises `InvalidLimit`; also for a text with none, as nothing would be held to it."""
    return [_limit(text) for texts in given for text in _parts(texts)]


def exceeded(comparison: Comparison, limits: Sequence[Limit]) -> list[str]:
    """A sentence for each limit that B does not keep. Raises `NoPrices` and `PriceMissing`."""
    if any(limit.name == "dearer" for limit in limits):
        _require_prices(comparison)
    return [f"--fail-on {limit.text}: {why}" for limit in limits for why in _why(comparison, limit)]


def _parts(texts: str) -> list[str]:
    parts = [part.strip() for part in texts.split(",") if part.strip()]
    return parts or [texts]


def _limit(text: str) -> Limit:
    name, equals, told = text.partition("=")
    if name in WITHOUT_AMOUNT and not equals:
        return Limit(text=text, name=name)
    found = LIMIT.fullmatch(told) if equals else None
    if name not in MEASURES or (equals and found is None):
        raise InvalidLimit(text)
    if found is None:
        return Limit(text=text, name=name)
    amount, unit = Decimal(found["amount"]), found["unit"]
    if unit == "%":
        return Limit(text=text, name=name, most=amount / 100, is_share=True)
    if (unit is not None) is not (name == "slower"):
        raise InvalidLimit(text)
    return Limit(text=text, name=name, most=amount * NS.get(unit or "", 1))


def _require_prices(comparison: Comparison) -> None:
    if not comparison.is_priced:
        raise NoPrices
    unpriced = {*comparison.a.unpriced_models, *comparison.b.unpriced_models}
    if unpriced:
        raise PriceMissing(sorted(unpriced))


def _why(comparison: Comparison, limit: Limit) -> Iterator[str]:
    if limit.name == "diverged" and comparison.diverged and comparison.first_divergence is not None:
        yield comparison.first_divergence.message
    elif limit.name == "failed":
        yield from _failed(comparison)
    elif limit.name == "findings" and comparison.findings.appeared:
        codes = ", ".join(sorted({finding.code for finding in comparison.findings.appeared}))
        yield f"B has findings that A has not: {codes}"
    elif limit.name in MEASURES:
        yield from _grown(comparison, limit)


def _failed(comparison: Comparison) -> Iterator[str]:
    """A run that was cut off in the middle had no time to fail, and is no success."""
    a, b = comparison.a, comparison.b
    if b.open_failures > a.open_failures:
        yield f"{plural(b.open_failures, 'failure')} in B not made good, {a.open_failures:,} in A"
    if b.is_partial and not a.is_partial:
        yield "B is not complete, A is"


def _grown(comparison: Comparison, limit: Limit) -> Iterator[str]:
    before, after = (MEASURES[limit.name](party.total) for party in (comparison.a, comparison.b))
    if after - before > (before * limit.most if limit.is_share else limit.most):
        share = f" ({(after - before) / before:+.1%})".replace("%", " %") if before else ""
        told = (_amount(limit.name, amount) for amount in (before, after, after - before))
        yield "{} in A, {} in B, {} more".format(*told) + share


def _amount(name: str, amount: Decimal) -> str:
    if name == "slower":
        return told_duration(int(amount))
    return f"${exact_dollars(amount)}" if name == "dearer" else f"{amount:,} tokens"
