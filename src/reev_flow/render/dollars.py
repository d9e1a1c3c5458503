"""Dollars as programs and as people read them."""

from decimal import Decimal

CENT = Decimal("0.01")


def exact_dollars(cost: Decimal | None) -> str | None:
    """All of its digits and no more: `0.0123`."""
    if cost is None:
        return None
    told = f"{cost:f}"
    return told.rstrip("0").rstrip(".") if "." in told else told


def told_dollars(cost: Decimal) -> str:
    """To the cent from one cent on, below it with two digits that count: `$1,204.50`, `$0.0031`."""
    if cost == 0 or cost >= CENT:
        return f"${cost:,.2f}"
    places = -cost.adjusted() + 1
    return f"${cost:.{places}f}"
