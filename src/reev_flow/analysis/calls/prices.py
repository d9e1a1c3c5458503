"""What model calls cost, by prices that the user has set; without a price nothing is said.

Amounts are dollars as exact decimals: a price has at most six decimals for a million tokens, so that every cost is a whole number of
trillionths of a dollar.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from reev_flow.trace.span import TokenUsage

if TYPE_CHECKING:  # settings are read by everybody, and who only reads prices looks at no calls
    from reev_flow.analysis.calls.model_calls import ModelCall

TRILLIONTHS = -12  # of a dollar: one token at a millionth of a dollar for a million of them
VERSION = re.compile(r"[-@](?:\d{4}-\d{2}-\d{2}|\d{8}|\d{6}|latest)$|:latest$")  # of the same model


class ModelPrice(msgspec.Struct, frozen=True, kw_only=True):
    """Dollars for a million tokens; what is read from or written to a cache costs as much as other input unless said."""

    model: str
    input: Decimal
    output: Decimal
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None

    def cost(self, usage: TokenUsage) -> Decimal:
        """In dollars. `input` counts what went through a cache, at prices of its own."""
        cached = usage.cache_read + usage.cache_write
        trillionths = (
            max(usage.input - cached, 0) * _trillionths(self.input)
            + usage.cache_read * _trillionths(self.input if self.cache_read is None else self.cache_read)
            + usage.cache_write * _trillionths(self.input if self.cache_write is None else self.cache_write)
            + usage.output * _trillionths(self.output)
        )
        return Decimal(trillionths).scaleb(TRILLIONTHS)


class Prices:
    """Prices by the name of the model, with or without its provider and the date of its version."""

    def __init__(self, prices: Iterable[ModelPrice] = ()) -> None:
        self._by_model = {price.model: price for price in prices}

    def of(self, model: str) -> ModelPrice | None:
        """That of the name itself, else of the name without `openai/` before it, else also without `-2025-04-14` behind it."""
        if not self._by_model:
            return None
        bare = model.rpartition("/")[2]
        names = (model, bare, VERSION.sub("", model), VERSION.sub("", bare))
        return next((self._by_model[name] for name in names if name in self._by_model), None)

    def cost_of(self, call: "ModelCall") -> Decimal | None:
        """None when the price or the tokens are not known."""
        price = self.of(call.model) if call.usage else None
        return price.cost(call.usage) if price and call.usage else None


NO_PRICES = Prices()


def _trillionths(dollars: Decimal) -> int:
    """For one token, of the price of a million."""
    return int(dollars.scaleb(6))
